//! Tests with some keys that cannot be read or deleted, among others that can.

use std::{collections::BTreeSet, sync::atomic::Ordering::SeqCst};

use lucia_core::{
    AdapterErrorKind as Kind, AdapterResult, SessionAdapter, SessionUpdate, UnixMillis,
    kv::{KvPage, KvStore},
};

use crate::{HOUR, NOW, adapter, ids, layout, memory, session, store::FaultyStore};

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
async fn an_unreadable_session_does_not_stop_the_revocation_of_others() {
    for kind in [Kind::Unavailable, Kind::Backend] {
        let mut store = store(kind).await;
        store.unreadable.insert("session:s7".to_owned());
        let adapter = adapter(store.clone());
        let error = adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert_eq!(left(&store).await, [""; 0], "the unreadable session is revoked, too");
        adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
    }
}

#[tokio::test]
async fn an_undeletable_session_does_not_stop_the_revocation_of_others() {
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
async fn an_unreadable_mark_or_list_does_not_stop_a_revocation() {
    for key in ["user_session_revoked:u1", "user_session:u1"] {
        let mut store = store(Kind::Backend).await;
        store.unreadable.insert(key.to_owned());
        assert!(adapter(store.clone()).delete_sessions_by_user_id(&"u1".into()).await.is_err());
        assert_eq!(left(&store).await, [""; 0]);
    }
}

/// An unreachable session may be live, so that a list without it would be incomplete; an undecodable one is not a
/// session.
#[tokio::test]
async fn a_list_skips_undecodable_sessions_and_fails_for_unreachable_ones() {
    for kind in [Kind::Unavailable, Kind::Backend, Kind::Decode] {
        let mut store = store(kind).await;
        store.unreadable.insert("session:s7".to_owned());
        let listed = adapter(store).get_sessions_by_user_id(&"u1".into()).await;
        match kind {
            Kind::Decode => assert_eq!(listed.unwrap().len(), SESSIONS - 1),
            _ => assert_eq!(listed.unwrap_err().kind(), kind),
        }
    }
}

#[tokio::test]
async fn an_unreadable_session_does_not_stop_the_deletion_of_expired_ones() {
    let store = store(Kind::Backend).await;
    let mut keeping = NonExpiringStore(store);
    keeping.0.unreadable.insert("session:s7".to_owned());
    let error =
        adapter(keeping.clone()).delete_expired_sessions(NOW.saturating_add(3 * HOUR), 1_000).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Backend);
    assert_eq!(left(&keeping.0).await, ["session:s7"]);
}

/// An outage is distinguished from a bad key.
#[tokio::test]
async fn a_revocation_stops_early_when_the_store_is_down() {
    for requests in 0..30 {
        let mut store = store(Kind::Unavailable).await;
        // The bulk read fails, so that each key is read separately.
        store.unreadable.insert("session:s7".to_owned());
        store.left = requests;
        let revoked = adapter(store.clone()).delete_sessions_by_user_id(&"u1".into()).await;
        assert_eq!(revoked.unwrap_err().kind(), Kind::Unavailable);
        let more = store.requests.load(SeqCst) - requests;
        assert!(more < 15, "{more} requests after {requests}");
        assert_eq!(left(&store).await.len(), SESSIONS);
    }
}

/// Several bad keys in a row are not taken for an outage.
#[tokio::test]
async fn several_bad_sessions_in_a_row_do_not_stop_the_revocation_of_others() {
    let bad: BTreeSet<_> = (100..120).map(|number| format!("session:s{number}")).collect();
    for kind in [Kind::Unavailable, Kind::Backend] {
        let mut store = store(kind).await;
        store.unreadable.clone_from(&bad);
        assert_eq!(revoke_all(&store).await.unwrap_err().kind(), kind);
        assert_eq!(left(&store).await, [""; 0]);
        revoke_all(&store).await.unwrap();
    }
    let mut store = store(Kind::Backend).await;
    store.undeletable.clone_from(&bad);
    assert_eq!(revoke_all(&store).await.unwrap_err().kind(), Kind::Backend);
    assert_eq!(left(&store).await, Vec::from_iter(bad.clone()));

    store.undeletable.clear();
    store.unreadable = bad;
    for number in 130..140 {
        adapter(store.inner.clone()).set_session(&session(&format!("t{number}"), "u1")).await.unwrap();
    }
    let keeping = NonExpiringStore(store.clone());
    let swept = adapter(keeping).delete_expired_sessions(NOW.saturating_add(3 * HOUR), 1_000).await;
    assert_eq!(swept.unwrap_err().kind(), Kind::Backend);
    assert_eq!(left(&store).await, Vec::from_iter(store.unreadable));
}

async fn revoke_all(store: &FaultyStore) -> AdapterResult<()> {
    adapter(store.clone()).delete_sessions_by_user_id(&"u1".into()).await
}

