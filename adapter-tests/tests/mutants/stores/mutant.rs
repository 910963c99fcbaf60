use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
};

use lucia_core::{
    AdapterResult, UnixMillis, async_trait,
    kv::{KvCondition, KvPage, KvStore, KvVersion},
};

/// A bug of conditional writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    None,
    /// `conditional` returns `false`.
    IsDenied,
    /// The condition is ignored.
    AlwaysWrites,
    /// The value is read first, and written by a second request.
    ReadsFirst,
    /// The answer is `true` even if nothing was written.
    AlwaysTrue,
    /// An absent key has any version.
    AbsentMatches,
    /// The version is the number of writes since the key was inserted.
    VersionsRestart,
    /// Only `put_if` changes the version.
    PutKeepsTheVersion,
    /// An expired key, which `get` does not show, is taken.
    ExpiredIsTaken,
    /// Keys that `put_if` writes are not listed.
    Unlisted,
    /// The version changes with every read.
    VersionOfTheRead,
}

/// The cases that each broken store fails.
pub(crate) const EXPECTED: &[(Bug, &[&str])] = &[
    (Bug::None, &[]),
    (Bug::IsDenied, &["get_versioned_returns_the_value"]),
    (
        Bug::AlwaysWrites,
        &[
            "put_if_absent_inserts_once",
            "parallel_put_if_absent_has_one_winner",
            "put_if_of_a_version_replaces_it_once",
            "parallel_put_if_of_one_version_has_one_winner",
            "put_if_of_a_version_of_an_absent_key_writes_nothing",
            "put_if_of_a_version_before_a_deletion_writes_nothing",
        ],
    ),
    (Bug::ReadsFirst, &["parallel_put_if_absent_has_one_winner", "parallel_put_if_of_one_version_has_one_winner"]),
    (
        Bug::AlwaysTrue,
        &[
            "put_if_absent_inserts_once",
            "parallel_put_if_absent_has_one_winner",
            "put_if_of_a_version_replaces_it_once",
            "parallel_put_if_of_one_version_has_one_winner",
            "put_if_of_a_version_of_an_absent_key_writes_nothing",
            "put_if_of_a_version_before_a_deletion_writes_nothing",
        ],
    ),
    (Bug::AbsentMatches, &["put_if_of_a_version_of_an_absent_key_writes_nothing"]),
    (Bug::VersionsRestart, &["put_if_of_a_version_before_a_deletion_writes_nothing"]),
    (Bug::PutKeepsTheVersion, &["put_if_of_a_version_replaces_it_once"]),
    (Bug::ExpiredIsTaken, &["put_if_absent_treats_an_expired_key_as_get_does"]),
    (Bug::Unlisted, &["put_if_is_listed"]),
    (
        Bug::VersionOfTheRead,
        &[
            "get_versioned_returns_the_value",
            "put_if_of_a_version_replaces_it_once",
            "parallel_put_if_of_one_version_has_one_winner",
            "put_if_is_listed",
        ],
    ),
];

/// A store in memory with one bug.
#[derive(Debug)]
pub(crate) struct Mutant {
    pub(super) keys: Mutex<BTreeMap<String, Stored>>,
    /// The number of requests.
    pub(super) requests: AtomicU64,
    pub(super) now: UnixMillis,
    pub(super) bug: Bug,
}

#[derive(Clone, Debug)]
pub(super) struct Stored {
    value: Vec<u8>,
    expires: UnixMillis,
    version: u64,
    is_listed: bool,
}

impl Mutant {
    fn keys(&self) -> MutexGuard<'_, BTreeMap<String, Stored>> {
        self.keys.lock().unwrap()
    }

    fn find(&self, key: &str) -> Option<Stored> {
        self.keys().get(key).filter(|stored| self.now < stored.expires).cloned()
    }

    fn write(&self, key: &str, value: &[u8], expires: UnixMillis, is_conditional: bool) {
        let number = self.requests.fetch_add(1, SeqCst);
        let before = self.keys().get(key).map(|stored| stored.version);
        let version = match self.bug {
            Bug::VersionsRestart => before.map_or(1, |version| version + 1),
            Bug::PutKeepsTheVersion if !is_conditional => before.unwrap_or(number),
            _ => number,
        };
        let is_listed = !(is_conditional && self.bug == Bug::Unlisted);
        self.keys().insert(key.to_owned(), Stored { value: value.to_vec(), expires, version, is_listed });
    }
}

#[async_trait]
impl KvStore for Mutant {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        Ok(self.find(key).map(|stored| stored.value))
    }

    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        self.write(key, value, expires, false);
        Ok(())
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        self.keys().remove(key);
        Ok(())
    }

    async fn list(&self, prefix: &str, _cursor: Option<&str>) -> AdapterResult<KvPage> {
        let keys = self.keys();
        let listed = keys.iter().filter(|(key, stored)| key.starts_with(prefix) && stored.is_listed);
        Ok(KvPage { keys: listed.map(|(key, _)| key.clone()).collect(), cursor: None })
    }

    fn conditional(&self) -> bool {
        self.bug != Bug::IsDenied
    }

    async fn get_versioned(&self, key: &str) -> AdapterResult<Option<(Vec<u8>, KvVersion)>> {
        let found = self.find(key);
        Ok(found.map(|Stored { value, version, .. }| {
            let is_of_the_read = self.bug == Bug::VersionOfTheRead;
            let read = is_of_the_read.then(|| format!(" {}", self.requests.fetch_add(1, SeqCst)));
            (value, KvVersion::new(version.to_string() + &read.unwrap_or_default()))
        }))
    }

    async fn put_if(
        &self,
        key: &str,
        value: &[u8],
        expires: UnixMillis,
        condition: &KvCondition,
    ) -> AdapterResult<bool> {
        let found = match self.bug {
            Bug::ExpiredIsTaken => self.keys().get(key).cloned(),
            _ => self.find(key),
        };
        let holds = match (condition, found) {
            (KvCondition::Absent, found) => found.is_none(),
            (KvCondition::Version(version), Some(found)) => found.version.to_string() == version.as_str(),
            (KvCondition::Version(_), None) => self.bug == Bug::AbsentMatches,
        };
        if self.bug == Bug::ReadsFirst {
            tokio::task::yield_now().await;
        }
        if holds || self.bug == Bug::AlwaysWrites {
            self.write(key, value, expires, true);
        }
        Ok(holds || matches!(self.bug, Bug::AlwaysWrites | Bug::AlwaysTrue))
    }
}
