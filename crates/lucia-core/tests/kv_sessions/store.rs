//! Stores for the tests: one that counts requests, and one that fails for some keys.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use lucia_core::{
    AdapterError, AdapterErrorKind as Kind, AdapterResult, UnixMillis, async_trait,
    kv::{KvCondition, KvEntry, KvPage, KvStore, KvVersion, MemoryKvStore},
};

/// A store that records its requests.
#[derive(Clone, Debug)]
pub(crate) struct CountingStore {
    pub(crate) inner: MemoryKvStore,
    /// Whether one request takes many keys.
    pub(crate) bulk: bool,
    pub(crate) max_key_length: usize,
    pub(crate) expires_keys: bool,
    requests: Arc<Mutex<Vec<&'static str>>>,
}

impl CountingStore {
    pub(crate) fn new(inner: MemoryKvStore, bulk: bool) -> Self {
        Self { inner, bulk, max_key_length: usize::MAX, expires_keys: true, requests: Arc::default() }
    }

    /// Returns the requests since the last call.
    pub(crate) fn take(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }

    fn record(&self, request: &'static str) {
        self.requests.lock().unwrap().push(request);
    }
}

#[async_trait]
impl KvStore for CountingStore {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        self.record("get");
        self.inner.get(key).await
    }

    async fn get_many(&self, keys: &[&str]) -> AdapterResult<Vec<Option<Vec<u8>>>> {
        assert!(!keys.is_empty(), "a request without keys");
        if self.bulk {
            self.record("get_many");
        } else {
            keys.iter().for_each(|_| self.record("get"));
        }
        self.inner.get_many(keys).await
    }

    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        assert!(!value.is_empty(), "some servers drop empty values");
        self.record("put");
        self.inner.put(key, value, expires).await
    }

    async fn put_many(&self, entries: &[KvEntry]) -> AdapterResult<()> {
        assert!(!entries.is_empty(), "a request without keys");
        if self.bulk {
            self.record("put_many");
        } else {
            entries.iter().for_each(|_| self.record("put"));
        }
        self.inner.put_many(entries).await
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        self.record("delete");
        self.inner.delete(key).await
    }

    async fn delete_many(&self, keys: &[&str]) -> AdapterResult<()> {
        assert!(!keys.is_empty(), "a request without keys");
        if self.bulk {
            self.record("delete_many");
        } else {
            keys.iter().for_each(|_| self.record("delete"));
        }
        self.inner.delete_many(keys).await
    }

    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage> {
        self.record("list");
        self.inner.list(prefix, cursor).await
    }

    fn expires_keys(&self) -> bool {
        self.expires_keys
    }

    fn writes_at_once(&self) -> usize {
        if self.bulk { 1_000 } else { 1 }
    }

    fn max_key_length(&self) -> usize {
        self.max_key_length
    }

    fn conditional(&self) -> bool {
        self.inner.conditional()
    }

    async fn get_versioned(&self, key: &str) -> AdapterResult<Option<(Vec<u8>, KvVersion)>> {
        self.record("get_versioned");
        self.inner.get_versioned(key).await
    }

    async fn put_if(
        &self,
        key: &str,
        value: &[u8],
        expires: UnixMillis,
        condition: &KvCondition,
    ) -> AdapterResult<bool> {
        assert!(!value.is_empty(), "some servers drop empty values");
        self.record("put_if");
        self.inner.put_if(key, value, expires, condition).await
    }
}

/// A store that fails for some keys, at one of its writes, and after a number of requests.
#[derive(Clone, Debug)]
pub(crate) struct FaultyStore {
    pub(crate) inner: MemoryKvStore,
    /// The keys that cannot be read, and those that cannot be deleted.
    pub(crate) unreadable: BTreeSet<String>,
    pub(crate) undeletable: BTreeSet<String>,
    pub(crate) kind: Kind,
    /// The number of the next write that fails, from 1; 0 for no failure.
    pub(crate) failing: Arc<AtomicUsize>,
    pub(crate) requests: Arc<AtomicUsize>,
    /// The number of requests after which the store is down.
    pub(crate) left: usize,
}

impl FaultyStore {
    pub(crate) fn new(inner: MemoryKvStore, kind: Kind) -> Self {
        let (unreadable, undeletable) = (BTreeSet::new(), BTreeSet::new());
        let (failing, requests) = (Arc::default(), Arc::default());
        Self { inner, unreadable, undeletable, kind, failing, requests, left: usize::MAX }
    }

    fn check(&self, is_good: bool) -> AdapterResult<&MemoryKvStore> {
        let is_up = self.requests.fetch_add(1, SeqCst) < self.left;
        if is_good && is_up { Ok(&self.inner) } else { Err(AdapterError::new(self.kind)) }
    }

    fn accepts_write(&self) -> bool {
        self.failing.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)) != Ok(1)
    }
}

#[async_trait]
impl KvStore for FaultyStore {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        self.check(!self.unreadable.contains(key))?.get(key).await
    }

    async fn get_many(&self, keys: &[&str]) -> AdapterResult<Vec<Option<Vec<u8>>>> {
        self.check(!keys.iter().any(|key| self.unreadable.contains(*key)))?.get_many(keys).await
    }

    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        self.check(self.accepts_write())?.put(key, value, expires).await
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        self.check(!self.undeletable.contains(key) && self.accepts_write())?.delete(key).await
    }

    async fn delete_many(&self, keys: &[&str]) -> AdapterResult<()> {
        let is_good = !keys.iter().any(|key| self.undeletable.contains(*key)) && self.accepts_write();
        self.check(is_good)?.delete_many(keys).await
    }

    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage> {
        self.check(true)?.list(prefix, cursor).await
    }

    fn writes_at_once(&self) -> usize {
        10
    }
}
