use std::time::Instant;

use lucia_core::{SessionAdapter as _, UserAdapter as _};

use crate::{
    on_each_database,
    site::{ACQUIRE_TIMEOUT, BOUND, Kind, bounded, session, user},
};

async fn an_exhausted_pool_is_an_error_after_its_timeout(kind: Kind) {
    let server = kind.server().start().unwrap();
    kind.prepare(server.port()).await;
    let pool = kind.pool(&kind.url(server.port()), 1).await;
    let adapter = pool.adapter().await.unwrap();
    let (new_user, key) = user("u1");
    let held = pool.hold("SELECT 1").await;
    #[expect(clippy::disallowed_methods, reason = "the timeout of the pool uses the real clock")]
    let start = Instant::now();
    bounded(adapter.set_user(&new_user, Some(&key))).await.unwrap_err();
    bounded(adapter.get_user(&new_user.id)).await.unwrap_err();
    assert!(start.elapsed() >= 2 * ACQUIRE_TIMEOUT && start.elapsed() < BOUND);
    drop(held);
    adapter.set_user(&new_user, Some(&key)).await.unwrap();
}

/// Another transaction keeps the row locked, and the server cancels the statement after its configured timeout.
async fn a_statement_timeout_is_an_error_and_changes_nothing(kind: Kind) {
    let server = match kind {
        Kind::Postgres => kind.server().args(["-c", "statement_timeout=300"]),
        Kind::MySql => kind.server().arg("--innodb-lock-wait-timeout=1"),
    };
    let server = server.start().unwrap();
    kind.prepare(server.port()).await;
    let pool = kind.pool(&kind.url(server.port()), 2).await;
    let adapter = pool.adapter().await.unwrap();
    let (new_user, key) = user("u1");
    adapter.set_user(&new_user, Some(&key)).await.unwrap();
    adapter.set_session(&session("s1", "u1")).await.unwrap();
    let held = pool
        .hold(match kind {
            Kind::Postgres => r#"UPDATE "Session" SET "idle_expires" = 3000"#,
            Kind::MySql => "UPDATE `Session` SET `idle_expires` = 3000",
        })
        .await;
    bounded(adapter.delete_sessions_by_user_id(&new_user.id)).await.unwrap_err();
    bounded(adapter.delete_user(&new_user.id)).await.unwrap_err();
    drop(held);
    assert_eq!(adapter.get_session(&"s1".into()).await.unwrap(), Some(session("s1", "u1")));
    assert!(adapter.get_user(&new_user.id).await.unwrap().is_some());
    assert!(adapter.get_key(&key.id).await.unwrap().is_some());
    adapter.delete_user(&new_user.id).await.unwrap();
}

on_each_database!(an_exhausted_pool_is_an_error_after_its_timeout, a_statement_timeout_is_an_error_and_changes_nothing);
