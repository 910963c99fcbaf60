use std::time::Duration;

use adapter_prisma_compatible::{PrismaAdapter, mysql as on_mysql, postgres as on_postgres};
use lucia_core::{SessionAdapter as _, UserAdapter as _};

use crate::{
    on_each_database, pools,
    site::{ACQUIRE_TIMEOUT, Kind, session, user},
};

impl Kind {
    /// Starts a server that closes idle connections soon.
    fn server_with_idle_timeout(self) -> test_servers::Server {
        let server = match self {
            Self::Postgres => self.server().args(["-c", "idle_session_timeout=500ms"]),
            Self::MySql => self.server().arg("--wait-timeout=1"),
        };
        server.start().unwrap()
    }
}

/// The server reports why it closed the connection before it read the next statement, so that the write can be retried
/// on another.
#[tokio::test]
async fn a_write_on_a_connection_closed_as_idle_is_retried_on_another() {
    let kind = Kind::Postgres;
    let server = kind.server_with_idle_timeout();
    kind.prepare(server.port()).await;
    let url = kind.url(server.port());
    let sqlx = kind.pool(&url, 2).await.adapter().await.unwrap();
    let diesel = PrismaAdapter::new(pools::postgres(&url).unwrap()).await.unwrap();
    for (driver, adapter) in [("sqlx", sqlx), ("diesel", diesel)] {
        adapter.set_user(&user(driver).0, None).await.unwrap();
        for round in 0..2 {
            kind.wait_until_disconnected(server.port()).await;
            adapter.set_session(&session(&format!("{driver}{round}"), driver)).await.unwrap();
            kind.wait_until_disconnected(server.port()).await;
            adapter.delete_session(&format!("{driver}{round}").as_str().into()).await.unwrap();
        }
    }
}

/// MariaDB does not report that it closed a connection. A ping before each use notices it.
async fn a_write_after_a_ping_does_not_fail_on_a_closed_connection(kind: Kind) {
    let server = kind.server_with_idle_timeout();
    kind.prepare(server.port()).await;
    let url = kind.url(server.port());
    let adapter = match kind {
        Kind::Postgres => {
            let options = on_postgres::ping_after(on_postgres::pool_options(), Duration::ZERO);
            let options = options.acquire_timeout(ACQUIRE_TIMEOUT);
            PrismaAdapter::new(options.connect_with(on_postgres::connect_options(&url).unwrap()).await.unwrap()).await
        }
        Kind::MySql => {
            let options = on_mysql::ping_after(on_mysql::pool_options(), Duration::ZERO);
            let options = options.acquire_timeout(ACQUIRE_TIMEOUT);
            PrismaAdapter::new(options.connect_with(on_mysql::connect_options(&url).unwrap()).await.unwrap()).await
        }
    };
    let adapter = adapter.unwrap();
    adapter.set_user(&user("u1").0, None).await.unwrap();
    for round in 0..2 {
        kind.wait_until_disconnected(server.port()).await;
        adapter.set_session(&session(&format!("s{round}"), "u1")).await.unwrap();
    }
}

/// A transaction that was not committed has no effect, so that it can be retried whatever closed the connection.
async fn a_transaction_on_a_closed_connection_is_retried_on_another(kind: Kind) {
    let server = kind.server_with_idle_timeout();
    kind.prepare(server.port()).await;
    let adapter = kind.pool(&kind.url(server.port()), 2).await.adapter().await.unwrap();
    for round in 0..3 {
        kind.wait_until_disconnected(server.port()).await;
        let (new_user, key) = user(&format!("u{round}"));
        adapter.set_user(&new_user, Some(&key)).await.unwrap();
        kind.wait_until_disconnected(server.port()).await;
        adapter.delete_user(&new_user.id).await.unwrap();
    }
}

on_each_database!(
    a_write_after_a_ping_does_not_fail_on_a_closed_connection,
    a_transaction_on_a_closed_connection_is_retried_on_another,
);
