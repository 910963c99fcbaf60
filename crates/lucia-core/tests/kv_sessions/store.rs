//! Stores that count what they are asked, and that take many keys at once.

use std::sync::{Arc, Mutex};

use lucia_core::{
    AdapterResult, UnixMillis, async_trait,
    kv::{KvEntry, KvPage, KvStore, MemoryKvStore},
};

#[derive(Clone, Debug)]
pub(crate) struct CountingStore {
    pub(crate) inner: MemoryKvStore,
    /// Whether it takes many keys in one request.
    pub(crate) bulk: bool,
    pub(crate) max_key_length: usize,
    requests: Arc<Mutex<Vec<&'static str>>>,
}

impl CountingStore {
    pub(crate) fn new(inner: MemoryKvStore, bulk: bool) -> Self {
        Self { inner, bulk, max_key_length: usize::MAX, requests: Arc::default() }
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

    fn writes_at_once(&self) -> usize {
        if self.bulk { 1_000 } else { 1 }
    }

    fn max_key_length(&self) -> usize {
        self.max_key_length
    }
}
