//! Reads, which run in the caller's thread unless they take long or meet a lock.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use adapter_prisma_compatible::{
    NoConnection,
    rusqlite::{ErrorCode, Result},
};
use futures_util::{FutureExt as _, future::join_all};
use lucia_core::{Adapter as _, AdapterErrorKind as Kind, SessionAdapter as _, UserAdapter as _};
use tokio::task::{unconstrained, yield_now};

use crate::{
    app::{App, count, hold_reader},
    support::{session, texts, user},
};

/// Takes longer than a call in the caller's thread may.
const SESSIONS: i64 = 20_000;

async fn with_a_session(parameters: &str) -> App {
    let app = App::with(parameters, |_| Ok(())).await;
    app.adapter.set_user(&user("u1"), None).await.unwrap();
    app.adapter.set_session(&session("s1", "u1")).await.unwrap();
    app
}

#[tokio::test]
async fn a_look_up_does_not_leave_the_thread() {
    let app = with_a_session("").await;
    app.adapter.get_session_and_user(&"s1".into()).await.unwrap();
    for _ in 0..50 {
        let found = app.adapter.get_session_and_user(&"s1".into()).now_or_never();
        assert!(found.expect("the call waited").unwrap().is_some());
    }
}

/// Many look-ups, each of which completes at once.
#[tokio::test]
async fn a_task_with_many_look_ups_lets_others_run() {
    let app = with_a_session("").await;
    let turns = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&turns);
    let other = tokio::spawn(async move {
        loop {
            counter.fetch_add(1, SeqCst);
            yield_now().await;
        }
    });
    app.adapter.get_session(&"s1".into()).await.unwrap();
    let before = turns.load(SeqCst);
    for _ in 0..1_000 {
        assert!(app.adapter.get_session(&"s1".into()).await.unwrap().is_some());
    }
    assert!(turns.load(SeqCst) > before, "the other task had no turn");
    other.abort();
}

