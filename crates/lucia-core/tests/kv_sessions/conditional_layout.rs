//! Tests of what a store with conditional writes holds: tombstones in the keys of sessions, and data of Lucia JS.

use std::{sync::Arc, time::Duration};

use lucia_core::{
    AdapterErrorKind as Kind, ManualClock, SessionAdapter, SessionScan as _, SessionToken, SessionUpdate, UnixMillis,
    kv::{KvConfig, KvSessionAdapter, KvStore as _, MemoryKvStore},
};

use crate::{HOUR, NOW, adapter, clock, ids, layout, memory, session, store::CountingStore};

fn conditional() -> MemoryKvStore {
    memory().with_conditional_writes()
}

/// Returns an adapter on a store that keeps expired keys, and its clock.
fn keeping() -> (Arc<ManualClock>, MemoryKvStore, KvSessionAdapter<CountingStore>) {
    let stopped_clock = Arc::new(ManualClock::new(UnixMillis::new(i64::MIN)));
    let (clock, memory) = (clock(), MemoryKvStore::new(stopped_clock).with_conditional_writes());
    let mut store = CountingStore::new(memory.clone(), false);
    store.expires_keys = false;
    let config = KvConfig::from(layout()).clock(Arc::clone(&clock));
    (clock, memory, KvSessionAdapter::with_config(store, config).unwrap())
}

async fn keys(store: &MemoryKvStore) -> Vec<String> {
    store.list("", None).await.unwrap().keys
}

#[tokio::test]
async fn a_tombstone_replaces_its_session() {
    let store = conditional();
    let adapter = adapter(store.clone());
    for id in ["s1", "s2", "s3"] {
        adapter.set_session(&session(id, "u1")).await.unwrap();
    }
    adapter.delete_session(&"s1".into()).await.unwrap();
    adapter.delete_other_sessions(&"u1".into(), &"s3".into()).await.unwrap();
    // A revoked session cannot be moved to the hash of its id any more.
    let [bar1, bar2] = ["s1", "s2"].map(|id| format!("session:{}", SessionToken::new(id).hashed_id().as_str()));
    let sessions = [&*bar2, &bar1, "session:s1", "session:s2", "session:s3"];
    let expected = [&sessions[..], &["user_session:u1:s3", "user_session_revoked:u1"]].concat();
    assert_eq!(keys(&store).await, expected);
    for id in ["s1", "s2"] {
        let tombstone = store.get(&format!("session:{id}")).await.unwrap().unwrap();
        let expires = NOW.saturating_add(26 * HOUR).get().to_string();
        assert!(tombstone.starts_with(expires.as_bytes()));
        assert_eq!(adapter.get_session(&id.into()).await.unwrap(), None);
        let refused = adapter.set_session(&session(id, "u1")).await;
        assert_eq!(refused.unwrap_err().kind(), Kind::DuplicateSessionId);
        for outcome in [
            adapter.update_session(&id.into(), &SessionUpdate::default()).await,
            adapter.rotate_session(&id.into(), &"s4".into(), &SessionUpdate::default()).await,
        ] {
            assert_eq!(outcome.unwrap_err().kind(), Kind::InvalidSessionId);
        }
    }
    assert_eq!(adapter.get_sessions(&["s1".into(), "s3".into()]).await.unwrap(), [session("s3", "u1")]);
    assert_eq!(adapter.scan_sessions(None, 10).await.unwrap().session_ids, ["s3".into()]);
    assert_eq!(ids(&adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap()), ["s3"]);
    assert_eq!(keys(&store).await, expected);
}

/// Neither its expiry nor its deletion unlists the session that has the id.
#[tokio::test]
async fn a_refused_insertion_keeps_the_index_entry_of_the_id() {
    let store = conditional();
    let adapter = adapter(store.clone());
    let mut long = session("s1", "u1");
    long.idle_expires = NOW.saturating_add(24 * 60 * HOUR);
    adapter.set_session(&long).await.unwrap();
    let before = store.get("user_session:u1:s1").await.unwrap();
    for user in ["u1", "u2"] {
        let refused = adapter.set_session(&session("s1", user)).await;
        assert_eq!(refused.unwrap_err().kind(), Kind::DuplicateSessionId);
    }
    assert_eq!(keys(&store).await, ["session:s1", "user_session:u1:s1"]);
    assert_eq!(store.get("user_session:u1:s1").await.unwrap(), before);
}