/// Returns a store with sessions that only a list of Lucia JS names.
async fn store_of_lucia_js(list: &str) -> FaultyStore {
    let store = FaultyStore::new(memory(), Kind::Unavailable);
    for id in ["s1", "s2", "s3"] {
        let key = format!("session:{id}");
        store.inner.put(&key, session(id, "u1").to_json().as_bytes(), UnixMillis::MAX).await.unwrap();
    }
    store.inner.put(list, br#"["s1","s2","s3"]"#, UnixMillis::MAX).await.unwrap();
    store
}

const LISTS: [&str; 2] = ["user_session:u1", "user_session:u1:1700000000000"];

#[tokio::test]
async fn k3_a_list_stays_until_all_of_its_sessions_are_revoked() {
    for list in LISTS {
        let mut store = store_of_lucia_js(list).await;
        store.undeletable.insert("session:s2".to_owned());
        revoke_all(&store).await.unwrap_err();
        assert_eq!(left(&store).await, ["session:s2"]);
        revoke_all(&store).await.unwrap_err();
        store.undeletable.clear();
        revoke_all(&store).await.unwrap();
        assert_eq!(left(&store).await, [""; 0], "{list}");
        assert_eq!(store.inner.get(list).await.unwrap(), None);
    }
}

/// A session that is unreadable or partly written may be live.
#[tokio::test]
async fn k3_a_list_stays_until_all_of_its_sessions_are_known() {
    for list in LISTS {
        for kind in [Kind::Unavailable, Kind::Backend, Kind::Decode] {
            let mut store = store_of_lucia_js(list).await;
            store.kind = kind;
            store.unreadable.insert("session:s2".to_owned());
            let listed = adapter(store.clone()).get_sessions_by_user_id(&"u1".into()).await;
            assert_eq!(listed.is_ok(), kind == Kind::Decode, "{kind:?}");
            store.unreadable.clear();
            revoke_all(&store).await.unwrap();
            assert_eq!(left(&store).await, [""; 0], "{list} {kind:?}");
        }
        let store = store_of_lucia_js(list).await;
        let whole = session("s2", "u1").to_json();
        store.inner.put("session:s2", &whole.as_bytes()[..9], UnixMillis::MAX).await.unwrap();
        let listed = adapter(store.clone()).get_sessions_by_user_id(&"u1".into()).await.unwrap();
        assert_eq!(ids(&listed), ["s1", "s3"]);
        store.inner.put("session:s2", whole.as_bytes(), UnixMillis::MAX).await.unwrap();
        revoke_all(&store).await.unwrap();
        assert_eq!(left(&store).await, [""; 0], "{list}");
    }
}

#[tokio::test]
async fn k3_an_unreadable_list_is_an_error() {
    for list in LISTS {
        let tombstone = list.strip_prefix("user_session:u1:").map(|id| layout().revoked_key(&id.into()));
        for key in [Some(list.to_owned()), tombstone].into_iter().flatten() {
            let mut store = store_of_lucia_js(list).await;
            store.unreadable.insert(key);
            assert_eq!(revoke_all(&store).await.unwrap_err().kind(), Kind::Unavailable, "{list}");
            store.unreadable.clear();
            revoke_all(&store).await.unwrap();
            assert_eq!(left(&store).await, [""; 0], "{list}");
        }
        for value in [&br#"["s1","s2""#[..], b"[1,2]", b"{", b"null", b"\xff"] {
            let store = store_of_lucia_js(list).await;
            store.inner.put(list, value, UnixMillis::MAX).await.unwrap();
            let error = revoke_all(&store).await.unwrap_err();
            assert_eq!(error.kind(), Kind::Decode, "{value:?}");
            assert_eq!(store.inner.get(list).await.unwrap().as_deref(), Some(value), "the list is unchanged");
        }
    }
}

/// Whichever write fails, the session is live under one of its ids, and can be renewed and revoked under it.
#[tokio::test]
async fn a_rotation_that_fails_halfway_leaves_one_session() {
    for nth in 1..=6 {
        let store = FaultyStore::new(memory(), Kind::Unavailable);
        let adapter = adapter(store.clone());
        adapter.set_session(&session("old", "u1")).await.unwrap();
        store.failing.store(nth, SeqCst);
        let rotated = adapter.rotate_session(&"old".into(), &"new".into(), &SessionUpdate::default()).await;
        store.failing.store(0, SeqCst);
        let (live, gone) = if rotated.is_ok() { ("new", "old") } else { ("old", "new") };
        assert_eq!(adapter.get_session(&gone.into()).await.unwrap(), None, "{nth}");
        let renewal = SessionUpdate::renewal(NOW.saturating_add(HOUR), NOW.saturating_add(3 * HOUR));
        adapter.update_session(&live.into(), &renewal).await.unwrap();
        assert_eq!(ids(&adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap()), [live], "{nth}");
    }
}

/// A store that keeps expired entries.
#[derive(Clone, Debug)]
struct NonExpiringStore(FaultyStore);

#[lucia_core::async_trait]
impl KvStore for NonExpiringStore {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        self.0.get(key).await
    }

    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        self.0.put(key, value, expires).await
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        self.0.delete(key).await
    }

    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage> {
        self.0.list(prefix, cursor).await
    }

    fn expires_keys(&self) -> bool {
        false
    }
}
