//! Tests of pools of sqlx with other settings.

use std::{sync::Arc, time::Duration};

use adapter_prisma_compatible::{
    PrismaAdapter, PrismaConfig, PrismaUserAdapter, SetupError, TransactionEnded, sqlite,
    sqlx::{Connection as _, SqliteConnection, SqlitePool},
};
use futures_util::future::poll_immediate;
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter as _, UserAdapter as _};
use tokio::task::JoinSet;

use crate::{
    shared::drop_at_await::drop_at_await,
    support::{
        Database, Scratch, config, count, execute, key, kind, options_of, run, session, single, texts, url_of, user,
    },
};

#[tokio::test]
async fn the_file_is_mapped_into_memory_only_if_configured() {
    let database = Database::create(config()).await;
    for (options, expected) in
        [(options_of(&database.scratch), 0), (options_of(&database.scratch).pragma("mmap_size", "1048576"), 1_048_576)]
    {
        let pool = sqlite::pool_options().connect_with(options).await.unwrap();
        let mapped: i64 = sqlx::query_scalar("PRAGMA mmap_size").fetch_one(&pool).await.unwrap();
        assert_eq!(mapped, expected);
    }
}

/// The pool of the application has no busy timeout, and the database has a journal in which readers block writers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_without_a_busy_timeout_or_wal_is_enough() {
    let scratch = Scratch::create().await;
    let pool = scratch.pool.clone();
    config().create_tables(&pool).await.unwrap();
    pool.close().await;
    let options = options_of(&scratch);
    let options = options.busy_timeout(Duration::ZERO).journal_mode(sqlx::sqlite::SqliteJournalMode::Delete);
    let options = options.synchronous(sqlx::sqlite::SqliteSynchronous::Off);
    let pool = sqlite::pool_options().max_connections(4).connect_with(options).await.unwrap();
    let adapter = PrismaAdapter::with_config(pool.clone(), config()).await.unwrap();
    adapter.set_user(&user("u1"), None).await.unwrap();
    let mut writers = JoinSet::new();
    for writer in 0..4 {
        let adapter = adapter.clone();
        writers.spawn(async move {
            for round in 0..20 {
                adapter.set_session(&session(&format!("{writer}-{round}"), "u1")).await.unwrap();
            }
        });
    }
    while let Some(writer) = writers.join_next().await {
        writer.unwrap();
    }
    assert_eq!(count(&pool, "Session").await, 80);
}

#[tokio::test]
async fn calls_wait_for_a_lock_of_another_process() {
    let scratch = Scratch::create().await;
    let pool = scratch.pool.clone();
    config().create_tables(&pool).await.unwrap();
    let options = options_of(&scratch);
    let hasty = sqlite::pool_options().connect_with(options.busy_timeout(Duration::ZERO)).await.unwrap();
    let adapter = PrismaAdapter::with_config(hasty, config()).await.unwrap();

    let lock = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let u1 = user("u1");
    let writing = adapter.set_user(&u1, None);
    tokio::pin!(writing);
    assert!(tokio::time::timeout(Duration::from_millis(60), &mut writing).await.is_err(), "the call did not wait");
    lock.rollback().await.unwrap();
    writing.await.unwrap();
    assert_eq!(count(&pool, "User").await, 1);
}

#[tokio::test]
async fn a_database_in_memory_lives_as_long_as_its_pool() {
    let pool = sqlite::connect("sqlite::memory:").await.unwrap();
    config().create_tables(&pool).await.unwrap();
    let adapter = Arc::new(PrismaAdapter::with_config(pool.clone(), config()).await.unwrap());
    let mut writers = JoinSet::new();
    for index in 0..20 {
        let adapter = Arc::clone(&adapter);
        writers.spawn(async move { adapter.set_user(&user(&format!("u{index}")), None).await.unwrap() });
    }
    writers.join_all().await;
    assert_eq!(count(&pool, "User").await, 20);
}

#[tokio::test]
async fn a_read_only_file_is_read_and_not_written() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    let pool = sqlite::connect(&format!("{}?mode=ro", url_of(&database.scratch))).await.unwrap();
    let adapter = PrismaAdapter::with_config(pool, config()).await.unwrap();
    assert_eq!(kind(adapter.set_user(&user("u2"), None).await), Kind::Unavailable);
    assert_eq!(kind(adapter.delete_user(&"u1".into()).await), Kind::Unavailable);
    assert!(adapter.get_user(&"u1".into()).await.unwrap().is_some());
}

