//! Sessions whose time is over, in stores that keep them, and what is left of those that were revoked.

use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionUpdate, UnixMillis, kv::KvStore};

use crate::{HOUR, NOW, adapter, ids, memory, session};

/// Stores may keep a session for longer than it lives. Neither a renewal nor a rotation wakes it up.
#[tokio::test]
async fn u9_a_dead_session_is_not_revived_where_it_is_still_stored() {
    let store = memory();
    let adapter = adapter(store.clone());
    let mut dead = session("s1", "u1");
    dead.idle_expires = UnixMillis::new(NOW.get() - 1);
    store.put("session:s1", dead.to_json().as_bytes(), UnixMillis::MAX).await.unwrap();
    let renewal = SessionUpdate::renewal(NOW.saturating_add(HOUR), NOW.saturating_add(2 * HOUR));
    for outcome in [
        adapter.update_session(&dead.id, &renewal).await,
        adapter.rotate_session(&dead.id, &"s2".into(), &renewal).await,
        adapter.rotate_session(&dead.id, &"s2".into(), &SessionUpdate::default()).await,
    ] {
        assert_eq!(outcome.unwrap_err().kind(), Kind::InvalidSessionId);
    }
    assert_eq!(adapter.get_session(&"s2".into()).await.unwrap(), None);
    let stored = adapter.get_session(&dead.id).await.unwrap();
    assert!(stored.is_none_or(|stored| stored.is_expired(NOW)), "it is alive again");
}

#[tokio::test]
async fn u2_a_revoked_session_leaves_no_index_entry() {
    let store = memory();
    let adapter = adapter(store.clone());
    for id in ["s1", "s2"] {
        adapter.set_session(&session(id, "u1")).await.unwrap();
    }
    adapter.delete_session(&"s1".into()).await.unwrap();
    assert_eq!(store.list("user_session:", None).await.unwrap().keys, ["user_session:u1:s2"]);
    assert_eq!(ids(&adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap()), ["s2"]);
}
