//! Keys that cannot be read or written, among others that can.

use std::sync::atomic::Ordering::SeqCst;

use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionUpdate, kv::KvStore};

use crate::{HOUR, NOW, adapter, ids, memory, session, store::FaultyStore};

const SESSIONS: usize = 250;

/// A store with sessions `s0` to `s249` of one user, of which `s7` is bad.
async fn store(kind: Kind) -> FaultyStore {
    let store = FaultyStore::new(memory(), kind);
    for number in 0..SESSIONS {
        adapter(store.inner.clone()).set_session(&session(&format!("s{number}"), "u1")).await.unwrap();
    }
    store
}

async fn left(store: &FaultyStore) -> Vec<String> {
    store.inner.list("session:", None).await.unwrap().keys
}

#[tokio::test]
async fn a_session_that_cannot_be_read_keeps_no_other_from_being_revoked() {
    for kind in [Kind::Unavailable, Kind::Backend] {
        let mut store = store(kind).await;
        store.unreadable.insert("session:s7".to_owned());
        let adapter = adapter(store.clone());
        let error = adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (kind, "delete_sessions_by_user_id"));
        assert_eq!(left(&store).await, [""; 0], "and it goes itself");
        adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
    }
}

#[tokio::test]
async fn a_session_that_cannot_be_deleted_keeps_no_other_from_being_revoked() {
    let mut store = store(Kind::Backend).await;
    store.undeletable.insert("session:s7".to_owned());
    let adapter = adapter(store.clone());
    for _ in 0..2 {
        assert_eq!(adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap_err().kind(), Kind::Backend);
        assert_eq!(left(&store).await, ["session:s7"]);
        assert_eq!(ids(&adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap()), ["s7"], "it is still listed");
    }
}

#[tokio::test]
async fn a_mark_or_a_list_that_cannot_be_read_keeps_no_session_from_being_revoked() {
    for key in ["user_session_revoked:u1", "user_session:u1"] {
        let mut store = store(Kind::Backend).await;
        store.unreadable.insert(key.to_owned());
        assert!(adapter(store.clone()).delete_sessions_by_user_id(&"u1".into()).await.is_err());
        assert_eq!(left(&store).await, [""; 0]);
    }
}

/// A list without a session that may come back would show too little.
#[tokio::test]
async fn a_session_that_cannot_be_read_is_left_out_of_a_list_unless_that_may_pass() {
    for kind in [Kind::Unavailable, Kind::Backend] {
        let mut store = store(kind).await;
        store.unreadable.insert("session:s7".to_owned());
        let listed = adapter(store).get_sessions_by_user_id(&"u1".into()).await;
        match kind {
            Kind::Unavailable => assert_eq!(listed.unwrap_err().kind(), kind),
            _ => assert_eq!(listed.unwrap().len(), SESSIONS - 1),
        }
    }
}

#[tokio::test]
async fn a_session_that_cannot_be_read_keeps_no_dead_one_from_being_deleted() {
    let store = store(Kind::Backend).await;
    let mut keeping = Keeping(store);
    keeping.0.unreadable.insert("session:s7".to_owned());
    let error =
        adapter(keeping.clone()).delete_expired_sessions(NOW.saturating_add(3 * HOUR), 1_000).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Backend);
    assert_eq!(left(&keeping.0).await, ["session:s7"]);
}

/// An outage is no bad key.
#[tokio::test]
async fn a_store_that_is_down_is_not_asked_for_every_key() {
    let mut store = store(Kind::Unavailable).await;
    store.unreadable = (0..SESSIONS).map(|number| format!("session:s{number}")).collect();
    assert_eq!(
        adapter(store.clone()).delete_sessions_by_user_id(&"u1".into()).await.unwrap_err().kind(),
        Kind::Unavailable
    );
    assert!(store.requests.load(SeqCst) < 15, "{}", store.requests.load(SeqCst));
    assert_eq!(left(&store).await.len(), SESSIONS);
}

/// Whichever write fails: the session is alive under one of its ids, and can be renewed and revoked there.
#[tokio::test]
async fn a_rotation_that_fails_half_way_leaves_one_session() {
    for nth in 1..=6 {
        let store = FaultyStore::new(memory(), Kind::Unavailable);
        let adapter = adapter(store.clone());
        adapter.set_session(&session("old", "u1")).await.unwrap();
        store.failing.store(nth, SeqCst);
        let rotated = adapter.rotate_session(&"old".into(), &"new".into(), &SessionUpdate::default()).await;
        store.failing.store(0, SeqCst);
        let (alive, gone) = if rotated.is_ok() { ("new", "old") } else { ("old", "new") };
        assert_eq!(adapter.get_session(&gone.into()).await.unwrap(), None, "{nth}");
        let renewal = SessionUpdate::renewal(NOW.saturating_add(HOUR), NOW.saturating_add(3 * HOUR));
        adapter.update_session(&alive.into(), &renewal).await.unwrap();
        assert_eq!(ids(&adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap()), [alive], "{nth}");
    }
}

/// A store that keeps what has expired.
#[derive(Clone, Debug)]
struct Keeping(FaultyStore);

#[lucia_core::async_trait]
impl KvStore for Keeping {
    async fn get(&self, key: &str) -> lucia_core::AdapterResult<Option<Vec<u8>>> {
        self.0.get(key).await
    }

    async fn put(&self, key: &str, value: &[u8], expires: lucia_core::UnixMillis) -> lucia_core::AdapterResult<()> {
        self.0.put(key, value, expires).await
    }

    async fn delete(&self, key: &str) -> lucia_core::AdapterResult<()> {
        self.0.delete(key).await
    }

    async fn list(&self, prefix: &str, cursor: Option<&str>) -> lucia_core::AdapterResult<lucia_core::kv::KvPage> {
        self.0.list(prefix, cursor).await
    }

    fn expires_keys(&self) -> bool {
        false
    }
}
