//! Writes in a transaction of the application, on rusqlite.

use adapter_prisma_compatible::{Connection, Prisma, TransactionEnded, rusqlite};
use futures_util::FutureExt as _;
use lucia_core::{
    AdapterErrorKind as Kind, AdapterResult, SessionAdapter as _, TokenAdapter as _, TokenKind, TokenSchema,
    UnixMillis, UserAdapter as _,
};

use crate::{
    app::App,
    support::{key, session, texts, user},
};

const RESET: TokenKind = TokenKind::from_static("reset");

/// Stores a user with two keys, a session and a token. No call waits.
fn sign_up(app: &App, connection: &mut impl Connection<Prisma>, id: &str) {
    let now = |call: Option<AdapterResult<()>>| call.expect("the call waited").unwrap();
    let (mail, github) = (key(&format!("mail:{id}"), id), key(&format!("github:{id}"), id));
    now(app.adapter.set_user_in(connection, &user(id), Some(&mail)).now_or_never());
    now(app.adapter.set_key_in(connection, &github).now_or_never());
    now(app.adapter.set_session_in(connection, &session(id, id)).now_or_never());
    let token = TokenSchema::new(id, RESET, UnixMillis::MAX).with_user_id(id);
    now(app.tokens.set_token_in(connection, &token).now_or_never());
}

/// Asserts that a user and what belongs to the user is stored or not.
async fn assert_stored(app: &App, id: &str, is_stored: bool) {
    assert_eq!(app.adapter.get_user(&id.into()).await.unwrap().is_some(), is_stored, "{id}");
    let keys = app.adapter.get_keys_by_user_id(&id.into()).await.unwrap().len();
    assert_eq!(keys, if is_stored { 2 } else { 0 }, "{id}");
    assert_eq!(app.adapter.get_session(&id.into()).await.unwrap().is_some(), is_stored, "{id}");
    assert_eq!(app.tokens.get_token(&RESET, &id.into()).await.unwrap().is_some(), is_stored, "{id}");
}

#[tokio::test]
async fn writes_in_a_transaction_are_committed_or_rolled_back_with_it() {
    let app = App::create().await;
    let mut connection = app.connection();
    for commits in [false, true] {
        let mut transaction = connection.transaction().unwrap();
        sign_up(&app, &mut transaction, "u1");
        assert_stored(&app, "u1", false).await;
        if commits {
            transaction.commit().unwrap();
        } else {
            drop(transaction);
        }
        assert_stored(&app, "u1", commits).await;
    }
}

#[tokio::test]
async fn writes_in_a_savepoint_follow_it() {
    let app = App::create().await;
    let mut connection = app.connection();
    let mut transaction = connection.transaction().unwrap();
    sign_up(&app, &mut transaction, "u1");
    let mut savepoint = transaction.savepoint().unwrap();
    sign_up(&app, &mut savepoint, "u2");
    savepoint.rollback().unwrap();
    sign_up(&app, &mut savepoint, "u3");
    savepoint.commit().unwrap();
    transaction.commit().unwrap();
    for (id, is_stored) in [("u1", true), ("u2", false), ("u3", true)] {
        assert_stored(&app, id, is_stored).await;
    }
    // A savepoint outside of a transaction begins one.
    let mut savepoint = connection.savepoint().unwrap();
    sign_up(&app, &mut savepoint, "u4");
    assert_stored(&app, "u4", false).await;
    drop(savepoint);
    assert_stored(&app, "u4", false).await;
}

#[tokio::test]
async fn writes_on_a_connection_without_a_transaction_are_committed() {
    let app = App::create().await;
    let mut connection = app.connection();
    sign_up(&app, &mut connection, "u1");
    assert!(connection.is_autocommit());
    assert_stored(&app, "u1", true).await;
    let half = app.adapter.set_user_in(&mut connection, &user("u2"), Some(&key("mail:u1", "u2"))).await.unwrap_err();
    assert_eq!(half.kind(), Kind::DuplicateKeyId);
    assert!(connection.is_autocommit());
    assert_eq!(app.count("User"), 1);
}

