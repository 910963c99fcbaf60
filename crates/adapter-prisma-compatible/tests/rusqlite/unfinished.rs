//! Transactions and statements that a function of the application leaves, and that cannot be ended: no call is
//! acknowledged without being committed, and no read sees an old state.

use std::{
    fs,
    mem::forget,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

use adapter_prisma_compatible::{
    NoConnection, OpenError, PrismaAdapter, RusqlitePool,
    rusqlite::{
        Connection, Error, Result,
        hooks::{AuthAction, AuthContext, Authorization, TransactionOperation},
    },
};
use futures_util::future::BoxFuture;
use lucia_core::{Adapter as _, AdapterErrorKind as Kind, AdapterResult, SessionAdapter as _, UserAdapter as _};

use crate::{
    app::{App, config, count, reason},
    group::together,
    support::{key, kind, session, texts, user},
};

const INSERT: &str = "INSERT INTO User (id, username) VALUES ('x', 'x')";
const RETURNING: &str = "INSERT INTO User (id, username) VALUES ('x', 'x'), ('y', 'y') RETURNING id";

/// Makes every rollback on this connection fail.
fn deny_rollbacks(connection: &Connection) -> Result<()> {
    connection.authorizer(Some(|context: AuthContext<'_>| match context.action {
        AuthAction::Transaction { operation: TransactionOperation::Rollback }
        | AuthAction::Savepoint { operation: TransactionOperation::Rollback, .. } => Authorization::Deny,
        _ => Authorization::Allow,
    }))
}

/// Runs a statement and leaves it at its first row.
fn leave_running(connection: &Connection, sql: &str) -> Result<()> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query(())?;
    rows.next()?;
    forget(rows);
    forget(statement);
    Ok(())
}

async fn with_u1(parameters: &str) -> App {
    let app = App::with(parameters, |_| Ok(())).await;
    app.adapter.set_user(&user("u1"), Some(&key("p:u1", "u1"))).await.unwrap();
    app
}

/// Asserts that calls with one statement and with several take effect.
async fn assert_writes(app: &App) {
    app.adapter.set_session(&session("s1", "u1")).await.unwrap();
    assert_eq!(app.count("Session"), 1, "the session is committed");
    app.adapter.set_user(&user("u2"), Some(&key("p:u2", "u2"))).await.unwrap();
    app.pool.write(|transaction| transaction.execute("DELETE FROM Session", ())).await.unwrap();
    assert_eq!((app.count("User"), app.count("Key"), app.count("Session")), (2, 2, 0));
}

#[tokio::test]
async fn a_rollback_that_fails_loses_no_later_call() {
    let app = with_u1("").await;
    let failed = app.pool.write(|transaction| {
        deny_rollbacks(transaction)?;
        transaction.execute(INSERT, ())?;
        Err::<(), _>(Error::InvalidQuery)
    });
    assert_eq!(failed.await.unwrap_err(), Error::InvalidQuery);
    assert_writes(&app).await;
}

#[tokio::test]
async fn a_rollback_that_fails_after_a_panic_loses_no_later_call() {
    let app = with_u1("").await;
    let pool = app.pool.clone();
    let panicking = tokio::spawn(async move {
        let panic = pool.write(|transaction| -> Result<()> {
            deny_rollbacks(transaction)?;
            transaction.execute(INSERT, ())?;
            panic!("a panic of the application");
        });
        panic.await
    });
    assert!(panicking.await.unwrap_err().is_panic());
    assert_writes(&app).await;
}

/// One of the calls fails, and cannot be undone alone.
#[tokio::test]
async fn a_rollback_that_fails_takes_no_other_call_with_it() {
    let app = App::with("", deny_rollbacks).await;
    app.adapter.set_user(&user("u1"), Some(&key("p:u1", "u1"))).await.unwrap();
    let users = ["u2", "u3", "u4"].map(user);
    // The user is inserted before the key is refused.
    let keys = [key("p:u2", "u2"), key("p:u1", "u3"), key("p:u4", "u4")];
    let s1 = session("s1", "u1");
    let mut calls: Vec<BoxFuture<'_, AdapterResult<()>>> = vec![Box::pin(app.adapter.set_session(&s1))];
    calls.extend(users.iter().zip(&keys).map(|(user, key)| app.adapter.set_user(user, Some(key))));
    let results = together(&app, calls).await;
    let kinds: Vec<_> = results.iter().map(|result| result.as_ref().err().map(|error| error.kind())).collect();
    assert_eq!(kinds, [None, None, Some(Kind::DuplicateKeyId), None]);
    assert_eq!((app.count("User"), app.count("Key"), app.count("Session")), (3, 3, 1));
}