#[tokio::test]
async fn a_file_that_is_not_a_database_is_a_typed_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.db");
    let url = format!("file:{}", file.display());
    assert!(sqlite::connect(&url).await.is_err(), "the file is not created by default");
    assert!(!file.exists());

    std::fs::write(&file, "not a database, but a text that is long enough to have a header".repeat(4)).unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file);
    let pool = SqlitePool::connect_lazy_with(options);
    let error = PrismaAdapter::new(pool.clone()).await.unwrap_err();
    assert!(matches!(error, SetupError::Database { .. }) && error.to_string().contains("x.db"), "{error}");
    let error = PrismaConfig::default().create_tables(&pool).await.unwrap_err();
    assert!(matches!(error, SetupError::Database { .. }) && error.to_string().contains("x.db"), "{error}");
    pool.close().await;
    let error = PrismaUserAdapter::new(pool.clone()).await.unwrap_err();
    assert!(matches!(error, SetupError::Unavailable { .. }), "{error:?}");
    assert_eq!(error.to_string(), format!("SQLite at {} is unavailable or did not answer in time", file.display()));
    let error = PrismaConfig::default().check(&pool).await.unwrap_err();
    assert!(matches!(error, SetupError::Unavailable { .. }) && error.to_string().contains("x.db"), "{error}");
}

/// A pool and an adapter on a database that ends the transaction of a user `u9` by itself, which sqlx does not notice.
async fn with_trigger(pool: SqlitePool) -> (SqlitePool, PrismaAdapter) {
    const STOP: &str = r#"CREATE TRIGGER stop AFTER INSERT ON "User" WHEN NEW."id" = 'u9' BEGIN
        SELECT RAISE(ROLLBACK, 'stopped'); END"#;
    config().create_tables(&pool).await.unwrap();
    run(&pool, STOP).await;
    let adapter = PrismaAdapter::with_config(pool.clone(), config()).await.unwrap();
    (pool, adapter)
}

/// Fails in a transaction of the application.
async fn fail_in_transaction(pool: &SqlitePool, adapter: &PrismaAdapter) {
    let mut transaction = pool.begin().await.unwrap();
    let stopped = adapter.set_user_in(&mut *transaction, &user("u9"), Some(&key("p:u9", "u9"))).await;
    assert_eq!(kind(stopped), Kind::Backend);
}

/// Signs a user up on a connection of the application.
async fn sign_up_on_connection(pool: &SqlitePool, adapter: &PrismaAdapter, id: &str) {
    let mut connection = pool.acquire().await.unwrap();
    adapter.set_user_in(&mut *connection, &user(id), Some(&key(&format!("p:{id}"), id))).await.unwrap();
}

async fn sign_up(adapter: &PrismaAdapter, id: &str) {
    adapter.set_user(&user(id), Some(&key(&format!("p:{id}"), id))).await.unwrap();
}

#[tokio::test]
async fn a_call_that_sqlite_rolled_back_does_not_spoil_its_connection() {
    let (pool, adapter) = with_trigger(sqlite::connect("sqlite::memory:").await.unwrap()).await;
    for round in 0..2 {
        assert_eq!(kind(adapter.set_user(&user("u9"), Some(&key("p:u9", "u9"))).await), Kind::Backend);
        sign_up(&adapter, &format!("a{round}")).await;
        assert_eq!(kind(adapter.set_user(&user("u9"), Some(&key("p:u9", "u9"))).await), Kind::Backend);
        sign_up_on_connection(&pool, &adapter, &format!("b{round}")).await;
    }
    assert_eq!((count(&pool, "User").await, count(&pool, "Key").await), (4, 4));
}