/// The name of a savepoint of the application is the one that the driver uses.
#[tokio::test]
async fn a_failed_call_has_no_effect_and_the_transaction_continues() {
    let app = App::create().await;
    let mut connection = app.connection();
    let mut transaction = connection.transaction().unwrap();
    sign_up(&app, &mut transaction, "u1");
    let mut savepoint = transaction.savepoint_with_name("lucia").unwrap();
    let half = app.adapter.set_user_in(&mut savepoint, &user("u2"), Some(&key("mail:u1", "u2"))).await.unwrap_err();
    assert_eq!(half.kind(), Kind::DuplicateKeyId);
    let unknown = app.adapter.set_session_in(&mut savepoint, &session("s", "nobody")).await.unwrap_err();
    assert_eq!(unknown.kind(), Kind::InvalidUserId);
    sign_up(&app, &mut savepoint, "u3");
    savepoint.commit().unwrap();
    transaction.commit().unwrap();
    assert_stored(&app, "u1", true).await;
    assert_stored(&app, "u3", true).await;
    assert_eq!(app.count("User"), 2);
}

#[tokio::test]
async fn a_function_of_the_writer_signs_up_with_rows_of_the_application() {
    let app = App::create().await;
    app.pool.write(|transaction| transaction.execute_batch("CREATE TABLE cart (user_id TEXT UNIQUE)")).await.unwrap();
    for (id, owner, is_stored) in [("u1", "u1", true), ("u2", "u1", false)] {
        let adapter = app.adapter.clone();
        let written = app.pool.write(move |transaction| {
            let new = adapter.set_user_in(transaction, &user(id), None).now_or_never();
            new.expect("the call waited")?;
            transaction.execute("INSERT INTO cart VALUES (?1)", [owner])?;
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
        });
        assert_eq!(written.await.is_ok(), is_stored, "{id}");
        assert_eq!(app.adapter.get_user(&id.into()).await.unwrap().is_some(), is_stored, "{id}");
    }
}

/// The lock is held by another program, and the connection of the application does not wait for long.
#[tokio::test]
async fn a_locked_database_is_an_error_of_the_call() {
    let app = App::create().await;
    let (other, mut connection) = (app.connection(), app.connection());
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection.busy_timeout(std::time::Duration::ZERO).unwrap();
    let error = app.adapter.set_user_in(&mut connection, &user("u1"), None).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    let native = error.downcast_ref::<rusqlite::Error>().unwrap();
    assert_eq!(native.sqlite_error_code(), Some(rusqlite::ErrorCode::DatabaseBusy));
}

/// A later call would be committed at once, outside of the transaction that the caller believes to be in.
#[tokio::test]
async fn calls_in_a_transaction_that_was_rolled_back_are_refused() {
    const STOP: &str = r#"CREATE TRIGGER stop AFTER INSERT ON "User" WHEN NEW."id" = 'u9' BEGIN
        SELECT RAISE(ROLLBACK, 'stopped'); END"#;
    let app = App::create().await;
    app.adapter.set_user(&user("u1"), None).await.unwrap();
    app.pool.write(|transaction| transaction.execute_batch(STOP)).await.unwrap();
    let mut connection = app.connection();
    for in_savepoint in [false, true] {
        let mut transaction = connection.transaction().unwrap();
        app.adapter.set_user_in(&mut transaction, &user("u2"), None).await.unwrap();
        if in_savepoint {
            let mut savepoint = transaction.savepoint().unwrap();
            savepoint.execute_batch("ROLLBACK").unwrap();
            assert_refused(&app, &mut savepoint).await;
        } else {
            let stopped = app.adapter.set_user_in(&mut transaction, &user("u9"), None).await.unwrap_err();
            assert_eq!(stopped.kind(), Kind::Backend);
        }
        assert_refused(&app, &mut transaction).await;
        transaction.commit().unwrap_err();
        assert_eq!((app.count("User"), app.count("Key"), app.count("Session")), (1, 0, 0));
    }
    // A connection of the application commits each call.
    app.adapter.set_session_in(&mut connection, &session("s1", "u1")).await.unwrap();
    assert_eq!(app.count("Session"), 1);
}

async fn assert_refused(app: &App, connection: &mut impl Connection<Prisma>) {
    let u3 = user("u3");
    for error in [
        app.adapter.set_session_in(connection, &session("s1", "u1")).await.unwrap_err(),
        app.adapter.set_user_in(connection, &u3, None).await.unwrap_err(),
        app.adapter.set_user_in(connection, &u3, Some(&key("p:u3", "u3"))).await.unwrap_err(),
        app.adapter.set_key_in(connection, &key("p:u1", "u1")).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), Kind::Backend);
        assert!(error.downcast_ref::<TransactionEnded>().is_some(), "{}", texts(&error));
    }
}