/// SQLite does not commit before the last statement that writes has ended.
#[tokio::test]
async fn a_writing_statement_left_running_loses_no_later_call() {
    let app = with_u1("").await;
    app.pool.write(|transaction| leave_running(transaction, RETURNING)).await.unwrap_err();
    assert_writes(&app).await;
}

/// A connection with an old snapshot cannot write any more.
#[tokio::test]
async fn a_reading_statement_left_running_fails_no_later_write() {
    let app = with_u1("").await;
    app.pool.write(|transaction| leave_running(transaction, "SELECT id FROM User")).await.unwrap();
    app.connection().execute("UPDATE User SET username = 'ada'", ()).unwrap();
    assert_writes(&app).await;
}

#[tokio::test]
async fn calls_fail_until_the_connection_that_writes_is_replaced() {
    let is_refused = Arc::new(AtomicBool::new(false));
    let refused = Arc::clone(&is_refused);
    let app = App::with("", move |_| if refused.load(SeqCst) { Err(Error::InvalidQuery) } else { Ok(()) }).await;
    app.adapter.set_user(&user("u1"), Some(&key("p:u1", "u1"))).await.unwrap();
    app.adapter.get_user(&"u1".into()).await.unwrap();
    is_refused.store(true, SeqCst);
    app.pool.write(|transaction| leave_running(transaction, RETURNING)).await.unwrap_err();
    for _ in 0..2 {
        let s1 = session("s1", "u1");
        let alone = app.adapter.set_session(&s1).await.unwrap_err();
        let u1 = "u1".into();
        let (one, two) = tokio::join!(app.adapter.set_session(&s1), app.adapter.delete_user(&u1));
        for error in [alone, one.unwrap_err(), two.unwrap_err()] {
            assert_eq!(error.kind(), Kind::Unavailable);
            assert!(matches!(error.downcast_ref(), Some(NoConnection::NotReplaced(_))), "{}", texts(&error));
            assert_eq!(error.downcast_ref::<Error>(), Some(&Error::InvalidQuery), "{}", texts(&error));
        }
        let called = app.pool.write(|_| -> Result<()> { panic!("there is no connection") }).await;
        assert!(matches!(reason(&called.unwrap_err()), Some(NoConnection::NotReplaced(_))));
        assert!(app.adapter.get_user(&"u1".into()).await.unwrap().is_some(), "reads go on");
    }
    assert_eq!((app.count("User"), app.count("Session")), (1, 0));
    is_refused.store(false, SeqCst);
    assert_writes(&app).await;
}

#[tokio::test]
async fn a_panic_of_the_setup_does_not_end_the_writer() {
    let panics = Arc::new(AtomicBool::new(false));
    let panicking = Arc::clone(&panics);
    let app = App::with("", move |_| {
        assert!(!panicking.load(SeqCst), "a panic of the application");
        Ok(())
    })
    .await;
    app.adapter.set_user(&user("u1"), Some(&key("p:u1", "u1"))).await.unwrap();
    panics.store(true, SeqCst);
    app.pool.write(|transaction| leave_running(transaction, RETURNING)).await.unwrap_err();
    let error = app.adapter.set_session(&session("s1", "u1")).await.unwrap_err();
    assert_eq!(error.downcast_ref::<Error>(), Some(&Error::UnwindingPanic), "{}", texts(&error));
    panics.store(false, SeqCst);
    assert_writes(&app).await;
}

/// The URL says `mode=rwc`. A new file would hide that the data is gone.
#[cfg(unix)]
#[tokio::test]
async fn a_missing_file_is_not_created_for_another_connection() {
    let app = with_u1("").await;
    app.pool.write(|transaction| leave_running(transaction, RETURNING)).await.unwrap_err();
    let moved = app.path().with_extension("moved");
    fs::rename(app.path(), &moved).unwrap();
    assert_eq!(kind(app.adapter.set_session(&session("s1", "u1")).await), Kind::Unavailable);
    assert!(!app.path().exists());
    fs::rename(&moved, app.path()).unwrap();
    app.adapter.set_session(&session("s1", "u1")).await.unwrap();
}

