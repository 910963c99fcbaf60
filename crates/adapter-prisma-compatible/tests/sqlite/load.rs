//! Many at once: nothing is lost, nothing is half done, and nobody hears of a lock.

use std::{sync::Arc, time::Duration};

use adapter_prisma_compatible::{PrismaAdapter, sqlite};
use lucia_core::{Adapter, KeyId, KeySchema, SessionAdapter, SessionUpdate, UnixMillis, UserAdapter};
use tokio::task::JoinSet;

use crate::support::{Database, Scratch, config, count, one, options_of, renewal, run, session, user};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_under_load_never_hear_of_a_lock() {
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

/// A pool of the application without any patience, on a database whose journal makes readers block writers.
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
async fn a_lock_of_another_process_is_waited_for() {
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
    assert!(tokio::time::timeout(Duration::from_millis(60), &mut writing).await.is_err(), "it waits");
    lock.rollback().await.unwrap();
    writing.await.unwrap();
    assert_eq!(count(&pool, "User").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_session_outlives_its_user() {
    for round in 0..20 {
        let database = Arc::new(Database::create(config()).await);
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
    run(
        &database.pool,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
         INSERT INTO Session (id, user_id, active_expires, idle_expires) SELECT 's' || i, 'u1', i, i FROM n",
    )
    .await;
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
