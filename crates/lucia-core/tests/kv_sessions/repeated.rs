//! Requests that a service carried out, whose answer was lost, and that were made again.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::SeqCst},
};

use lucia_core::{
    AdapterErrorKind as Kind, AdapterResult, SessionAdapter, SessionUpdate, UnixMillis, async_trait,
    kv::{KvPage, KvStore, MemoryKvStore},
};

use crate::{adapter, memory, session};

/// Carries out every write of a session twice. Before the second time all sessions of the user are revoked.
#[derive(Clone, Debug)]
struct Repeating {
    inner: MemoryKvStore,
    repeats: Arc<AtomicBool>,
}

#[async_trait]
impl KvStore for Repeating {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        self.inner.get(key).await
    }

    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        self.inner.put(key, value, expires).await?;
        if key.starts_with("session:") && self.repeats.load(SeqCst) {
            adapter(self.inner.clone()).delete_sessions_by_user_id(&"u1".into()).await?;
            assert_eq!(self.inner.get(key).await?, None, "revoked");
            self.inner.put(key, value, expires).await?;
        }
        Ok(())
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        self.inner.delete(key).await
    }

    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage> {
        self.inner.list(prefix, cursor).await
    }
}

#[tokio::test]
async fn no_session_comes_back_with_a_write_that_is_made_again() {
    let store = Repeating { inner: memory(), repeats: Arc::default() };
    let adapter = adapter(store.clone());
    adapter.set_session(&session("old", "u1")).await.unwrap();
    store.repeats.store(true, SeqCst);
    // Created, and revoked a moment later.
    adapter.set_session(&session("s1", "u1")).await.unwrap();
    assert_eq!(adapter.get_session(&"s1".into()).await.unwrap(), None);

    store.repeats.store(false, SeqCst);
    adapter.set_session(&session("s2", "u1")).await.unwrap();
    store.repeats.store(true, SeqCst);
    let rotated = adapter.rotate_session(&"s2".into(), &"s3".into(), &SessionUpdate::default()).await;
    assert_eq!(rotated.unwrap_err().kind(), Kind::InvalidSessionId);
    for id in ["s2", "s3"] {
        assert_eq!(adapter.get_session(&id.into()).await.unwrap(), None, "{id}");
    }
}