/// Another connection would be another database.
#[tokio::test]
async fn a_database_in_memory_is_kept_and_acknowledges_nothing() {
    for is_denied in [true, false] {
        let pool = RusqlitePool::connect("sqlite::memory:").await.unwrap();
        config().create_tables(&pool).await.unwrap();
        let adapter = PrismaAdapter::with_config(pool.clone(), config()).await.unwrap();
        adapter.set_user(&user("u1"), None).await.unwrap();
        let left = pool.write(move |transaction| {
            if is_denied {
                deny_rollbacks(transaction)?
            } else {
                leave_running(transaction, RETURNING)?
            };
            Err::<(), _>(Error::InvalidQuery)
        });
        assert_eq!(left.await.unwrap_err(), Error::InvalidQuery);
        assert_eq!(kind(adapter.set_session(&session("s1", "u1")).await), Kind::Unavailable, "{is_denied}");
        assert_eq!(kind(adapter.get_user(&"u1".into()).await), Kind::Unavailable, "{is_denied}");
        let read = pool.read(|connection| Ok(count(connection, "User"))).await;
        assert!(matches!(reason(&read.unwrap_err()), Some(NoConnection::Unfinished)), "{is_denied}");
    }
}

#[tokio::test]
async fn a_statement_left_running_by_the_setup_is_an_error() {
    let leave = |connection: &Connection| leave_running(connection, "SELECT 1 UNION SELECT 2");
    let error = RusqlitePool::connect_with("sqlite::memory:", leave).await.unwrap_err();
    let OpenError::Sqlite(error) = error else { panic!("{error:?}") };
    assert!(matches!(reason(&error), Some(NoConnection::Unfinished)), "{error:?}");
}

/// The index keeps statements of its own.
#[tokio::test]
async fn a_full_text_index_leaves_no_statement_running() {
    let pool = RusqlitePool::connect("sqlite::memory:").await.unwrap();
    pool.write(|transaction| transaction.execute_batch("CREATE VIRTUAL TABLE note USING fts5(text)")).await.unwrap();
    for round in 1..4 {
        pool.write(|transaction| transaction.execute("INSERT INTO note VALUES ('a word')", ())).await.unwrap();
        let sql = "SELECT count(*) FROM note WHERE note MATCH 'word'";
        let found: i64 = pool.read(|connection| connection.query_row(sql, (), |row| row.get(0))).await.unwrap();
        assert_eq!(found, round);
    }
}

/// The snapshot of the connection would stay that of the statement: a session that was revoked would stay valid.
#[tokio::test]
async fn a_reading_statement_left_running_makes_no_later_read_stale() {
    let leave_cached = |connection: &Connection| {
        let mut statement = connection.prepare_cached("SELECT id FROM User")?;
        let mut rows = statement.query(())?;
        rows.next()?;
        forget(rows);
        Ok(())
    };
    let leaves: [fn(&Connection) -> Result<()>; 3] = [
        |connection| leave_running(connection, "SELECT id FROM User"),
        leave_cached,
        |connection| {
            deny_rollbacks(connection)?;
            connection.execute_batch("BEGIN; SELECT count(*) FROM User")
        },
    ];
    for (case, leave) in leaves.into_iter().enumerate() {
        let app = with_u1("connection_limit=1").await;
        app.adapter.set_session(&session("s1", "u1")).await.unwrap();
        app.pool.read(leave).await.unwrap();
        app.adapter.delete_session(&"s1".into()).await.unwrap();
        assert_eq!(app.adapter.get_session(&"s1".into()).await.unwrap(), None, "{case}");
        assert_eq!(app.adapter.get_session_and_user(&"s1".into()).await.unwrap(), None, "{case}");
        assert_eq!(app.pool.read(|connection| Ok(count(connection, "Session"))).await.unwrap(), 0, "{case}");
    }
}

/// A transaction that the setup of connections leaves open.
#[tokio::test]
async fn a_transaction_left_open_by_the_setup_is_rolled_back() {
    let begin = |connection: &Connection| connection.execute_batch("BEGIN; SELECT count(*) FROM sqlite_master");
    let app = App::with("connection_limit=1", begin).await;
    app.adapter.set_user(&user("u1"), None).await.unwrap();
    app.adapter.set_session(&session("s1", "u1")).await.unwrap();
    assert_eq!((app.count("User"), app.count("Session")), (1, 1));
    assert!(app.adapter.get_session(&"s1".into()).await.unwrap().is_some());
    app.adapter.delete_session(&"s1".into()).await.unwrap();
    assert_eq!(app.adapter.get_session(&"s1".into()).await.unwrap(), None);
}
