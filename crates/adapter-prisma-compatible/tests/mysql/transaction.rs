//! Writes inside a transaction of the application.

use adapter_prisma_compatible::PrismaUserAdapter;
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, UserAdapter};
use sqlx::AssertSqlSafe;

use crate::support::{Database, config, count, key, kind, run, session, user};

async fn with_cart() -> Database {
    let database = Database::create(config()).await;
    run(&database.pool, "CREATE TABLE cart (user_id VARCHAR(191) COLLATE utf8mb4_unicode_ci NOT NULL, FOREIGN KEY (user_id) REFERENCES `User` (id))").await;
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

/// One step that fails is undone, and the transaction goes on.
#[tokio::test]
async fn a_failure_is_typed_and_undoes_itself_alone() {
    let database = with_cart().await;
    database.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    let mut transaction = database.pool.begin().await.unwrap();
    database.set_user_in(&mut *transaction, &user("u2"), None).await.unwrap();
    let long = "u".repeat(192);
    for (expected, id, key_id) in [
        (Kind::DuplicateUserId, "u1", "p:k2"),
        (Kind::DuplicateKeyId, "u3", "p:k"),
        (Kind::UnsupportedId, long.as_str(), "p:k2"),
    ] {
        let result = database.set_user_in(&mut *transaction, &user(id), Some(&key(key_id, id))).await;
        assert_eq!(kind(result), expected);
    }
    assert_eq!(kind(database.set_session_in(&mut *transaction, &session("s1", "u9")).await), Kind::InvalidUserId);
    database.set_session_in(&mut *transaction, &session("s1", "u2")).await.unwrap();
    assert_eq!(kind(database.set_session_in(&mut *transaction, &session("s1", "u2")).await), Kind::DuplicateSessionId);
    transaction.commit().await.unwrap();
    assert_eq!((count(&database.pool, "User").await, count(&database.pool, "Key").await), (2, 1));
    assert_eq!(count(&database.pool, "Session").await, 1);
}

/// One more `BEGIN` would commit what the application has not.
#[tokio::test]
async fn a_transaction_that_sqlx_knows_nothing_of_is_not_committed() {
    let database = with_cart().await;
    database.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    let mut connection = database.pool.acquire().await.unwrap();
    for end in ["ROLLBACK", "COMMIT"] {
        sqlx::raw_sql("START TRANSACTION").execute(&mut *connection).await.unwrap();
        sqlx::query("INSERT INTO cart VALUES ('u1')").execute(&mut *connection).await.unwrap();
        database.set_user_in(&mut *connection, &user("u2"), Some(&key("p:k2", "u2"))).await.unwrap();
        let taken = database.set_user_in(&mut *connection, &user("u3"), Some(&key("p:k", "u3"))).await;
        assert_eq!(kind(taken), Kind::DuplicateKeyId);
        assert_eq!(count(&database.pool, "cart").await, 0, "nobody sees it before");
        sqlx::raw_sql(AssertSqlSafe(end)).execute(&mut *connection).await.unwrap();
        let expected = if end == "COMMIT" { (1, 2, 2) } else { (0, 1, 1) };
        let counts = (
            count(&database.pool, "cart").await,
            count(&database.pool, "User").await,
            count(&database.pool, "Key").await,
        );
        assert_eq!(counts, expected, "{end}");
    }
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
