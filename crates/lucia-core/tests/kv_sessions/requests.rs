//! Tests of the requests of each operation. The times here are chosen so that a renewal does not rewrite the index
//! entry.

use std::{error::Error as _, time::Duration};

use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionId, SessionToken, SessionUpdate};

use crate::{HOUR, adapter, ids, memory, session, store::CountingStore};

fn renewal(by: Duration) -> SessionUpdate {
    let session = session("s1", "u1");
    SessionUpdate::renewal(session.active_expires.saturating_add(by), session.idle_expires.saturating_add(by))
}

#[tokio::test]
async fn every_operation_makes_the_documented_requests() {
    for bulk in [false, true] {
        let store = CountingStore::new(memory(), bulk);
        let adapter = adapter(store.clone());
        for number in 1..=20 {
            adapter.set_session(&session(&format!("s{number}"), "u1")).await.unwrap();
            assert_eq!(
                store.take(),
                if bulk { &["get_many", "put", "put", "get"][..] } else { &["get", "get", "get", "put", "put", "get"] }
            );
        }
        assert!(adapter.get_session(&"s1".into()).await.unwrap().is_some());
        assert_eq!(store.take(), ["get"]);
        adapter.update_session(&"s1".into(), &renewal(HOUR)).await.unwrap();
        assert_eq!(store.take(), if bulk { ["get", "put", "get_many"] } else { ["get", "put", "get"] });
        // The index entry must be kept for another month.
        adapter.update_session(&"s1".into(), &renewal(24 * 40 * HOUR)).await.unwrap();
        let beside: &[_] = if bulk { &["get_many"] } else { &["get", "get"] };
        assert_eq!(store.take(), [&["get", "get", "put", "put"], beside].concat());
        let listed = adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap();
        assert_eq!(listed.len(), 20);
        assert_eq!(store.take().len(), if bulk { 2 } else { 22 });
        adapter.delete_session(&"s1".into()).await.unwrap();
        assert_eq!(store.take(), ["get", "put", "delete", "delete"]);
        adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
        if bulk {
            let expected = ["get_many", "put", "list", "get_many", "put_many", "delete_many", "delete_many", "get"];
            assert_eq!(store.take(), expected);
        } else {
            assert_eq!(store.take().len(), 2 + 1 + 1 + 20 + 3 * 19 + 1);
        }
        adapter.delete_session(&"unknown".into()).await.unwrap();
        assert_eq!(store.take(), ["get", "delete"], "it may exist in a store that answers from a cache");
        adapter.set_session(&session("old", "u2")).await.unwrap();
        store.take();
        adapter.rotate_session(&"old".into(), &"new".into(), &SessionUpdate::default()).await.unwrap();
        assert_eq!(store.take().len(), if bulk { 8 } else { 14 });
    }
}

#[tokio::test]
async fn every_operation_makes_the_documented_conditional_requests() {
    let store = CountingStore::new(memory().with_conditional_writes(), true);
    let adapter = adapter(store.clone());
    let ids @ [first, .., fourth] = &["s1", "s2", "s3", "s4"].map(|token| SessionToken::new(token).hashed_id());
    for id in &ids[..3] {
        adapter.set_session(&session(id.as_str(), "u1")).await.unwrap();
        assert_eq!(store.take(), ["put_if", "put_if"]);
    }
    adapter.set_session(&session(first.as_str(), "u1")).await.unwrap_err();
    assert_eq!(store.take(), ["put_if", "get_versioned", "put_if", "get_versioned"]);
    adapter.get_session(first).await.unwrap();
    assert_eq!(store.take(), ["get"]);
    adapter.update_session(first, &renewal(HOUR)).await.unwrap();
    assert_eq!(store.take(), ["get_versioned", "put_if"]);
    adapter.update_session(first, &renewal(24 * 40 * HOUR)).await.unwrap();
    assert_eq!(store.take(), ["get_versioned", "get_versioned", "put_if", "put_if"]);
    adapter.rotate_session(first, fourth, &SessionUpdate::default()).await.unwrap();
    assert_eq!(store.take(), ["get_versioned", "put_if", "put_if", "put", "put_if", "delete"]);
    adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap();
    assert_eq!(store.take(), ["list", "get_many"]);
    adapter.delete_session(fourth).await.unwrap();
    assert_eq!(store.take(), ["get_versioned", "put_if", "delete"]);
    for unknown in [fourth, &"unknown".into()] {
        adapter.delete_session(unknown).await.unwrap();
        assert_eq!(store.take(), ["get_versioned"]);
    }
    adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
    let two = ["get_versioned", "put_if", "get_versioned", "put_if"];
    assert_eq!(store.take(), [&["get_many", "list", "get_many"], &two[..], &["delete_many", "get"]].concat());

    for plain in ["p1", "p2"] {
        adapter.set_session(&session(plain, "u1")).await.unwrap();
    }
    store.take();
    adapter.delete_session(&"p1".into()).await.unwrap();
    assert_eq!(store.take(), ["get_versioned", "put_if", "put_if", "delete"]);
    adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
    let one = ["put_if", "get_versioned", "put_if"];
    assert_eq!(store.take(), [&["get_many", "list", "get_many"], &one[..], &["delete_many", "get"]].concat());
    // Without the mark of a rotation, another one is written.
    adapter.delete_sessions_by_user_id(&"u2".into()).await.unwrap();
    assert_eq!(store.take(), ["get_many", "put", "list", "get", "get"]);
}

