use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use adapter_cloudflare_kv::CloudflareKvStore;
use async_trait::async_trait;
use lucia_core::{
    AdapterError, AdapterErrorKind, AdapterResult, UnixMillis,
    kv::{KvPage, KvStore},
};

/// A namespace that counts requests, and in which a write can be made to fail.
#[derive(Clone, Debug)]
pub(crate) struct WatchedStore {
    store: CloudflareKvStore,
    requests: Arc<AtomicUsize>,
    /// The number of writes up to the one that fails; 0 if none fails.
    until_failure: Arc<AtomicUsize>,
}

impl WatchedStore {
    pub(crate) fn new(store: CloudflareKvStore) -> Self {
        Self { store, requests: Arc::default(), until_failure: Arc::default() }
    }

    pub(crate) fn fail_write(&self, nth: usize) {
        self.until_failure.store(nth, Ordering::SeqCst);
    }

    /// Returns the number of requests since the last call.
    pub(crate) fn take_requests(&self) -> usize {
        self.requests.swap(0, Ordering::SeqCst)
    }

    fn reading(&self, requests: usize) -> &CloudflareKvStore {
        self.requests.fetch_add(requests, Ordering::SeqCst);
        &self.store
    }

    fn writing(&self) -> AdapterResult<&CloudflareKvStore> {
        if self.until_failure.load(Ordering::SeqCst) > 0 && self.until_failure.fetch_sub(1, Ordering::SeqCst) == 1 {
            return Err(AdapterError::new(AdapterErrorKind::Unavailable));
        }
        Ok(self.reading(1))
    }
}

#[async_trait]
impl KvStore for WatchedStore {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        self.reading(1).get(key).await
    }

    async fn get_many(&self, keys: &[&str]) -> AdapterResult<Vec<Option<Vec<u8>>>> {
        self.reading(keys.len().div_ceil(100)).get_many(keys).await
    }

    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        self.writing()?.put(key, value, expires).await
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        self.writing()?.delete(key).await
    }

    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage> {
        self.reading(1).list(prefix, cursor).await
    }

    fn writes_at_once(&self) -> usize {
        self.store.writes_at_once()
    }

    fn max_key_length(&self) -> usize {
        self.store.max_key_length()
    }
}
