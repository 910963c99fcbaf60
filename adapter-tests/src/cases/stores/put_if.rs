use lucia_core::{
    UnixMillis,
    kv::{KvCondition, KvStore, KvVersion},
};

use crate::{
    case::{Case, case},
    context::{Stores, task},
    ensure::{CaseError, CaseResult, ensure, ensure_eq},
    sample,
};

pub(super) const CASES: &[Case<dyn KvStore>] = &[
    case!(get_versioned_returns_the_value),
    case!(put_if_absent_inserts_once),
    case!(parallel_put_if_absent_has_one_winner),
    case!(put_if_of_a_version_replaces_it_once),
    case!(parallel_put_if_of_one_version_has_one_winner),
    case!(put_if_of_a_version_of_an_absent_key_writes_nothing),
    case!(put_if_of_a_version_before_a_deletion_writes_nothing),
    case!(put_if_absent_treats_an_expired_key_as_get_does),
    case!(put_if_is_listed),
];

const FOREVER: UnixMillis = UnixMillis::MAX;
const WRITERS: usize = 10;

fn key() -> String {
    format!("session:{}", sample::text(20))
}

impl Stores {
    async fn put_if(&self, key: &str, value: &str, condition: &KvCondition) -> CaseResult<bool> {
        Ok(self.adapter.put_if(key, value.as_bytes(), FOREVER, condition).await?)
    }

    async fn put(&self, key: &str, value: &str) -> CaseResult {
        Ok(self.adapter.put(key, value.as_bytes(), FOREVER).await?)
    }

    /// Returns the version of a key that exists.
    async fn version(&self, key: &str) -> CaseResult<KvVersion> {
        let found = self.adapter.get_versioned(key).await?;
        found.map(|(_, version)| version).ok_or_else(|| CaseError::new("a key that was set is absent"))
    }

    async fn ensure_value(&self, key: &str, value: Option<&str>, what: &str) -> CaseResult {
        let text = |value: Vec<u8>| String::from_utf8_lossy(&value).into_owned();
        let expected = value.map(str::to_owned);
        ensure_eq(&self.adapter.get(key).await?.map(text), &expected, what)?;
        let versioned = self.adapter.get_versioned(key).await?;
        ensure_eq(&versioned.map(|(value, _)| text(value)), &expected, &format!("{what}, read with its version"))
    }

    /// Writes values in parallel, of which one must succeed.
    async fn ensure_one_winner(&self, key: &str, condition: &KvCondition) -> CaseResult {
        let values: Vec<_> = (0..WRITERS).map(|number| format!("value {number}")).collect();
        let tasks = values.iter().cloned().map(|value| {
            let (store, key, condition) = (self.adapter(), key.to_owned(), condition.clone());
            task(async move { store.put_if(&key, value.as_bytes(), FOREVER, &condition).await })
        });
        let mut winners = Vec::new();
        for (value, outcome) in values.iter().zip(self.concurrently(tasks).await?) {
            if outcome? {
                winners.push(value);
            }
        }
        ensure(winners.len() == 1, format!("{} of {WRITERS} parallel writes succeeded", winners.len()))?;
        self.ensure_value(key, Some(winners[0]), "the winner's value").await
    }
}

async fn get_versioned_returns_the_value(cx: Stores) -> CaseResult {
    ensure(cx.adapter.conditional(), "`conditional` returns `false`")?;
    let key = key();
    cx.ensure_value(&key, None, "a key that was never set").await?;
    cx.put(&key, "1").await?;
    cx.ensure_value(&key, Some("1"), "a key that was set").await?;
    let [one, other] = [cx.version(&key).await?, cx.version(&key).await?];
    ensure(one == other, "the version changed without a write")?;
    cx.adapter.delete(&key).await?;
    cx.ensure_value(&key, None, "a key that was deleted").await
}

async fn put_if_absent_inserts_once(cx: Stores) -> CaseResult {
    let (key, other) = (key(), key());
    ensure(cx.put_if(&key, "1", &KvCondition::Absent).await?, "a free key is refused")?;
    ensure(!cx.put_if(&key, "2", &KvCondition::Absent).await?, "a key that was inserted is inserted again")?;
    cx.ensure_value(&key, Some("1"), "the key that was inserted").await?;
    cx.put(&other, "1").await?;
    ensure(!cx.put_if(&other, "2", &KvCondition::Absent).await?, "a key that was set is inserted")?;
    cx.ensure_value(&other, Some("1"), "the key that was set").await?;
    cx.adapter.delete(&key).await?;
    ensure(cx.put_if(&key, "3", &KvCondition::Absent).await?, "a key that was deleted is refused")?;
    cx.ensure_value(&key, Some("3"), "the key that was inserted again").await
}

