//! Tests of writes inside a transaction of the application.

use adapter_prisma_compatible::{PrismaAdapter, PrismaConfig, postgres};
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter as _, UserAdapter};
use sqlx::Connection as _;
use test_servers::{pgbouncer_server, postgres_server};

use crate::{
    shared::transaction::with_cart,
    support::{count, key, kind, session, user},
};

#[tokio::test]
async fn a_failed_write_is_typed_and_aborts_the_transaction_up_to_its_savepoint() {
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
    // No statement was sent, so the transaction is still usable.
    assert_eq!(kind(database.set_session_in(&mut *transaction, &session("s1", "u9")).await), Kind::InvalidUserId);
    database.set_session_in(&mut *transaction, &session("s1", "u2")).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!((count(&database.pool, "User").await, count(&database.pool, "Key").await), (2, 1));

    let mut transaction = database.pool.begin().await.unwrap();
    assert_eq!(kind(database.set_session_in(&mut *transaction, &session("s1", "u2")).await), Kind::DuplicateSessionId);
    assert!(
        database.set_session_in(&mut *transaction, &session("s2", "u2")).await.is_err(),
        "the transaction is aborted"
    );
    drop(transaction);
    assert_eq!(count(&database.pool, "Session").await, 1);
}

#[tokio::test]
async fn a_connection_to_another_database_is_rejected() {
    let database = with_cart().await;
    let elsewhere = sqlx::SqlitePool::connect("sqlite::memory:").await.unwrap();
    let adapter: &PrismaAdapter = &database.adapter;
    let mut connection = elsewhere.acquire().await.unwrap();
    let error = adapter.set_user_in(&mut *connection, &user("u1"), None).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Backend);
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "wrong kind of connection: the adapter uses Postgres, and the connection is to SQLite");
}

/// Each transaction may run on another connection to the server, where another client may use the same statement name.
#[tokio::test]
async fn transactions_behind_pgbouncer_leave_no_prepared_statement() {
    let server = postgres_server().unwrap().start().unwrap();
    let pgbouncer = pgbouncer_server(server.port()).unwrap().start().unwrap();
    let url = format!("postgres://lucia:lucia@127.0.0.1:{}/postgres?pgbouncer=true", pgbouncer.port());
    let pool = postgres::connect(&url).await.unwrap();
    PrismaConfig::default().create_tables(&pool).await.unwrap();
    let adapter = PrismaAdapter::new(pool.clone()).await.unwrap();
    for round in 0..20 {
        let id = format!("u{round}");
        let mut transactions = [pool.begin().await.unwrap(), pool.begin().await.unwrap()];
        for (index, transaction) in transactions.iter_mut().enumerate() {
            let id = format!("{id}_{index}");
            let user = lucia_core::UserSchema::new(id.as_str());
            adapter.set_user_in(&mut **transaction, &user, Some(&key(&format!("p:{id}"), &id))).await.unwrap();
            adapter.set_session_in(&mut **transaction, &session(&id, &id)).await.unwrap();
        }
        for transaction in transactions {
            transaction.commit().await.unwrap();
        }
        assert!(adapter.get_session(&format!("{id}_0").as_str().into()).await.unwrap().is_some());
    }
    let direct = format!("postgres://lucia:lucia@127.0.0.1:{}/postgres", server.port());
    let direct = postgres::connect(&direct).await.unwrap();
    assert_eq!(count(&direct, "Session").await, 40);
}