#[tokio::test]
async fn k7_ids_whose_keys_are_too_long_are_rejected_without_a_request() {
    let mut store = CountingStore::new(memory(), true);
    store.max_key_length = 512;
    let adapter = adapter(store.clone());
    // The key of the index entry is longer than the session's, and every stored session must be revocable.
    for (length, fits) in [(480, true), (496, true), (499, false), (504, false), (600, false)] {
        let id = "x".repeat(length);
        let stored = adapter.set_session(&session(&id, "")).await;
        if fits {
            stored.unwrap();
            adapter.delete_session(&SessionId::new(id)).await.unwrap();
            continue;
        }
        store.take();
        let error = stored.unwrap_err();
        assert_eq!(error.kind(), Kind::UnsupportedId, "{length}");
        let reason = "a key with it has more than 512 bytes, the maximum of the store";
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some(reason));
        assert_eq!(adapter.get_session(&"x".repeat(600).into()).await.unwrap(), None);
        assert!(adapter.get_sessions_by_user_id(&"u".repeat(600).into()).await.unwrap().is_empty());
        adapter.delete_sessions_by_user_id(&"u".repeat(600).into()).await.unwrap();
        assert!(store.take().is_empty());
    }
}

#[tokio::test]
async fn u5_an_update_without_times_keeps_every_expiry() {
    let store = memory();
    let adapter = adapter(store.clone());
    let session = session("s1", "u1");
    adapter.set_session(&session).await.unwrap();
    let keys = [adapter.layout().session_key(&session.id), adapter.layout().index_key(&"u1".into(), &session.id)];
    let before = keys.each_ref().map(|key| store.expires(key));
    assert_eq!(before[0], Some(session.idle_expires.saturating_add(Duration::from_millis(1))));
    let country = lucia_core::Attributes::from([("country", "NZ")]);
    adapter.update_session(&session.id, &SessionUpdate::default().with_attributes(country).unwrap()).await.unwrap();
    assert_eq!(keys.each_ref().map(|key| store.expires(key)), before);
}

#[tokio::test]
async fn the_index_entry_outlives_every_renewal() {
    let store = memory();
    let adapter = adapter(store.clone());
    adapter.set_session(&session("s1", "u1")).await.unwrap();
    let entry = adapter.layout().index_key(&"u1".into(), &"s1".into());
    for days in 1..=100 {
        adapter.update_session(&"s1".into(), &renewal(24 * days * HOUR)).await.unwrap();
        let stored = adapter.get_session(&"s1".into()).await.unwrap().unwrap();
        assert!(store.expires(&entry) > Some(stored.idle_expires.saturating_add(23 * HOUR)), "{days}");
    }
    assert_eq!(ids(&adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap()), ["s1"]);
}

#[tokio::test]
async fn a_session_cannot_be_created_with_a_revoked_id() {
    let adapter = adapter(memory());
    let session = session("s1", "u1");
    adapter.set_session(&session).await.unwrap();
    adapter.delete_session(&session.id).await.unwrap();
    let rejected = adapter.set_session(&session).await;
    assert_eq!(rejected.unwrap_err().kind(), Kind::DuplicateSessionId);
    assert_eq!(adapter.get_session(&session.id).await.unwrap(), None);
}