async fn parallel_put_if_absent_has_one_winner(cx: Stores) -> CaseResult {
    for _ in 0..8 {
        cx.ensure_one_winner(&key(), &KvCondition::Absent).await?;
    }
    Ok(())
}

async fn put_if_of_a_version_replaces_it_once(cx: Stores) -> CaseResult {
    let key = key();
    cx.put(&key, "1").await?;
    let first = KvCondition::Version(cx.version(&key).await?);
    ensure(cx.put_if(&key, "2", &first).await?, "the current version is refused")?;
    ensure(!cx.put_if(&key, "3", &first).await?, "a version that `put_if` replaced is written")?;
    cx.ensure_value(&key, Some("2"), "the key after `put_if`").await?;
    let second = KvCondition::Version(cx.version(&key).await?);
    cx.put(&key, "4").await?;
    ensure(!cx.put_if(&key, "5", &second).await?, "a version that `put` replaced is written")?;
    cx.ensure_value(&key, Some("4"), "the key after `put`").await
}

async fn parallel_put_if_of_one_version_has_one_winner(cx: Stores) -> CaseResult {
    let key = key();
    cx.put(&key, "the first value").await?;
    for _ in 0..8 {
        let current = KvCondition::Version(cx.version(&key).await?);
        cx.ensure_one_winner(&key, &current).await?;
        cx.put(&key, &sample::text(10)).await?;
    }
    Ok(())
}

async fn put_if_of_a_version_of_an_absent_key_writes_nothing(cx: Stores) -> CaseResult {
    let (key, never) = (key(), key());
    cx.put(&key, "1").await?;
    let before = KvCondition::Version(cx.version(&key).await?);
    cx.adapter.delete(&key).await?;
    for absent in [&key, &never] {
        ensure(!cx.put_if(absent, "2", &before).await?, "a version of an absent key is written")?;
        cx.ensure_value(absent, None, "the absent key").await?;
    }
    Ok(())
}

async fn put_if_of_a_version_before_a_deletion_writes_nothing(cx: Stores) -> CaseResult {
    let key = key();
    cx.put(&key, "1").await?;
    let before = KvCondition::Version(cx.version(&key).await?);
    cx.adapter.delete(&key).await?;
    cx.put(&key, "2").await?;
    ensure(!cx.put_if(&key, "3", &before).await?, "a version of the time before a deletion is written")?;
    cx.ensure_value(&key, Some("2"), "the key that was set again").await
}

/// A store may keep a key after its expiry.
async fn put_if_absent_treats_an_expired_key_as_get_does(cx: Stores) -> CaseResult {
    let (key, past) = (key(), UnixMillis::new(cx.now().get() - 1_000));
    cx.adapter.put(&key, b"1", past).await?;
    let is_absent = cx.adapter.get(&key).await?.is_none();
    cx.ensure_value(&key, if is_absent { None } else { Some("1") }, "an expired key").await?;
    let inserted = cx.put_if(&key, "2", &KvCondition::Absent).await?;
    ensure(inserted || !is_absent, "an expired key that `get` does not show is refused")?;
    cx.ensure_value(&key, Some(if inserted { "2" } else { "1" }), "the key after `put_if`").await
}

async fn put_if_is_listed(cx: Stores) -> CaseResult {
    let (key, prefix) = (key(), "session:");
    ensure(cx.put_if(&key, "1", &KvCondition::Absent).await?, "a free key is refused")?;
    ensure_eq(&cx.adapter.list(prefix, None).await?.keys, &vec![key.clone()], "the keys after an insertion")?;
    let inserted = KvCondition::Version(cx.version(&key).await?);
    ensure(cx.put_if(&key, "2", &inserted).await?, "the current version is refused")?;
    ensure_eq(&cx.adapter.list(prefix, None).await?.keys, &vec![key], "the keys after a replacement")
}
