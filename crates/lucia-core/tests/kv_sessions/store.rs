//! Stores that count what they are asked, that take many keys at once, and that fail at some of them.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use lucia_core::{
    AdapterError, AdapterErrorKind as Kind, AdapterResult, UnixMillis, async_trait,
    kv::{KvEntry, KvPage, KvStore, MemoryKvStore},
};

#[derive(Clone, Debug)]
pub(crate) struct CountingStore {
    pub(crate) inner: MemoryKvStore,
    /// Whether it takes many keys in one request.
    pub(crate) bulk: bool,
    pub(crate) max_key_length: usize,
    pub(crate) expires_keys: bool,
    requests: Arc<Mutex<Vec<&'static str>>>,
}

impl CountingStore {
    pub(crate) fn new(inner: MemoryKvStore, bulk: bool) -> Self {
        Self { inner, bulk, max_key_length: usize::MAX, expires_keys: true, requests: Arc::default() }
    }

    /// What it was asked since the last time.
    pub(crate) fn take(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }

    fn note(&self, request: &'static str) {
        self.requests.lock().unwrap().push(request);
    }
}

#[async_trait]
impl KvStore for CountingStore {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        self.note("get");
        self.inner.get(key).await
    }

    async fn get_many(&self, keys: &[&str]) -> AdapterResult<Vec<Option<Vec<u8>>>> {
        assert!(!keys.is_empty(), "a request for nothing");
        if self.bulk {
            self.note("get_many");
        } else {
            keys.iter().for_each(|_| self.note("get"));
        }
        self.inner.get_many(keys).await
    }

    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        assert!(!value.is_empty(), "some servers drop empty values");
        self.note("put");
        self.inner.put(key, value, expires).await
    }

    async fn put_many(&self, entries: &[KvEntry]) -> AdapterResult<()> {
        assert!(!entries.is_empty(), "a request for nothing");
        if self.bulk {
            self.note("put_many");
        } else {
            entries.iter().for_each(|_| self.note("put"));
        }
        self.inner.put_many(entries).await
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        self.note("delete");
        self.inner.delete(key).await
    }

    async fn delete_many(&self, keys: &[&str]) -> AdapterResult<()> {
        assert!(!keys.is_empty(), "a request for nothing");
        if self.bulk {
            self.note("delete_many");
        } else {
            keys.iter().for_each(|_| self.note("delete"));
        }
        self.inner.delete_many(keys).await
    }

    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage> {
        self.note("list");
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
}

/// A store that fails at some keys, always, and at one of its writes, once.
#[derive(Clone, Debug)]
pub(crate) struct FaultyStore {
    pub(crate) inner: MemoryKvStore,
    /// Which of its keys cannot be read, and which not be deleted.
    pub(crate) unreadable: BTreeSet<String>,
    pub(crate) undeletable: BTreeSet<String>,
    pub(crate) kind: Kind,
    /// The write from now on that fails; 0 for none.
    pub(crate) failing: Arc<AtomicUsize>,
    pub(crate) requests: Arc<AtomicUsize>,
    /// After how many requests it is down.
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

    fn takes_a_write(&self) -> bool {
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
        self.check(self.takes_a_write())?.put(key, value, expires).await
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        self.check(!self.undeletable.contains(key) && self.takes_a_write())?.delete(key).await
    }

    async fn delete_many(&self, keys: &[&str]) -> AdapterResult<()> {
        let is_good = !keys.iter().any(|key| self.undeletable.contains(*key)) && self.takes_a_write();
        self.check(is_good)?.delete_many(keys).await
    }

    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage> {
        self.check(true)?.list(prefix, cursor).await
    }

    fn writes_at_once(&self) -> usize {
        10
    }
}
