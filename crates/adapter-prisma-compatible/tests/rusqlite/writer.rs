//! Functions of the application on the writer, and the end of a pool.

use std::{
    path::{Path, PathBuf},
    pin::pin,
    time::Duration,
};

use adapter_prisma_compatible::{
    NoConnection, RusqlitePool,
    rusqlite::{Error, ErrorCode, Result, Transaction},
};
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, join_all},
};
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter as _, UserAdapter as _};
use tokio::time::timeout;

use crate::{
    app::{App, config, count, hold_reader, hold_writer, reason},
    support::{kind, session, user},
};

const INSERT: &str = "INSERT INTO User (id, username) VALUES ('x', 'x')";

#[tokio::test]
async fn a_panicking_function_writes_nothing_and_the_writer_goes_on() {
    let app = App::create().await;
    let pool = app.pool.clone();
    let panicking = tokio::spawn(async move {
        pool.write(|transaction| -> Result<()> {
            transaction.execute(INSERT, ())?;
            panic!("a panic of the application");
        })
        .await
    });
    assert!(panicking.await.unwrap_err().is_panic());
    assert_eq!(app.count("User"), 0);
    app.adapter.set_user(&user("u1"), None).await.unwrap();
    assert_eq!(app.count("User"), 1);
}

#[tokio::test]
async fn a_function_that_fails_writes_nothing() {
    let app = App::create().await;
    let failed = app.pool.write(|transaction| {
        transaction.execute(INSERT, ())?;
        transaction.execute(INSERT, ())
    });
    assert_eq!(failed.await.unwrap_err().sqlite_error_code(), Some(ErrorCode::ConstraintViolation));
    // This foreign key is checked when the transaction is committed.
    let not_committed = app.pool.write(|transaction| {
        transaction.execute_batch("PRAGMA defer_foreign_keys = ON")?;
        transaction.execute(INSERT, ())?;
        transaction.execute("INSERT INTO Key (id, user_id) VALUES ('p:k', 'nobody')", ())
    });
    assert_eq!(not_committed.await.unwrap_err().sqlite_error_code(), Some(ErrorCode::ConstraintViolation));
    assert_eq!((app.count("User"), app.count("Key")), (0, 0));
    app.adapter.set_user(&user("u1"), None).await.unwrap();
}

#[tokio::test]
async fn functions_and_calls_run_in_their_order() {
    let app = App::create().await;
    let users: Vec<_> = (0..4).map(|index| user(&format!("u{index}"))).collect();
    let held = hold_writer(&app.pool).await;
    let counted = |transaction: &mut Transaction<'_>| Ok::<_, Error>(count(transaction, "User"));
    let calls = users.iter().flat_map(|user| -> [BoxFuture<'_, Option<i64>>; 2] {
        [
            Box::pin(async { app.adapter.set_user(user, None).await.map(|()| None).unwrap() }),
            Box::pin(async { Some(app.pool.write(counted).await.unwrap()) }),
        ]
    });
    let mut calls = pin!(join_all(calls));
    assert!(calls.as_mut().now_or_never().is_none());
    drop(held);
    assert_eq!(calls.await.into_iter().flatten().collect::<Vec<_>>(), [1, 2, 3, 4]);
}

/// Later writes would otherwise be a part of that transaction.
#[tokio::test]
async fn a_transaction_left_open_by_a_function_is_rolled_back() {
    let pool = RusqlitePool::connect("sqlite::memory:").await.unwrap();
    config().create_tables(&pool).await.unwrap();
    pool.read(|connection| connection.execute_batch(&format!("BEGIN; {INSERT}"))).await.unwrap();
    pool.write(|transaction| transaction.execute(INSERT, ())).await.unwrap();
    assert_eq!(pool.read(|connection| Ok(count(connection, "User"))).await.unwrap(), 1);
}

#[tokio::test]
async fn a_closed_pool_has_finished_its_calls_and_refuses_others() {
    let app = App::create().await;
    app.adapter.set_user(&user("u1"), None).await.unwrap();
    let (writing, reading) = (hold_writer(&app.pool).await, hold_reader(&app.pool).await);
    let s1 = session("s1", "u1");
    let mut queued = pin!(app.adapter.set_session(&s1));
    assert!(queued.as_mut().now_or_never().is_none());
    let mut closing = pin!(app.pool.close());
    assert!(closing.as_mut().now_or_never().is_none(), "the writer is busy");
    drop(writing);
    queued.await.unwrap();
    assert!(timeout(Duration::from_millis(60), closing.as_mut()).await.is_err(), "a connection is reading");
    drop(reading);
    closing.await;

    assert!(!wal(&app.path()).exists(), "all connections are closed");
    assert_eq!(kind(app.adapter.get_user(&"u1".into()).await), Kind::Unavailable);
    let refused = app.adapter.set_session(&s1).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Unavailable);
    assert!(matches!(refused.downcast_ref(), Some(NoConnection::Closed)), "{refused:?}");
    assert_eq!(kind(app.adapter.delete_user(&"u1".into()).await), Kind::Unavailable);
    for error in
        [app.pool.read(|_| Ok(())).await.unwrap_err(), app.pool.write(|_| Ok::<_, Error>(())).await.unwrap_err()]
    {
        assert!(matches!(reason(&error), Some(NoConnection::Closed)), "{error:?}");
        assert_eq!(error.to_string(), "the pool is closed");
    }
    app.pool.close().await;
    assert_eq!((app.count("User"), app.count("Session")), (1, 1));
}

#[tokio::test]
async fn connections_are_closed_with_the_last_clone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let pool = RusqlitePool::connect(&format!("file:{}?mode=rwc", path.display())).await.unwrap();
    config().create_tables(&pool).await.unwrap();
    let other = pool.clone();
    drop(pool);
    other.read(|connection| Ok(count(connection, "User"))).await.unwrap();
    assert!(wal(&path).exists());
    drop(other);
    // The writer ends in its own thread.
    while wal(&path).exists() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn wal(path: &Path) -> PathBuf {
    path.with_extension("db-wal")
}
