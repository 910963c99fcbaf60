//! A transaction that continues after an error, which is not possible on Postgres.

use lucia_core::{AdapterErrorKind as Kind, UserAdapter};

use crate::{
    shared::transaction::with_cart,
    support::{count, execute, key, kind, session, user},
};

/// A failed step is undone, and the transaction continues.
#[tokio::test]
async fn a_failed_call_is_typed_and_rolls_back_only_itself() {
    let database = with_cart().await;
    database.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    let mut transaction = database.pool.begin().await.unwrap();
    database.set_user_in(&mut *transaction, &user("u2"), None).await.unwrap();
    for (expected, id, key_id) in [(Kind::DuplicateUserId, "u1", "p:k2"), (Kind::DuplicateKeyId, "u3", "p:k")] {
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

/// Another `BEGIN` would commit the transaction of the application.
#[tokio::test]
async fn a_transaction_unknown_to_the_driver_is_not_committed() {
    let database = with_cart().await;
    database.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    let mut connection = database.pool.acquire().await.unwrap();
    for end in ["ROLLBACK", "COMMIT"] {
        execute(&mut connection, "BEGIN").await;
        execute(&mut connection, "INSERT INTO cart VALUES ('u1')").await;
        database.set_user_in(&mut *connection, &user("u2"), Some(&key("p:k2", "u2"))).await.unwrap();
        let taken = database.set_user_in(&mut *connection, &user("u3"), Some(&key("p:k", "u3"))).await;
        assert_eq!(kind(taken), Kind::DuplicateKeyId);
        assert_eq!(count(&database.pool, "cart").await, 0, "nobody sees it before");
        execute(&mut connection, end).await;
        let expected = if end == "COMMIT" { (1, 2, 2) } else { (0, 1, 1) };
        let counts = (
            count(&database.pool, "cart").await,
            count(&database.pool, "User").await,
            count(&database.pool, "Key").await,
        );
        assert_eq!(counts, expected, "{end}");
    }
}

/// On MySQL, a savepoint replaces an earlier one with the same name.
#[tokio::test]
async fn a_savepoint_of_the_application_is_not_replaced() {
    let database = with_cart().await;
    database.set_user(&user("u1"), None).await.unwrap();
    let mut transaction = database.pool.begin().await.unwrap();
    execute(&mut transaction, "SAVEPOINT lucia").await;
    execute(&mut transaction, "INSERT INTO cart VALUES ('u1')").await;
    database.set_user_in(&mut *transaction, &user("u2"), Some(&key("p:k", "u2"))).await.unwrap();
    database.set_session_in(&mut *transaction, &session("s1", "u2")).await.unwrap();
    execute(&mut transaction, "ROLLBACK TO SAVEPOINT lucia").await;
    transaction.commit().await.unwrap();
    for (table, rows) in [("cart", 0), ("User", 1), ("Key", 0), ("Session", 0)] {
        assert_eq!(count(&database.pool, table).await, rows, "{table}");
    }
}
