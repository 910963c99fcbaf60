//! How many requests an operation takes.

use std::time::Duration;

use lucia_core::{SessionAdapter, SessionUpdate};

use super::{session, set_up};

#[tokio::test]
async fn operations_take_one_request_and_updates_two() {
    let (_database, front, adapter) = set_up().await;
    let mut first = session("s1", "u1");
    adapter.set_session(&first).await.unwrap();
    assert_eq!(front.count(), 1, "create");
    assert!(adapter.get_session(&first.id).await.unwrap().is_some());
    assert_eq!(front.count(), 1, "get");
    let later = |time: lucia_core::UnixMillis| time.saturating_add(Duration::from_secs(3_600));
    let renewal = SessionUpdate::renewal(later(first.active_expires), later(first.idle_expires));
    adapter.update_session(&first.id, &renewal).await.unwrap();
    assert_eq!(front.count(), 2, "renew");
    first.apply(&renewal);
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
async fn a_thousand_sessions_are_revoked_in_a_few_requests() {
    let (_database, front, adapter) = set_up().await;
    let sessions: Vec<_> = (0..1_100).map(|number| session(&format!("s{number}"), "u1")).collect();
    for chunk in sessions.chunks(50) {
        let inserted = chunk.iter().map(|session| adapter.set_session(session));
        for outcome in futures_util::future::join_all(inserted).await {
            outcome.unwrap();
        }
    }
    front.count();
    assert_eq!(adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap().len(), 1_100);
    assert_eq!(front.count(), 1);
    adapter.delete_other_sessions(&"u1".into(), &"s7".into()).await.unwrap();
    assert_eq!(front.count(), 3);
    let left = adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap();
    assert_eq!(left.iter().map(|session| session.id.as_str()).collect::<Vec<_>>(), ["s7"]);
}
