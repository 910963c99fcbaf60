//! A transaction of sqlx that the database has rolled back.

use adapter_prisma_compatible::TransactionEnded;
use lucia_core::{AdapterErrorKind as Kind, UserAdapter as _};
use sqlx::Connection as _;

use crate::support::{Database, Driver, config, count, execute, key, session, texts, user};

/// Outside of the transaction, a call would be committed at once.
#[tokio::test]
async fn calls_in_a_transaction_that_was_rolled_back_are_refused() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    let mut connection = database.pool.acquire().await.unwrap();
    for in_savepoint in [false, true] {
        let mut transaction = connection.begin().await.unwrap();
        database.set_user_in(&mut *transaction, &user("u2"), Some(&key("p:u2", "u2"))).await.unwrap();
        database.set_session_in(&mut *transaction, &session("s1", "u1")).await.unwrap();
        if in_savepoint {
            let mut savepoint = transaction.begin().await.unwrap();
            execute(&mut savepoint, "ROLLBACK").await;
            assert_refused(&database, &mut savepoint).await;
            drop(savepoint);
        } else {
            execute(&mut transaction, "ROLLBACK").await;
        }
        assert_refused(&database, &mut transaction).await;
        drop(transaction);
        for table in ["Key", "Session"] {
            assert_eq!(count(&database.pool, table).await, 0, "{table}");
        }
        assert_eq!(count(&database.pool, "User").await, 1);
    }
}

async fn assert_refused(database: &Database, connection: &mut <Driver as sqlx::Database>::Connection) {
    let u3 = user("u3");
    for error in [
        database.set_session_in(connection, &session("s1", "u1")).await.unwrap_err(),
        database.set_user_in(connection, &u3, None).await.unwrap_err(),
        database.set_user_in(connection, &u3, Some(&key("p:u3", "u3"))).await.unwrap_err(),
        database.set_key_in(connection, &key("p:u1", "u1")).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), Kind::Backend);
        assert!(error.downcast_ref::<TransactionEnded>().is_some(), "{}", texts(&error));
    }
}
