//! Tests of requests that are repeated because the response was lost.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::SeqCst},
};

use lucia_core::{
    AdapterErrorKind as Kind, AdapterResult, SessionAdapter, SessionUpdate, UnixMillis, async_trait,
    kv::{KvPage, KvStore, MemoryKvStore},
};

use crate::{HOUR, NOW, adapter, memory, session};

/// A store that repeats every write of a session. Before the repetition the session is revoked, alone or with all
/// others of its user.
#[derive(Clone, Debug)]
struct Repeating {
    inner: MemoryKvStore,
    repeats: Arc<AtomicBool>,
    revokes_all: bool,
}

impl Repeating {
    async fn revoke(&self, key: &str) -> AdapterResult<()> {
        let adapter = adapter(self.inner.clone());
        match adapter.layout().parse_session_key(key) {
            Some(id) if !self.revokes_all => adapter.delete_session(&id).await,
            _ => adapter.delete_sessions_by_user_id(&"u1".into()).await,
        }
    }
}

#[async_trait]
impl KvStore for Repeating {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        self.inner.get(key).await
    }

    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        self.inner.put(key, value, expires).await?;
        if key.starts_with("session:") && self.repeats.load(SeqCst) {
            self.revoke(key).await?;
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
async fn a_repeated_write_does_not_revive_a_session() {
    for revokes_all in [false, true] {
        let store = Repeating { inner: memory(), repeats: Arc::default(), revokes_all };
        let adapter = adapter(store.clone());
        adapter.set_session(&session("renewed", "u1")).await.unwrap();
        store.repeats.store(true, SeqCst);
        let renewal = SessionUpdate::renewal(NOW.saturating_add(2 * HOUR), NOW.saturating_add(3 * HOUR));
        let renewed = adapter.update_session(&"renewed".into(), &renewal).await;
        assert_eq!(renewed.unwrap_err().kind(), Kind::InvalidSessionId);
        adapter.set_session(&session("created", "u1")).await.unwrap();

        store.repeats.store(false, SeqCst);
        adapter.set_session(&session("moving", "u1")).await.unwrap();
        store.repeats.store(true, SeqCst);
        let rotated = adapter.rotate_session(&"moving".into(), &"moved".into(), &SessionUpdate::default()).await;
        assert_eq!(rotated.unwrap_err().kind(), Kind::InvalidSessionId);
        for id in ["created", "renewed", "moving", "moved"] {
            assert_eq!(adapter.get_session(&id.into()).await.unwrap(), None, "{id}");
        }
    }
}

/// Its tombstone would end the new session at its first renewal.
#[tokio::test]
async fn a_session_cannot_be_rotated_to_a_revoked_id() {
    let adapter = adapter(memory());
    for id in ["revoked", "s1"] {
        adapter.set_session(&session(id, "u1")).await.unwrap();
    }
    adapter.delete_session(&"revoked".into()).await.unwrap();
    let rotated = adapter.rotate_session(&"s1".into(), &"revoked".into(), &SessionUpdate::default()).await;
    assert_eq!(rotated.unwrap_err().kind(), Kind::DuplicateSessionId);
    assert_eq!(adapter.get_session(&"s1".into()).await.unwrap(), Some(session("s1", "u1")));
}
