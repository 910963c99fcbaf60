//! A mark of a rotation that is deleted as an expired one.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::SeqCst},
};

use lucia_core::{
    AdapterResult, SessionAdapter, SessionUpdate, UnixMillis, async_trait,
    kv::{KvCondition, KvPage, KvStore, KvVersion, MemoryKvStore},
};

use crate::{adapter, memory, session};

/// A store whose first listing takes so long that meanwhile a session is rotated, and a deletion of the user's expired
/// mark arrives, as if two processes delete expired keys. The listing contains only keys that exist from its start to its
/// end.
#[derive(Clone, Debug)]
struct SlowStore {
    inner: MemoryKvStore,
    is_slow: Arc<AtomicBool>,
}

#[async_trait]
impl KvStore for SlowStore {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        self.inner.get(key).await
    }

    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        self.inner.put(key, value, expires).await
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        self.inner.delete(key).await
    }

    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage> {
        let mut page = self.inner.list(prefix, cursor).await?;
        if self.is_slow.swap(false, SeqCst) {
            adapter(self.inner.clone()).rotate_session(&"s2".into(), &"s1".into(), &SessionUpdate::default()).await?;
            self.inner.delete("user_session_revoked:u1").await?;
            let keys = self.inner.list(prefix, cursor).await?.keys;
            page.keys.retain(|key| keys.contains(key));
        }
        Ok(page)
    }

    fn conditional(&self) -> bool {
        true
    }

    async fn get_versioned(&self, key: &str) -> AdapterResult<Option<(Vec<u8>, KvVersion)>> {
        self.inner.get_versioned(key).await
    }

    async fn put_if(
        &self,
        key: &str,
        value: &[u8],
        expires: UnixMillis,
        condition: &KvCondition,
    ) -> AdapterResult<bool> {
        self.inner.put_if(key, value, expires, condition).await
    }
}

#[tokio::test]
async fn a_deletion_that_arrives_late_hides_no_rotation_from_a_revocation_of_all() {
    let store = SlowStore { inner: memory().with_conditional_writes(), is_slow: Arc::default() };
    let adapter = adapter(store.clone());
    adapter.set_session(&session("s2", "u1")).await.unwrap();
    store.is_slow.store(true, SeqCst);
    adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
    for id in ["s1", "s2"] {
        assert_eq!(adapter.get_session(&id.into()).await.unwrap(), None, "{id}");
    }
}
