//! Concurrent calls.

use std::sync::Arc;

use lucia_core::{Adapter, AdapterErrorKind as Kind, SessionAdapter, SessionUpdate, UnixMillis, UserAdapter};
use tokio::task::JoinSet;

use super::conversion::plain_session_ids_are_hashed_beside_requests;
use crate::support::{Database, config, count, key, one, renewal, run, session, sql, user};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_parallel_sign_ups_with_one_key_id_one_wins() {
    let database = Database::create(config()).await;
    for round in 0..10 {
        let calls = (0..20).map(|index| {
            let (adapter, id) = (database.adapter.clone(), format!("u{round}_{index}"));
            tokio::spawn(async move { adapter.set_user(&user(&id), Some(&key(&format!("p:{round}"), &id))).await })
        });
        let mut kinds = Vec::new();
        for call in calls.collect::<Vec<_>>() {
            kinds.extend(call.await.unwrap().err().map(|error| error.kind()));
        }
        assert_eq!(kinds, [Kind::DuplicateKeyId; 19]);
        assert_eq!((count(&database.pool, "User").await, count(&database.pool, "Key").await), (round + 1, round + 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_parallel_sessions_with_one_id_one_wins() {
    let database = Database::create(config()).await;
    for index in 0..20 {
        database.set_user(&user(&format!("u{index}")), None).await.unwrap();
    }
    for round in 0..10 {
        let calls = (0..20).map(|index| {
            let (adapter, session) = (database.adapter.clone(), session(&format!("s{round}"), &format!("u{index}")));
            tokio::spawn(async move { adapter.set_session(&session).await })
        });
        let mut kinds = Vec::new();
        for call in calls.collect::<Vec<_>>() {
            kinds.extend(call.await.unwrap().err().map(|error| error.kind()));
        }
        assert_eq!(kinds, [Kind::DuplicateSessionId; 19]);
        assert_eq!(count(&database.pool, "Session").await, round + 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn plain_session_ids_are_hashed_beside_running_requests() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    plain_session_ids_are_hashed_beside_requests(&database.adapter, "u1").await;
}

/// A user is deleted while sessions and keys are created: none of them stays without its user, and every error has the
/// expected kind.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_user_who_is_deleted_meanwhile_leaves_nothing_behind() {
    let database = Database::create(config()).await;
    for round in 0..20 {
        let id = format!("u{round}");
        database.set_user(&user(&id), None).await.unwrap();
        let calls: Vec<_> = (0..8)
            .map(|index| {
                let (adapter, id) = (database.adapter.clone(), id.clone());
                tokio::spawn(async move {
                    match index {
                        4 => adapter.delete_user(&id.as_str().into()).await,
                        0..4 => adapter.set_session(&session(&format!("{id}_{index}"), &id)).await,
                        _ => adapter.set_key(&key(&format!("p:{id}_{index}"), &id)).await,
                    }
                })
            })
            .collect();
        for call in calls {
            let kind = call.await.unwrap().err().map(|error| error.kind());
            assert!(matches!(kind, None | Some(Kind::InvalidUserId)), "{kind:?}");
        }
        for table in ["User", "Session", "Key"] {
            assert_eq!(count(&database.pool, table).await, 0, "{table}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_parallel_renewals_and_deletions_each_row_is_written_once() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    for index in 0..40 {
        database.set_session(&session(&format!("s{index:02}"), "u1")).await.unwrap();
    }
    let renewals = (0..20).map(|_| {
        let adapter = database.adapter.clone();
        tokio::spawn(async move { adapter.update_session(&"s00".into(), &renewal(9_000, 9_999, Some(2_000))).await })
    });
    let mut winners = 0;
    for call in renewals.collect::<Vec<_>>() {
        match call.await.unwrap() {
            Ok(()) => winners += 1,
            Err(error) => assert_eq!(error.kind(), Kind::Conflict),
        }
    }
    assert_eq!(winners, 1);

    let deletions = (0..8).map(|_| {
        let adapter = database.adapter.clone();
        tokio::spawn(async move { adapter.delete_expired_sessions(UnixMillis::new(5_000), 7).await })
    });
    let mut deleted = 0;
    for call in deletions.collect::<Vec<_>>() {
        deleted += call.await.unwrap().unwrap();
    }
    assert_eq!((deleted, count(&database.pool, "Session").await), (39, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_session_outlives_its_user() {
    let database = Arc::new(Database::create(config()).await);
    for round in 0..20 {
        database.set_user(&user("u1"), None).await.unwrap();
        let mut tasks = JoinSet::new();
        for index in 0..8 {
            let database = Arc::clone(&database);
            tasks.spawn(async move {
                let update = SessionUpdate::default().with_attributes(one("country", "NZ")).unwrap();
                let _ = database.set_session_and_get_user(&session(&format!("s{index}"), "u1")).await;
                let _ = database
                    .rotate_session(&format!("s{index}").as_str().into(), &format!("t{index}").as_str().into(), &update)
                    .await;
            });
        }
        let deleting = Arc::clone(&database);
        tasks.spawn(async move { deleting.delete_user(&"u1".into()).await.unwrap() });
        tasks.join_all().await;
        assert_eq!(count(&database.pool, "Session").await, 0, "round {round}");
    }
}

#[tokio::test]
async fn expired_sessions_are_deleted_in_batches() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    let rows: Vec<_> = (1..=2_500).map(|time| format!("('s{time}', 'u1', {time}, {time})")).collect();
    let insert = r#"INSERT INTO "Session" ("id", "user_id", "active_expires", "idle_expires") VALUES "#;
    run(&database.pool, &sql(&format!("{insert}{}", rows.join(", ")))).await;
    let now = UnixMillis::new(2_000);
    assert_eq!(database.delete_expired_sessions(now, 0).await.unwrap(), 0);
    assert_eq!(database.delete_expired_sessions(now, 1_500).await.unwrap(), 1_500);
    assert_eq!(database.delete_expired_sessions(now, usize::MAX).await.unwrap(), 499);
    assert_eq!(count(&database.pool, "Session").await, 501);
    assert!(database.get_session(&"s2000".into()).await.unwrap().is_some(), "it expires at that very moment");
    assert_eq!(database.get_sessions_by_user_id(&"u1".into()).await.unwrap().len(), 501);

    database.delete_other_sessions(&"u1".into(), &"s2500".into()).await.unwrap();
    assert_eq!(count(&database.pool, "Session").await, 1);
    database.delete_other_sessions(&"u2".into(), &"x".into()).await.unwrap();
    assert_eq!(count(&database.pool, "Session").await, 1);
}
