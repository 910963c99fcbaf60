//! The conformance suite on Postgres through `PgBouncer` in transaction mode.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[path = "support/any_pool.rs"]
mod any_pool;
#[path = "conformance/database.rs"]
mod database;
#[path = "conformance/everything.rs"]
mod everything;
#[path = "conformance/postgres.rs"]
mod postgres;
#[path = "postgres/server.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod postgres_server;
#[path = "postgres/stored.rs"]
mod postgres_stored;
#[path = "conformance/suite.rs"]
mod suite;
#[path = "support/tables.rs"]
mod tables;
#[path = "conformance/tokens.rs"]
mod tokens;

use std::{process::ExitCode, sync::LazyLock};

use adapter_prisma_compatible::postgres::{connect_options, pool_options};
use adapter_tests::harness::Harness;
use test_servers::{Server, ServiceError, pgbouncer_server, postgres_server};

use crate::{any_pool::AnyPool, postgres::Postgres, suite::with_database};

/// A server and its connection pooler. Both stop when the process exits.
struct Servers {
    postgres: Server,
    pgbouncer: Server,
}

static SERVERS: LazyLock<Result<Servers, ServiceError>> = LazyLock::new(|| {
    let postgres = postgres_server()?.start()?;
    let pgbouncer = pgbouncer_server(postgres.port())?.start()?;
    Ok(Servers { postgres, pgbouncer })
});

/// Returns the URL of one of the servers.
fn url_of(server: impl FnOnce(&Servers) -> &Server) -> String {
    let servers = SERVERS.as_ref().unwrap_or_else(|error| panic!("{error}"));
    format!("postgres://lucia:lucia@127.0.0.1:{}/postgres", server(servers).port())
}

fn main() -> ExitCode {
    let pgbouncer = Postgres {
        url: || url_of(|servers| &servers.postgres),
        pool: |_| {
            let url = format!("{}?pgbouncer=true", url_of(|servers| &servers.pgbouncer));
            Ok(AnyPool::new(pool_options().connect_lazy_with(connect_options(&url)?)))
        },
        has_search_path: false,
        has_foreign_keys: true,
    };
    with_database(Harness::new(), pgbouncer).run()
}