#[tokio::test]
async fn a_transaction_that_sqlite_rolled_back_does_not_spoil_its_connection() {
    let database = Database::create(config()).await;
    let memory = sqlite::connect("sqlite::memory:").await.unwrap();
    for pool in [memory, single(&database.scratch).await] {
        let (pool, adapter) = with_trigger(pool).await;
        for round in 0..2 {
            fail_in_transaction(&pool, &adapter).await;
            sign_up(&adapter, &format!("a{round}")).await;
            fail_in_transaction(&pool, &adapter).await;
            sign_up_on_connection(&pool, &adapter, &format!("b{round}")).await;
        }
        assert_eq!((count(&pool, "User").await, count(&pool, "Key").await), (4, 4));
    }
}

#[tokio::test]
async fn a_spoiled_connection_of_another_pool_is_used_again() {
    let database = Database::create(config()).await;
    for options in [options_of(&database.scratch), sqlite::connect_options("sqlite::memory:").unwrap()] {
        let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
        let (pool, adapter) = with_trigger(pool.connect_with(options).await.unwrap()).await;
        for round in 0..2 {
            fail_in_transaction(&pool, &adapter).await;
            sign_up(&adapter, &format!("a{round}")).await;
        }
        assert_eq!((count(&pool, "User").await, count(&pool, "Key").await), (2, 2));
    }
}

/// Outside of a transaction of the application, SQLite has ended only that of the call.
#[tokio::test]
async fn a_call_on_a_connection_that_sqlite_rolled_back_does_not_spoil_it() {
    let database = Database::create(config()).await;
    let memory = sqlite::connect("sqlite::memory:").await.unwrap();
    for pool in [memory, single(&database.scratch).await] {
        let (pool, adapter) = with_trigger(pool).await;
        let mut connection = pool.acquire().await.unwrap();
        for id in ["a", "b"] {
            let stopped = adapter.set_user_in(&mut *connection, &user("u9"), Some(&key("p:u9", "u9"))).await;
            assert_eq!(kind(stopped), Kind::Backend);
            adapter.set_user_in(&mut *connection, &user(id), Some(&key(&format!("p:{id}"), id))).await.unwrap();
            let mut transaction = connection.begin().await.unwrap();
            adapter.set_user_in(&mut *transaction, &user("c"), Some(&key("p:c", "c"))).await.unwrap();
            transaction.rollback().await.unwrap();
        }
        let stopped = adapter.set_user_in(&mut *connection, &user("u9"), Some(&key("p:u9", "u9"))).await;
        assert_eq!(kind(stopped), Kind::Backend);
        drop(connection);
        sign_up(&adapter, "d").await;
        assert_eq!((count(&pool, "User").await, count(&pool, "Key").await), (3, 3));
    }
}

/// Keeps the thread of a connection busy, so that it runs the next commands later.
async fn delay(connection: &mut SqliteConnection) {
    const SLOW: &str =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT max(i) FROM n";
    assert!(poll_immediate(sqlx::raw_sql(SLOW).execute(connection)).await.is_none());
}

#[tokio::test]
async fn a_call_dropped_after_a_rollback_begins_no_transaction() {
    let database = Database::create(config()).await;
    let pool = single(&database.scratch).await;
    for nth in 1.. {
        let mut transaction = pool.begin().await.unwrap();
        execute(&mut transaction, "ROLLBACK").await;
        delay(&mut transaction).await;
        let (u1, its_key) = (user("u1"), key("p:u1", "u1"));
        let dropped = drop_at_await(nth, database.set_user_in(&mut *transaction, &u1, Some(&its_key))).await;
        let refused = database.set_user_in(&mut *transaction, &u1, Some(&its_key)).await.unwrap_err();
        assert!(refused.downcast_ref::<TransactionEnded>().is_some(), "{}", texts(&refused));
        drop(transaction);
        sign_up(&database, &format!("a{nth}")).await;
        if !dropped {
            assert!(nth > 1, "something was dropped");
            break;
        }
    }
}

/// sqlx counts a transaction until its thread has rolled it back.
#[tokio::test]
async fn a_dropped_transaction_is_not_one_that_sqlite_rolled_back() {
    let database = Database::create(config()).await;
    let mut connection = database.pool.acquire().await.unwrap();
    let mut transaction = connection.begin().await.unwrap();
    delay(&mut transaction).await;
    drop(transaction);
    database.set_user_in(&mut *connection, &user("u1"), Some(&key("p:u1", "u1"))).await.unwrap();
    assert_eq!((count(&database.pool, "User").await, count(&database.pool, "Key").await), (1, 1));
}
