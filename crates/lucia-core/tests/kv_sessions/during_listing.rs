//! What happens while a revocation of all sessions lists them, in a store that keeps expired keys.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use lucia_core::{
    AdapterResult, SessionAdapter, SessionUpdate, UnixMillis, async_trait,
    kv::{KvCondition, KvPage, KvStore, KvVersion, MemoryKvStore},
};

use crate::{adapter, memory, session};

const MARK: &str = "user_session_revoked:u1";

/// A store whose first listing of the index takes so long that meanwhile a session is rotated and perhaps changed, and
/// deletions of an expired mark of the user may arrive, as if several processes delete expired keys. The listing contains
/// only keys that exist from its start to its end.
#[derive(Clone, Debug)]
struct SlowStore {
    inner: MemoryKvStore,
    deletes_mark: bool,
    changes: bool,
    /// Whether every read shows that there is no mark.
    hides_mark: bool,
    listings: Arc<AtomicUsize>,
}

impl SlowStore {
    fn new(inner: MemoryKvStore) -> Self {
        Self { inner, deletes_mark: false, changes: false, hides_mark: false, listings: Arc::default() }
    }

    async fn delete_mark(&self) -> AdapterResult<()> {
        if self.deletes_mark { self.inner.delete(MARK).await } else { Ok(()) }
    }

    async fn rotate(&self) -> AdapterResult<()> {
        let adapter = adapter(self.inner.clone());
        self.delete_mark().await?;
        adapter.rotate_session(&"s2".into(), &"s1".into(), &SessionUpdate::default()).await?;
        self.delete_mark().await?;
        if self.changes {
            let later = session("s1", "u1").idle_expires.saturating_add(crate::HOUR);
            adapter.update_session(&"s1".into(), &SessionUpdate::renewal(later, later)).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl KvStore for SlowStore {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        if self.hides_mark && key == MARK { Ok(None) } else { self.inner.get(key).await }
    }

    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        self.inner.put(key, value, expires).await
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        self.inner.delete(key).await
    }

    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage> {
        let mut page = self.inner.list(prefix, cursor).await?;
        if self.listings.fetch_add(1, SeqCst) == 0 && !page.keys.is_empty() {
            self.rotate().await?;
            let keys = self.inner.list(prefix, cursor).await?.keys;
            page.keys.retain(|key| keys.contains(key));
        }
        Ok(page)
    }

    fn expires_keys(&self) -> bool {
        false
    }

    fn conditional(&self) -> bool {
        self.inner.conditional()
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
    for inner in [memory(), memory().with_conditional_writes()] {
        let store = SlowStore { deletes_mark: true, ..SlowStore::new(inner) };
        let adapter = adapter(store.clone());
        adapter.set_session(&session("s2", "u1")).await.unwrap();
        adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
        for id in ["s1", "s2"] {
            assert_eq!(adapter.get_session(&id.into()).await.unwrap(), None, "{id} {store:?}");
        }
    }
}

/// A stale copy looks the same as a mark that was deleted.
#[tokio::test]
async fn a_store_that_never_shows_the_mark_is_listed_twice() {
    let store = SlowStore { hides_mark: true, ..SlowStore::new(memory()) };
    let adapter = adapter(store.clone());
    adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
    assert_eq!(store.listings.load(SeqCst), 2);
    adapter.set_session(&session("s1", "u1")).await.unwrap();
    adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
    assert_eq!(adapter.get_session(&"s1".into()).await.unwrap(), None);
}

/// One request rotates the session of a device and renews it, while another ends all sessions except it.
#[tokio::test]
async fn a_kept_session_that_is_rotated_and_changed_is_kept() {
    let store = SlowStore { changes: true, ..SlowStore::new(memory().with_conditional_writes()) };
    let adapter = adapter(store.clone());
    adapter.set_session(&session("s2", "u1")).await.unwrap();
    adapter.delete_other_sessions(&"u1".into(), &"s2".into()).await.unwrap();
    assert!(adapter.get_session(&"s1".into()).await.unwrap().is_some());
}
