use std::{
    collections::BTreeMap,
    fmt,
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use super::{KvPage, KvStore};
use crate::{AdapterResult, Clock, UnixMillis};

const PAGE: usize = 1_000;

/// Stores keys and values in memory, for tests and examples.
///
/// Clones share their data. A key is absent once the clock reaches its expiry.
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
    entries: Arc<Mutex<BTreeMap<String, Stored>>>,
    clock: Arc<dyn Clock>,
}

struct Stored {
    value: Vec<u8>,
    expires: UnixMillis,
}

impl MemoryKvStore {
    /// Creates an empty store whose keys expire by `clock`. An adapter has a clock of its own, [`KvConfig::clock`](super::KvConfig::clock).
    #[must_use]
    pub fn new(clock: impl Clock) -> Self {
        Self { entries: Arc::default(), clock: Arc::new(clock) }
    }

    /// Returns the expiry of a key. `None` if the key is absent.
    #[must_use]
    pub fn expires(&self, key: &str) -> Option<UnixMillis> {
        self.entries().get(key).map(|stored| stored.expires).filter(|expires| self.clock.now() < *expires)
    }

    /// Ignores poisoning: no write panics halfway, so the data is consistent.
    fn entries(&self) -> MutexGuard<'_, BTreeMap<String, Stored>> {
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
        let entries = self.entries();
        let stored = entries.get(key).filter(|stored| self.clock.now() < stored.expires);
        Ok(stored.map(|stored| stored.value.clone()))
    }

    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        self.entries().insert(key.to_owned(), Stored { value: value.to_vec(), expires });
        Ok(())
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        self.entries().remove(key);
        Ok(())
    }

    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage> {
        let start = cursor.map_or(Bound::Included(prefix), Bound::Excluded);
        let now = self.clock.now();
        let mut entries = self.entries();
        entries.retain(|_, stored| now < stored.expires);
        let listed = entries.range::<str, _>((start, Bound::Unbounded)).take_while(|(key, _)| key.starts_with(prefix));
        let keys: Vec<_> = listed.map(|(key, _)| key.clone()).take(PAGE).collect();
        let cursor = if keys.len() < PAGE { None } else { keys.last().cloned() };
        Ok(KvPage { keys, cursor })
    }
}
