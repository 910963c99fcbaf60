//! Tests how many statements each operation executes, as logged by sqlx. This needs a separate process, because sqlx
//! logs from its own threads.

#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[path = "support/events.rs"]
mod events;

use std::time::Duration;

use adapter_prisma_compatible::{PrismaAdapter, PrismaConfig, PrismaTokenAdapter, sqlite};
use lucia_auth::{Auth, NewKey, NewSession, NewUser};
use lucia_core::{TokenAdapter as _, TokenKind, TokenSchema, UnixMillis};
use sqlx::SqlitePool;

use events::Events;

/// A statement of the test itself, which is not counted.
const LAST: &str = "SELECT 'the last one'";

/// Returns the statements since the last call.
///
/// sqlx logs a statement after it has returned the rows, from a thread of the connection. The only connection of the
/// pool executes another statement after it has logged the previous ones.
async fn taken(statements: &Events, pool: &SqlitePool) -> Vec<String> {
    sqlx::query(LAST).execute(pool).await.unwrap();
    statements.take().into_iter().filter(|statement| !statement.contains(LAST)).collect()
}

#[tokio::test]
async fn every_operation_executes_the_fewest_statements() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file:{}/test.db", folder.path().display());
    let options = sqlite::connect_options(&url).unwrap().create_if_missing(true);
    let pool = sqlite::pool_options().max_connections(1).connect_with(options).await.unwrap();
    PrismaConfig::default().create_tables(&pool).await.unwrap();
    PrismaConfig::default().create_token_table(&pool).await.unwrap();
    let tokens = PrismaTokenAdapter::new(pool.clone()).await.unwrap();
    let auth = Auth::builder(PrismaAdapter::new(pool.clone()).await.unwrap()).build().unwrap();
    let events = Events::of(|metadata| metadata.target() == "sqlx::query");
    tracing::subscriber::set_global_default(events.clone()).unwrap();
    let taken = || taken(&events, &pool);
    taken().await;

    let user = auth.create_user(NewUser::new().key(NewKey::new(("github", "1")))).await.unwrap().id;
    let statements = taken().await;
    assert_eq!(statements.len(), 2, "two inserts; sqlx does not log their transaction: {statements:?}");
    let session = auth.create_session(NewSession::new(user.clone())).await.unwrap();
    assert_eq!(taken().await.len(), 2, "an insert that checks the user, and a read of the user");
    auth.validate_session(&session.token).await.unwrap();
    assert_eq!(taken().await.len(), 1, "one joined read");
    let cookies = format!("auth_session=unknown; auth_session={}", session.token.as_str());
    let request = http::Request::get("/").header("cookie", cookies).body(()).unwrap();
    assert!(auth.handle_request(&request).validate().await.unwrap().is_some());
    assert_eq!(taken().await.len(), 1, "one joined read of both sessions");
    auth.invalidate_session(&session.id).await.unwrap();
    assert_eq!(taken().await.len(), 3, "reads the session and its user's, one of which may have its plain id");
    auth.invalidate_all_user_sessions(&user).await.unwrap();
    assert_eq!(taken().await.len(), 1);
    assert!(auth.validate_session(&session.token).await.is_err());
    assert_eq!(taken().await.len(), 1, "one joined read of an unknown session");

    let (kind, window, now) = (TokenKind::from_static("reset"), Duration::from_secs(60), UnixMillis::new(1_000));
    let token = TokenSchema::new("t1", kind.clone(), now).with_user_id(user);
    tokens.set_token(&token).await.unwrap();
    assert_eq!(taken().await.len(), 1);
    tokens.take_token(&kind, &token.id).await.unwrap().unwrap();
    assert_eq!(taken().await.len(), 1, "one deletion that returns the token");
    for by in [1, 1, -1, 0] {
        tokens.add_to_counter("c1", by, window, now).await.unwrap();
        assert_eq!(taken().await.len(), 1, "one statement that returns the sum");
    }
}
