//! Tests with data of Lucia JS. The values were recorded from its releases.

use lucia_core::{
    AdapterErrorKind, SessionAdapter, SessionUpdate, UnixMillis,
    kv::{KvSessionAdapter, KvStore},
};

use crate::{adapter, config, ids, memory, session};

const FOREVER: UnixMillis = UnixMillis::MAX;

/// Lucia JS's adapter for unstorage writes an entry with an empty value that names the user instead of the session.
#[tokio::test]
async fn u1_stale_entries_are_deleted_and_updated_sessions_join_the_index() {
    let store = memory();
    let (stored, other) = (session("s1", "u1"), session("s2", "u1"));
    for session in [&stored, &other] {
        let key = format!("session:{}", session.id.as_str());
        store.put(&key, session.to_json().as_bytes(), FOREVER).await.unwrap();
    }
    store.put("user_session:u1:u1", b"", FOREVER).await.unwrap();
    let plain = adapter(store.clone());
    assert_eq!(plain.get_session(&stored.id).await.unwrap().as_ref(), Some(&stored));
    assert!(plain.get_sessions_by_user_id(&"u1".into()).await.unwrap().is_empty());
    assert_eq!(store.get("user_session:u1:u1").await.unwrap(), None, "the stale entry is deleted");

    let update = SessionUpdate::renewal(stored.active_expires, stored.idle_expires);
    plain.update_session(&stored.id, &update).await.unwrap();
    assert!(plain.get_sessions_by_user_id(&"u1".into()).await.unwrap().is_empty(), "not configured");
    let joining = KvSessionAdapter::with_config(store.clone(), config().unindexed_sessions(true)).unwrap();
    joining.update_session(&stored.id, &update).await.unwrap();
    assert_eq!(ids(&joining.get_sessions_by_user_id(&"u1".into()).await.unwrap()), ["s1"]);
    joining.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
    assert_eq!(joining.get_session(&stored.id).await.unwrap(), None);
}

/// A file system truncates a file before it writes it: the session of such an entry is about to be written.
#[tokio::test]
async fn u1_an_entry_that_is_being_written_is_kept() {
    let store = memory();
    let adapter = adapter(store.clone());
    store.put("user_session:u1:s1", b"", FOREVER).await.unwrap();
    assert!(adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap().is_empty());
    adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
    assert_eq!(store.get("user_session:u1:s1").await.unwrap(), Some(Vec::new()));
}

/// An entry of a session whose id equals its user's is not stale.
#[tokio::test]
async fn u1_the_entry_of_a_session_named_like_its_user_is_kept() {
    let adapter = adapter(memory());
    adapter.set_session(&session("u1", "u1")).await.unwrap();
    for _ in 0..2 {
        assert_eq!(ids(&adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap()), ["u1"]);
    }
}

