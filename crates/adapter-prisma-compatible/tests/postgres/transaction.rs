//! Writes inside a transaction of the application.

use adapter_prisma_compatible::{PrismaAdapter, PrismaUserAdapter};
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, UserAdapter};
use sqlx::Connection as _;

use crate::support::{Database, config, count, key, kind, run, session, user};

async fn with_cart() -> Database {
    let database = Database::create(config()).await;
    run(&database.pool, r#"CREATE TABLE cart (user_id TEXT NOT NULL REFERENCES "User" ("id"))"#).await;
    database
}

#[tokio::test]
async fn what_the_application_writes_with_a_user_is_committed_or_rolled_back_with_it() {
    let database = with_cart().await;
    for commits in [false, true] {
        let mut transaction = database.pool.begin().await.unwrap();
        database.set_user_in(&mut *transaction, &user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
        database.set_key_in(&mut *transaction, &key("p:k2", "u1")).await.unwrap();
        database.set_session_in(&mut *transaction, &session("s1", "u1")).await.unwrap();
        sqlx::query("INSERT INTO cart VALUES ('u1')").execute(&mut *transaction).await.unwrap();
        assert_eq!(database.get_user(&"u1".into()).await.unwrap(), None, "nobody sees it before");
        if commits {
            transaction.commit().await.unwrap();
        } else {
            transaction.rollback().await.unwrap();
        }
        assert_eq!(database.get_user(&"u1".into()).await.unwrap().is_some(), commits);
        assert_eq!(database.get_session(&"s1".into()).await.unwrap().is_some(), commits);
        assert_eq!(database.get_keys_by_user_id(&"u1".into()).await.unwrap().len(), if commits { 2 } else { 0 });
    }
}

#[tokio::test]
async fn a_failure_is_typed_and_ends_the_transaction_up_to_its_savepoint() {
    let database = with_cart().await;
    database.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    let mut transaction = database.pool.begin().await.unwrap();
    database.set_user_in(&mut *transaction, &user("u2"), None).await.unwrap();
    for (expected, id, key_id) in [
        (Kind::DuplicateUserId, "u1", "p:k2"),
        (Kind::DuplicateKeyId, "u3", "p:k"),
        (Kind::UnsupportedId, "u\0", "p:k2"),
    ] {
        let mut savepoint = transaction.begin().await.unwrap();
        let result = database.set_user_in(&mut *savepoint, &user(id), Some(&key(key_id, id))).await;
        assert_eq!(kind(result), expected);
        savepoint.rollback().await.unwrap();
    }
    // Nothing was sent, so the transaction goes on.
    assert_eq!(kind(database.set_session_in(&mut *transaction, &session("s1", "u9")).await), Kind::InvalidUserId);
    database.set_session_in(&mut *transaction, &session("s1", "u2")).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!((count(&database.pool, "User").await, count(&database.pool, "Key").await), (2, 1));

    let mut transaction = database.pool.begin().await.unwrap();
    assert_eq!(kind(database.set_session_in(&mut *transaction, &session("s1", "u2")).await), Kind::DuplicateSessionId);
    assert!(database.set_session_in(&mut *transaction, &session("s2", "u2")).await.is_err(), "it is at its end");
    drop(transaction);
    assert_eq!(count(&database.pool, "Session").await, 1);
}

#[tokio::test]
async fn a_connection_without_a_transaction_does_too() {
    let database = with_cart().await;
    let users = PrismaUserAdapter::with_config(database.pool.clone(), config()).await.unwrap();
    let mut connection = database.pool.acquire().await.unwrap();
    users.set_user_in(&mut *connection, &user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    assert_eq!(
        kind(users.set_user_in(&mut *connection, &user("u2"), Some(&key("p:k", "u2"))).await),
        Kind::DuplicateKeyId
    );
    users.set_key_in(&mut *connection, &key("p:k2", "u1")).await.unwrap();
    assert_eq!((count(&database.pool, "User").await, count(&database.pool, "Key").await), (1, 2));
}

#[tokio::test]
async fn a_connection_of_another_database_is_refused() {
    let database = with_cart().await;
    let elsewhere = sqlx::SqlitePool::connect("sqlite::memory:").await.unwrap();
    let adapter: &PrismaAdapter = &database.adapter;
    let mut connection = elsewhere.acquire().await.unwrap();
    let error = adapter.set_user_in(&mut *connection, &user("u1"), None).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Backend);
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "the connection is one of SQLite, and the adapter of Postgres");
}