/// The plain id is the token of the session.
#[tokio::test]
async fn a_moved_session_leaves_no_plain_id() {
    let store = conditional();
    let adapter = adapter(store.clone());
    adapter.set_session(&session("plain", "u1")).await.unwrap();
    let hashed = SessionToken::new("plain").hashed_id();
    adapter.rotate_session(&"plain".into(), &hashed, &SessionUpdate::default()).await.unwrap();
    assert_eq!(ids(&adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap()), [hashed.as_str()]);
    for key in keys(&store).await {
        let value = store.get(&key).await.unwrap().unwrap();
        assert!(!format!("{key} {}", String::from_utf8_lossy(&value)).contains("plain"), "{key}");
    }
}

#[tokio::test]
async fn sessions_of_lucia_js_are_read_changed_and_revoked() {
    let store = conditional();
    let adapter = adapter(store.clone());
    for id in ["s1", "s2", "s3"] {
        let json = session(id, "u1").to_json();
        store.put(&format!("session:{id}"), json.as_bytes(), UnixMillis::MAX).await.unwrap();
    }
    store.put("user_session:u1", br#"["s1","s2","s3"]"#, UnixMillis::MAX).await.unwrap();
    assert_eq!(adapter.get_session(&"s1".into()).await.unwrap(), Some(session("s1", "u1")));
    let renewal = SessionUpdate::renewal(NOW.saturating_add(HOUR), NOW.saturating_add(3 * HOUR));
    adapter.update_session(&"s1".into(), &renewal).await.unwrap();
    adapter.rotate_session(&"s2".into(), &"s4".into(), &renewal).await.unwrap();
    assert_eq!(ids(&adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap()), ["s1", "s3", "s4"]);
    adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
    for id in ["s1", "s2", "s3", "s4"] {
        assert_eq!(adapter.get_session(&id.into()).await.unwrap(), None, "{id}");
    }
}

#[tokio::test]
async fn a_corrupt_session_can_be_revoked() {
    let store = conditional();
    let adapter = adapter(store.clone());
    for id in ["s1", "s2"] {
        adapter.set_session(&session(id, "u1")).await.unwrap();
        store.put(&format!("session:{id}"), b"{", UnixMillis::MAX).await.unwrap();
        assert_eq!(adapter.get_session(&id.into()).await.unwrap_err().kind(), Kind::Decode);
    }
    adapter.delete_session(&"s1".into()).await.unwrap();
    adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
    for id in ["s1", "s2"] {
        assert_eq!(adapter.get_session(&id.into()).await.unwrap(), None);
    }
}

#[tokio::test]
async fn tombstones_are_deleted_when_they_expire() {
    let (clock, store, adapter) = keeping();
    for id in ["s1", "s2", "s3"] {
        adapter.set_session(&session(id, "u1")).await.unwrap();
    }
    adapter.delete_session(&"s1".into()).await.unwrap();
    adapter.rotate_session(&"s2".into(), &"s4".into(), &SessionUpdate::default()).await.unwrap();
    let before = keys(&store).await;
    assert_eq!(adapter.delete_expired_sessions(NOW, 100).await.unwrap(), 0);
    assert_eq!(keys(&store).await, before);
    let later = NOW.saturating_add(3 * HOUR);
    clock.set(later);
    assert_eq!(adapter.delete_expired_sessions(later, 100).await.unwrap(), 2);
    let bar = format!("session:{}", SessionToken::new("s1").hashed_id().as_str());
    assert_eq!(keys(&store).await, [&*bar, "session:s1", "session:s2", "user_session_revoked:u1"]);
    let later = NOW.saturating_add(24 * 3 * HOUR);
    clock.set(later);
    assert_eq!(adapter.delete_expired_sessions(later, 100).await.unwrap(), 0);
    assert_eq!(keys(&store).await, [""; 0]);
}

/// A process whose clock is behind may renew it, so it gets a tombstone.
#[tokio::test]
async fn a_session_that_has_just_expired_is_replaced_by_a_tombstone() {
    let (clock, store, adapter) = keeping();
    adapter.set_session(&session("s1", "u1")).await.unwrap();
    let later = NOW.saturating_add(2 * HOUR + Duration::from_secs(60));
    clock.set(later);
    assert_eq!(adapter.delete_expired_sessions(later, 100).await.unwrap(), 1);
    assert_eq!(keys(&store).await, ["session:s1"]);
    assert_eq!(adapter.delete_expired_sessions(later, 100).await.unwrap(), 0);
}
