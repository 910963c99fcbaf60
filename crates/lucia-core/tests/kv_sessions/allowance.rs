//! Tests with a store that accepts a limited number of requests, as Workers KV does for each request of a Worker.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use lucia_core::{
    AdapterError, AdapterErrorKind as Kind, AdapterResult, SessionAdapter, UnixMillis, async_trait,
    kv::{KvPage, KvStore, MemoryKvStore},
};

use crate::{adapter, memory, session};

/// A store that reads a hundred keys per request, writes one, and fails when its allowance is used up.
#[derive(Clone, Debug)]
struct LimitedStore {
    inner: MemoryKvStore,
    left: Arc<AtomicUsize>,
}

impl LimitedStore {
    fn request(&self) -> AdapterResult<&MemoryKvStore> {
        match self.left.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)) {
            Ok(_) => Ok(&self.inner),
            Err(_) => Err(AdapterError::new(Kind::Unavailable)),
        }
    }
}

#[async_trait]
impl KvStore for LimitedStore {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        self.request()?.get(key).await
    }

    async fn get_many(&self, keys: &[&str]) -> AdapterResult<Vec<Option<Vec<u8>>>> {
        let mut values = Vec::with_capacity(keys.len());
        for keys in keys.chunks(100) {
            values.extend(self.request()?.get_many(keys).await?);
        }
        Ok(values)
    }

    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        self.request()?.put(key, value, expires).await
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        self.request()?.delete(key).await
    }

    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage> {
        self.request()?.list(prefix, cursor).await
    }
}

/// Each call makes progress, although the store does not accept enough requests for all sessions.
#[tokio::test]
async fn a_revocation_that_is_always_interrupted_completes_eventually() {
    const ALLOWANCE: usize = 50;
    let store = LimitedStore { inner: memory(), left: Arc::default() };
    let adapter = adapter(store.clone());
    store.left.store(usize::MAX, SeqCst);
    for number in 0..200 {
        adapter.set_session(&session(&format!("s{number}"), "u1")).await.unwrap();
    }
    for attempt in 1.. {
        store.left.store(ALLOWANCE, SeqCst);
        match adapter.delete_sessions_by_user_id(&"u1".into()).await {
            Ok(()) => break,
            Err(error) => assert_eq!(error.kind(), Kind::Unavailable),
        }
        assert!(attempt < 20, "no progress");
    }
    assert_eq!(store.inner.list("session:", None).await.unwrap().keys, [""; 0]);
}
