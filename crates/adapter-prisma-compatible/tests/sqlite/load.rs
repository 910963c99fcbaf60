//! Tests of concurrent calls: no write is lost or partial, and no call fails because of a lock.

use std::{sync::Arc, time::Duration};

use adapter_prisma_compatible::{PrismaAdapter, sqlite};
use lucia_core::{Adapter, KeyId, KeySchema, SessionAdapter, UserAdapter};
use tokio::task::JoinSet;

use crate::support::{Database, Scratch, config, count, options_of, renewal, session, user};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_under_load_do_not_fail_on_locks() {
    let database = Arc::new(Database::create(config()).await);
    database.set_user(&user("u1"), None).await.unwrap();
    let mut writers = JoinSet::new();
    for writer in 0..40 {
        let database = Arc::clone(&database);
        writers.spawn(async move {
            for round in 0..10 {
                let id = format!("{writer}-{round}");
                database.set_session_and_get_user(&session(&id, "u1")).await.unwrap();
                database.update_session(&id.as_str().into(), &renewal(8_000, 9_000, Some(2_000))).await.unwrap();
                assert!(database.get_session_and_user(&id.as_str().into()).await.unwrap().is_some());
                let key = KeySchema::new(KeyId::from_stored(format!("p:{id}")), format!("u{id}"));
                database.set_user(&user(&format!("u{id}")), Some(&key)).await.unwrap();
            }
        });
    }
    while let Some(writer) = writers.join_next().await {
        writer.unwrap();
    }
    assert_eq!(count(&database.pool, "Session").await, 400);
    assert_eq!(count(&database.pool, "User").await, 401);
    assert_eq!(count(&database.pool, "Key").await, 400);
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
