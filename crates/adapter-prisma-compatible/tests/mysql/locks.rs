//! Tests of locks: deadlocks are retried, and the deletion of expired sessions does not wait for locks on live ones.

use std::time::Duration;

use adapter_prisma_compatible::TransactionEnded;
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, UnixMillis, UserAdapter};
use sqlx::AssertSqlSafe;

use crate::{
    blocked::until_blocked,
    support::{Database, config, count, key, kind, rows, run, session, texts, user},
};

/// The server rolls back the smaller of two deadlocked transactions: the one of the adapter.
#[tokio::test]
async fn a_deadlock_is_retried() {
    let database = Database::create(config()).await;
    run(&database.pool, "CREATE TABLE heavy (id INTEGER PRIMARY KEY AUTO_INCREMENT, text VARCHAR(20))").await;
    for round in 0..3 {
        let id = format!("u{round}");
        database.set_user(&user(&id), Some(&key(&format!("p:{round}"), &id))).await.unwrap();
        database.set_session(&session(&format!("s{round}"), &id)).await.unwrap();

        let mut other = database.pool.begin().await.unwrap();
        let rows = vec!["('x')"; 500].join(", ");
        sqlx::raw_sql(AssertSqlSafe(format!("INSERT INTO heavy (text) VALUES {rows}")))
            .execute(&mut *other)
            .await
            .unwrap();
        let lock = format!("SELECT 1 FROM `User` WHERE `id` = '{id}' FOR UPDATE");
        sqlx::raw_sql(AssertSqlSafe(lock)).execute(&mut *other).await.unwrap();

        let adapter = database.adapter.clone();
        let deleting = tokio::spawn({
            let id = id.clone();
            async move { adapter.delete_user(&id.as_str().into()).await }
        });
        assert!(until_blocked(&database.scratch, 1, || deleting.is_finished()).await);
        let update = format!("UPDATE `Session` SET `country` = 'NZ' WHERE `id` = 's{round}'");
        let done = sqlx::raw_sql(AssertSqlSafe(update)).execute(&mut *other).await.unwrap();
        assert_eq!(done.rows_affected(), 1, "the transaction of the adapter was rolled back first");
        other.commit().await.unwrap();
        deleting.await.unwrap().unwrap();
        for table in ["User", "Session", "Key"] {
            assert_eq!(count(&database.pool, table).await, 0, "{table}");
        }
    }
}

/// The server rolls back the whole transaction of the application, and would commit a later call at once.
#[tokio::test]
async fn a_transaction_that_lost_a_deadlock_refuses_further_calls() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    run(&database.pool, "CREATE TABLE heavy (id INTEGER PRIMARY KEY AUTO_INCREMENT, text VARCHAR(20))").await;
    let mut other = database.pool.begin().await.unwrap();
    let rows = vec!["('x')"; 500].join(", ");
    let insert = format!("INSERT INTO heavy (text) VALUES {rows}");
    sqlx::raw_sql(AssertSqlSafe(insert)).execute(&mut *other).await.unwrap();
    sqlx::raw_sql("SELECT 1 FROM `User` WHERE `id` = 'u1' FOR UPDATE").execute(&mut *other).await.unwrap();

    let mut transaction = database.pool.begin().await.unwrap();
    database.set_user_in(&mut *transaction, &user("u2"), None).await.unwrap();
    let s1 = session("s1", "u1");
    let mut waiting = Box::pin(database.set_session_in(&mut *transaction, &s1));
    tokio::select! {
        _ = waiting.as_mut() => panic!("the user is locked"),
        _ = until_blocked(&database.scratch, 1, || false) => {}
    }
    let lock = sqlx::raw_sql("SELECT 1 FROM `User` WHERE `id` = 'u2' FOR UPDATE").execute(&mut *other);
    let (lost, locked) = tokio::join!(waiting, lock);
    assert_eq!(kind(lost), Kind::Unavailable);
    locked.unwrap();
    other.rollback().await.unwrap();

    for key in [None, Some(key("p:u3", "u3"))] {
        let refused = database.set_user_in(&mut *transaction, &user("u3"), key.as_ref()).await.unwrap_err();
        assert!(refused.downcast_ref::<TransactionEnded>().is_some(), "{}", texts(&refused));
    }
    transaction.commit().await.unwrap();
    assert_eq!((count(&database.pool, "User").await, count(&database.pool, "Key").await), (1, 0));
}

/// A plain `DELETE` would wait for the first locked row, expired or not, and keep the rows before it locked.
#[tokio::test]
async fn deleting_expired_sessions_does_not_wait_for_live_ones() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    for index in 0..250 {
        let mut session = session(&format!("s{index:03}"), "u1");
        session.idle_expires = UnixMillis::new(if index % 5 == 0 { 9_000 } else { 2_000 });
        database.set_session(&session).await.unwrap();
    }
    let mut other = database.pool.begin().await.unwrap();
    sqlx::raw_sql("SELECT 1 FROM `Session` WHERE `id` IN ('s000', 's100', 's245') FOR UPDATE")
        .execute(&mut *other)
        .await
        .unwrap();
    let deletion = async {
        assert_eq!(database.delete_expired_sessions(UnixMillis::new(3_000), 130).await.unwrap(), 130);
        assert_eq!(database.delete_expired_sessions(UnixMillis::new(3_000), usize::MAX).await.unwrap(), 70);
        assert_eq!(database.delete_expired_sessions(UnixMillis::new(3_000), 10).await.unwrap(), 0);
    };
    tokio::time::timeout(Duration::from_secs(20), deletion).await.unwrap();
    other.rollback().await.unwrap();
    assert_eq!(rows(&database.pool, "SELECT `id` FROM `Session` WHERE `idle_expires` = 9000").await.len(), 50);
    assert_eq!(count(&database.pool, "Session").await, 50);
}

/// MySQL commits the transaction before a statement that changes tables.
#[tokio::test]
async fn calls_after_an_implicit_commit_are_refused() {
    let database = Database::create(config()).await;
    let mut transaction = database.pool.begin().await.unwrap();
    database.set_user_in(&mut *transaction, &user("u1"), None).await.unwrap();
    sqlx::raw_sql("CREATE TABLE other (id INTEGER)").execute(&mut *transaction).await.unwrap();
    let refused = database.set_user_in(&mut *transaction, &user("u2"), None).await.unwrap_err();
    let ended = refused.downcast_ref::<TransactionEnded>().unwrap().to_string();
    assert!(ended.contains("no longer open") && ended.contains("committed"), "{ended}");
    transaction.rollback().await.unwrap();
    assert_eq!(rows(&database.pool, "SELECT `id` FROM `User`").await, [[Some("u1".to_owned())]]);
}
