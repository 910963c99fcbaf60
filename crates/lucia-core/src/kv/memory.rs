use std::{
    collections::BTreeMap,
    fmt,
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use super::{KvCondition, KvPage, KvStore, KvVersion};
use crate::{AdapterResult, Clock, UnixMillis};

const PAGE: usize = 1_000;

/// Stores keys and values in memory, for tests and examples.
///
/// Clones share their data. A key is absent once the clock reaches its expiry.
///
/// [Conditional writes](KvStore::put_if) work, and an adapter uses them after
/// [`with_conditional_writes`](Self::with_conditional_writes).
///
/// ```
/// use std::sync::Arc;
/// use lucia_core::{ManualClock, UnixMillis, kv::{KvStore, MemoryKvStore}};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> lucia_core::AdapterResult<()> {
/// let clock = Arc::new(ManualClock::new(UnixMillis::EPOCH));
/// let store = MemoryKvStore::new(clock.clone());
/// store.put("key", b"value", UnixMillis::new(1_000)).await?;
/// assert_eq!(store.clone().get("key").await?, Some(b"value".to_vec()));
/// clock.set(UnixMillis::new(1_000));
/// assert_eq!(store.get("key").await?, None);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct MemoryKvStore {
    entries: Arc<Mutex<Entries>>,
    clock: Arc<dyn Clock>,
    conditional: bool,
}

#[derive(Default)]
struct Entries {
    keys: BTreeMap<String, Stored>,
    /// The number of writes, so that no two of them have the same version.
    writes: u64,
}

struct Stored {
    value: Vec<u8>,
    expires: UnixMillis,
    version: u64,
}

impl Entries {
    fn live(&self, key: &str, now: UnixMillis) -> Option<&Stored> {
        self.keys.get(key).filter(|stored| now < stored.expires)
    }

    fn put(&mut self, key: &str, value: &[u8], expires: UnixMillis) {
        self.writes += 1;
        self.keys.insert(key.to_owned(), Stored { value: value.to_vec(), expires, version: self.writes });
    }
}

impl MemoryKvStore {
    /// Creates an empty store whose keys expire by `clock`. An adapter has a clock of its own, [`KvConfig::clock`](super::KvConfig::clock).
    #[must_use]
    pub fn new(clock: impl Clock) -> Self {
        Self { entries: Arc::default(), clock: Arc::new(clock), conditional: false }
    }

    /// Returns the store with [conditional writes](KvStore::conditional), which an adapter then uses. Clones that were
    /// made before are unaffected: create no adapter with them.
    #[must_use]
    pub fn with_conditional_writes(mut self) -> Self {
        self.conditional = true;
        self
    }

    /// Returns the expiry of a key. `None` if the key is absent.
    #[must_use]
    pub fn expires(&self, key: &str) -> Option<UnixMillis> {
        self.entries().live(key, self.clock.now()).map(|stored| stored.expires)
    }

    /// Ignores poisoning: no write panics halfway, so the data is consistent.
    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryKvStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryKvStore").finish_non_exhaustive()
    }
}

#[async_trait]
impl KvStore for MemoryKvStore {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        Ok(self.entries().live(key, self.clock.now()).map(|stored| stored.value.clone()))
    }

    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        self.entries().put(key, value, expires);
        Ok(())
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        self.entries().keys.remove(key);
        Ok(())
    }

    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage> {
        let start = cursor.map_or(Bound::Included(prefix), Bound::Excluded);
        let now = self.clock.now();
        let keys = &mut self.entries().keys;
        keys.retain(|_, stored| now < stored.expires);
        let listed = keys.range::<str, _>((start, Bound::Unbounded)).take_while(|(key, _)| key.starts_with(prefix));
        let keys: Vec<_> = listed.map(|(key, _)| key.clone()).take(PAGE).collect();
        let cursor = if keys.len() < PAGE { None } else { keys.last().cloned() };
        Ok(KvPage { keys, cursor })
    }

    fn conditional(&self) -> bool {
        self.conditional
    }

    async fn get_versioned(&self, key: &str) -> AdapterResult<Option<(Vec<u8>, KvVersion)>> {
        let entries = self.entries();
        let stored = entries.live(key, self.clock.now());
        Ok(stored.map(|stored| (stored.value.clone(), KvVersion::new(stored.version.to_string()))))
    }

    async fn put_if(
        &self,
        key: &str,
        value: &[u8],
        expires: UnixMillis,
        condition: &KvCondition,
    ) -> AdapterResult<bool> {
        let mut entries = self.entries();
        let holds = match (condition, entries.live(key, self.clock.now())) {
            (KvCondition::Absent, stored) => stored.is_none(),
            (KvCondition::Version(version), Some(stored)) => stored.version.to_string() == version.as_str(),
            (KvCondition::Version(_), None) => false,
        };
        if holds {
            entries.put(key, value, expires);
        }
        Ok(holds)
    }
}
