//! Tests of expired sessions in stores that keep them, and of the index after a revocation.

use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionUpdate, UnixMillis, kv::KvStore};

use crate::{HOUR, NOW, adapter, ids, memory, session};

/// Stores may keep a session after its expiry. Neither a renewal nor a rotation revives it.
#[tokio::test]
async fn u9_an_expired_session_that_is_still_stored_is_not_revived() {
    let store = memory();
    let adapter = adapter(store.clone());
    let mut expired = session("s1", "u1");
    expired.idle_expires = UnixMillis::new(NOW.get() - 1);
    store.put("session:s1", expired.to_json().as_bytes(), UnixMillis::MAX).await.unwrap();
    let renewal = SessionUpdate::renewal(NOW.saturating_add(HOUR), NOW.saturating_add(2 * HOUR));
    for outcome in [
        adapter.update_session(&expired.id, &renewal).await,
        adapter.rotate_session(&expired.id, &"s2".into(), &renewal).await,
        adapter.rotate_session(&expired.id, &"s2".into(), &SessionUpdate::default()).await,
    ] {
        assert_eq!(outcome.unwrap_err().kind(), Kind::InvalidSessionId);
    }
    assert_eq!(adapter.get_session(&"s2".into()).await.unwrap(), None);
    let stored = adapter.get_session(&expired.id).await.unwrap();
    assert!(stored.is_none_or(|stored| stored.is_expired(NOW)), "the session is live again");
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