/// The runtime of the test has a single thread.
#[tokio::test]
async fn a_long_read_does_not_hold_up_other_calls() {
    const INSERT: &str = "WITH RECURSIVE number(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM number WHERE i < ?1)
        INSERT INTO Session (id, user_id, active_expires, idle_expires) SELECT 's' || i, 'u1', 1000, 2000 FROM number";
    let app = with_a_session("").await;
    app.pool.write(|transaction| transaction.execute(INSERT, [SESSIONS])).await.unwrap();
    app.adapter.get_session(&"s1".into()).await.unwrap();
    let user_id = "u1".into();
    for _ in 0..3 {
        let mut long = pin!(app.adapter.get_sessions_by_user_id(&user_id));
        assert!(long.as_mut().now_or_never().is_none(), "the long read occupied the thread");
        assert!(app.adapter.get_session(&"s1".into()).await.unwrap().is_some());
        let mut ids: Vec<_> = long.await.unwrap().into_iter().map(|session| session.id.into_string()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(i64::try_from(ids.len()), Ok(SESSIONS));
        // The budget of the long read does not apply to the next one, nor the other way round.
        assert!(app.adapter.get_session(&"s1".into()).now_or_never().is_some());
    }
}

/// In this journal mode, a writer locks readers out.
#[tokio::test]
async fn a_read_that_meets_a_lock_does_not_hold_up_other_calls() {
    let app = App::with("", |connection| connection.pragma_update(None, "journal_mode", "DELETE")).await;
    app.adapter.set_user(&user("u1"), None).await.unwrap();
    app.adapter.get_user(&"u1".into()).await.unwrap();
    let other = app.connection();
    other.execute_batch("BEGIN EXCLUSIVE; UPDATE User SET username = 'renamed'").unwrap();
    #[expect(clippy::disallowed_methods, reason = "SQLite waits by the real clock")]
    let start = Instant::now();
    let id = "u1".into();
    let mut reading = pin!(app.adapter.get_user(&id));
    assert!(reading.as_mut().now_or_never().is_none(), "the row is locked");
    assert!(start.elapsed() < Duration::from_secs(2), "the read waited in the thread of the runtime");
    assert!(tokio::time::timeout(Duration::from_millis(60), reading.as_mut()).await.is_err(), "the row is locked");
    other.execute_batch("COMMIT").unwrap();
    let read = reading.await.unwrap().unwrap();
    assert_eq!(read.attributes().get("username").unwrap(), "renamed");
}

#[tokio::test]
async fn reads_wait_for_a_connection() {
    let app = with_a_session("connection_limit=2").await;
    let held = [hold_reader(&app.pool).await, hold_reader(&app.pool).await];
    let id = "s1".into();
    let mut reads = pin!(unconstrained(join_all((0..20).map(|_| app.adapter.get_session_and_user(&id)))));
    assert!(reads.as_mut().now_or_never().is_none());
    drop(held);
    for read in reads.await {
        assert!(read.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_read_without_a_connection_fails_after_the_timeout_of_the_pool() {
    let app = with_a_session("connection_limit=1&pool_timeout=2").await;
    let held = hold_reader(&app.pool).await;
    let id = "s1".into();
    let reading = app.adapter.get_session(&id);
    let read = tokio::time::timeout(Duration::from_millis(3_800), reading).await;
    let error = read.expect("the read waited more than once").unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(matches!(error.downcast_ref(), Some(NoConnection::InUse)), "{}", texts(&error));
    assert!(texts(&error).contains("`connection_limit`"), "{}", texts(&error));
    app.adapter.set_session(&session("s2", "u1")).await.unwrap();
    drop(held);
    assert!(app.adapter.get_session(&id).await.unwrap().is_some());
}

/// A connection that stays in a transaction sees none of the later writes: a session that was revoked would stay valid.
#[tokio::test]
async fn a_transaction_left_open_by_a_function_is_not_read_in_later() {
    let app = with_a_session("connection_limit=1").await;
    app.pool.read(|connection| connection.execute_batch("BEGIN; SELECT count(*) FROM User")).await.unwrap();
    app.adapter.delete_session(&"s1".into()).await.unwrap();
    assert_eq!(app.adapter.get_session(&"s1".into()).await.unwrap(), None);
    assert_eq!(app.pool.read(|connection| Ok(count(connection, "Session"))).await.unwrap(), 0);
}

#[tokio::test]
async fn a_function_that_reads_cannot_write() {
    let app = with_a_session("").await;
    let refused = app.pool.read(|connection| connection.execute("DELETE FROM Session", ())).await.unwrap_err();
    assert_eq!(refused.sqlite_error_code(), Some(ErrorCode::ReadOnly));
    assert_eq!(app.count("Session"), 1);
}

#[tokio::test]
async fn a_panicking_function_does_not_use_up_a_connection() {
    let app = with_a_session("connection_limit=1&pool_timeout=2").await;
    let pool = app.pool.clone();
    let panicking =
        tokio::spawn(async move { pool.read(|_| -> Result<()> { panic!("a panic of the application") }).await });
    assert!(panicking.await.unwrap_err().is_panic());
    assert!(app.adapter.get_session(&"s1".into()).await.unwrap().is_some());
}

/// Other programs change the tables while statements are prepared.
#[tokio::test]
async fn a_migration_by_another_program_fails_no_read() {
    let app = with_a_session("").await;
    let other = app.connection();
    for round in 0..5 {
        other
            .execute_batch(&format!("ALTER TABLE User ADD COLUMN c{round} TEXT; DROP INDEX IF EXISTS Key_user_id_idx"))
            .unwrap();
        for _ in 0..2 {
            assert!(app.adapter.get_session_and_user(&"s1".into()).await.unwrap().is_some(), "{round}");
        }
        app.adapter.set_session(&session(&format!("r{round}"), "u1")).await.unwrap();
    }
}
