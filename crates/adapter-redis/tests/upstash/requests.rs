//! The number of requests of each operation.

use std::time::Duration;

use adapter_redis::RedisTokenAdapter;
use lucia_core::{
    Attributes, SessionAdapter, SessionScan as _, SessionUpdate, TokenAdapter as _, TokenKind, TokenSchema, UnixMillis,
};

use super::{Adapter, connection, session, set_up};

#[tokio::test]
async fn operations_take_one_request_and_changes_of_attributes_two() {
    let (_database, front, adapter) = set_up().await;
    teach(&adapter).await;
    front.count();
    let mut first = session("s1", "u1");
    adapter.set_session(&first).await.unwrap();
    assert_eq!(front.count(), 1, "create");
    assert!(adapter.get_session(&first.id).await.unwrap().is_some());
    assert_eq!(front.count(), 1, "get");
    let later = |time: UnixMillis| time.saturating_add(Duration::from_secs(3_600));
    let renewal = SessionUpdate::renewal(later(first.active_expires), later(first.idle_expires));
    adapter.update_session(&first.id, &renewal).await.unwrap();
    assert_eq!(front.count(), 1, "renew");
    first.apply(&renewal);
    let change = SessionUpdate::default().with_attributes(Attributes::from([("country", "FR")])).unwrap();
    adapter.update_session(&first.id, &change).await.unwrap();
    assert_eq!(front.count(), 2, "change an attribute");
    first.apply(&change);
    for number in 2..=20 {
        adapter.set_session(&session(&format!("s{number}"), "u1")).await.unwrap();
    }
    front.count();
    let listed = adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap();
    assert_eq!((listed.len(), front.count()), (20, 1), "list");
    assert!(listed.contains(&first));
    adapter.rotate_session(&first.id, &"s21".into(), &SessionUpdate::default()).await.unwrap();
    assert_eq!(front.count(), 2, "rotate");
    adapter.delete_session(&"s21".into()).await.unwrap();
    assert_eq!(front.count(), 1, "revoke");
    adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
    assert_eq!(front.count(), 1, "revoke all");
    assert!(adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap().is_empty());
}

#[tokio::test]
async fn tokens_counters_and_scans_take_one_request() {
    const KIND: TokenKind = TokenKind::from_static("password_reset");
    let (_database, front, adapter) = set_up().await;
    let tokens = RedisTokenAdapter::new(connection(&front.url)).await.unwrap();
    let (window, id) = (Duration::from_secs(60), "t1".into());
    let token = TokenSchema::new("t1", KIND, UnixMillis::MAX).with_user_id("u1");
    // The server caches the scripts in the first round.
    for requests in [None, Some(6)] {
        front.count();
        tokens.set_token(&token).await.unwrap();
        assert!(tokens.get_token(&KIND, &id).await.unwrap().is_some());
        assert!(tokens.take_token(&KIND, &id).await.unwrap().is_some());
        tokens.delete_tokens(None, &"u1".into()).await.unwrap();
        tokens.add_to_counter("k", 1, window, UnixMillis::EPOCH).await.unwrap();
        assert_eq!(adapter.scan_sessions(None, 10).await.unwrap().next, None);
        let counted = front.count();
        assert!(requests.is_none_or(|requests| counted == requests), "{counted}");
    }
}

/// Runs each script once, so that the server has cached it.
async fn teach(adapter: &Adapter) {
    let session = session("first", "first");
    let change = SessionUpdate::default().with_attributes(Attributes::from([("country", "FR")])).unwrap();
    adapter.set_session(&session).await.unwrap();
    adapter.update_session(&session.id, &SessionUpdate::renewal(UnixMillis::MAX, UnixMillis::MAX)).await.unwrap();
    adapter.update_session(&session.id, &change).await.unwrap();
    adapter.rotate_session(&session.id, &"second".into(), &SessionUpdate::default()).await.unwrap();
    adapter.get_sessions_by_user_id(&session.user_id).await.unwrap();
    adapter.delete_session(&"second".into()).await.unwrap();
    adapter.delete_sessions_by_user_id(&session.user_id).await.unwrap();
}

#[tokio::test]
async fn an_uncached_script_takes_an_additional_request() {
    let (database, front, adapter) = set_up().await;
    for id in ["s1", "s2"] {
        adapter.set_session(&session(id, "u1")).await.unwrap();
        assert_eq!(front.count(), 2);
        database.run::<()>(&["SCRIPT", "FLUSH"]).await.unwrap();
    }
}

#[tokio::test]
async fn a_thousand_sessions_are_listed_and_revoked_in_one_request() {
    let (_database, front, adapter) = set_up().await;
    teach(&adapter).await;
    let sessions: Vec<_> = (0..1_000).map(|number| session(&format!("s{number}"), "u1")).collect();
    for chunk in sessions.chunks(50) {
        let inserted = chunk.iter().map(|session| adapter.set_session(session));
        for outcome in futures_util::future::join_all(inserted).await {
            outcome.unwrap();
        }
    }
    front.count();
    assert_eq!(adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap().len(), 1_000);
    assert_eq!(front.count(), 1);
    adapter.delete_other_sessions(&"u1".into(), &"s7".into()).await.unwrap();
    assert_eq!(front.count(), 1);
    let left = adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap();
    assert_eq!(left.iter().map(|session| session.id.as_str()).collect::<Vec<_>>(), ["s7"]);
}