/// Lucia JS's adapter for Cloudflare KV stores a JSON array of ids for each user.
#[tokio::test]
async fn k3_the_list_on_cloudflare_kv_is_replaced_by_entries() {
    let store = memory();
    let adapter = adapter(store.clone());
    for id in ["s1", "s2"] {
        let json = session(id, "u1").to_json();
        store.put(&format!("session:{id}"), json.as_bytes(), FOREVER).await.unwrap();
    }
    store.put("session:theirs", session("theirs", "u2").to_json().as_bytes(), FOREVER).await.unwrap();
    adapter.set_session(&session("s3", "u1")).await.unwrap();
    store.put("user_session:u1", br#"["s1","gone","s2","s1","theirs","s3"]"#, FOREVER).await.unwrap();
    for _ in 0..2 {
        assert_eq!(ids(&adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap()), ["s1", "s2", "s3"]);
        assert_eq!(store.get("user_session:u1").await.unwrap(), None, "the list is replaced");
    }
    adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
    for id in ["s1", "s2", "s3"] {
        assert_eq!(adapter.get_session(&id.into()).await.unwrap(), None);
    }
    assert!(adapter.get_session(&"theirs".into()).await.unwrap().is_some());
}

#[tokio::test]
async fn k3_sessions_of_the_list_are_revoked_and_one_is_kept() {
    for keep in [None, Some("s1")] {
        let store = memory();
        let adapter = adapter(store.clone());
        for id in ["s1", "s2"] {
            let json = session(id, "u1").to_json();
            store.put(&format!("session:{id}"), json.as_bytes(), FOREVER).await.unwrap();
        }
        store.put("user_session:u1", br#"["s1","s2"]"#, FOREVER).await.unwrap();
        match keep {
            None => adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap(),
            Some(keep) => adapter.delete_other_sessions(&"u1".into(), &keep.into()).await.unwrap(),
        }
        let left = adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap();
        assert_eq!(ids(&left), keep.into_iter().collect::<Vec<_>>());
        assert_eq!(store.get("user_session:u1").await.unwrap(), None);
    }
}

/// Lucia JS never deletes an empty array.
#[tokio::test]
async fn k5_an_empty_list_is_deleted_and_an_unreadable_one_is_kept() {
    for list in [&b"[]"[..], b"null", b"{", b"[1,2]", br#"{"a":1}"#, b"\xff"] {
        let store = memory();
        let adapter = adapter(store.clone());
        adapter.set_session(&session("s1", "u1")).await.unwrap();
        store.put("user_session:u1", list, FOREVER).await.unwrap();
        assert_eq!(ids(&adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap()), ["s1"]);
        let left = store.get("user_session:u1").await.unwrap();
        assert_eq!(left.as_deref(), Some(list).filter(|list| *list != b"[]"));
    }
}

/// The documentation of Lucia JS's unstorage adapter shows a list of ids for each time at which the user signed in, and
/// a list of sessions under the key of one.
#[tokio::test]
async fn the_documented_unstorage_layout_is_read_and_rewritten() {
    let store = memory();
    let adapter = adapter(store.clone());
    for id in ["s1", "s2", "s3"] {
        let json = format!("[{}]", session(id, "u1").to_json());
        store.put(&format!("session:{id}"), json.as_bytes(), FOREVER).await.unwrap();
    }
    store.put("session:theirs", session("theirs", "u2").to_json().as_bytes(), FOREVER).await.unwrap();
    store.put("user_session:u1:1700000000000", br#"["s1","s2"]"#, FOREVER).await.unwrap();
    store.put("user_session:u1:1700000000001", br#"["s3","gone","theirs","s1"]"#, FOREVER).await.unwrap();
    assert_eq!(adapter.get_session(&"s1".into()).await.unwrap(), Some(session("s1", "u1")));
    for _ in 0..2 {
        assert_eq!(ids(&adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap()), ["s1", "s2", "s3"]);
        let entries = store.list("user_session:", None).await.unwrap().keys;
        assert_eq!(entries, ["user_session:u1:s1", "user_session:u1:s2", "user_session:u1:s3"]);
    }
    let renewal = SessionUpdate::renewal(session("s1", "u1").active_expires, session("s1", "u1").idle_expires);
    adapter.update_session(&"s1".into(), &renewal).await.unwrap();
    assert_eq!(store.get("session:s1").await.unwrap().unwrap(), session("s1", "u1").to_json().as_bytes());
    adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
    assert_eq!(store.list("session:", None).await.unwrap().keys, ["session:theirs"]);
}

#[tokio::test]
async fn sessions_of_the_documented_unstorage_layout_are_revoked() {
    for keep in [None, Some("s1")] {
        let store = memory();
        let adapter = adapter(store.clone());
        for id in ["s1", "s2"] {
            store.put(&format!("session:{id}"), session(id, "u1").to_json().as_bytes(), FOREVER).await.unwrap();
        }
        store.put("user_session:u1:1700000000000", br#"["s1","s2"]"#, FOREVER).await.unwrap();
        match keep {
            None => adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap(),
            Some(keep) => adapter.delete_other_sessions(&"u1".into(), &keep.into()).await.unwrap(),
        }
        let left = adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap();
        assert_eq!(ids(&left), keep.into_iter().collect::<Vec<_>>());
        assert_eq!(store.get("user_session:u1:1700000000000").await.unwrap(), None);
    }
}

/// Of a list of sessions under the key of one session, only that session counts.
#[tokio::test]
async fn a_list_of_other_sessions_is_not_a_session() {
    let store = memory();
    let adapter = adapter(store.clone());
    let both = format!("[{},{}]", session("s2", "u2").to_json(), session("s1", "u1").to_json());
    store.put("session:s1", both.as_bytes(), FOREVER).await.unwrap();
    store.put("session:s3", both.as_bytes(), FOREVER).await.unwrap();
    assert_eq!(adapter.get_session(&"s1".into()).await.unwrap(), Some(session("s1", "u1")));
    assert_eq!(adapter.get_session(&"s3".into()).await.unwrap_err().kind(), AdapterErrorKind::Decode);
}
