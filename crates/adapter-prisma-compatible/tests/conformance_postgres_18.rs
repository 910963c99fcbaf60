//! The conformance suite on Postgres 18, with sqlx and with Diesel.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[path = "support/any_pool.rs"]
mod any_pool;
#[path = "conformance/database.rs"]
mod database;
#[path = "conformance/everything.rs"]
mod everything;
#[path = "support/pools.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod pools;
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

use std::{path::Path, process::ExitCode, sync::LazyLock};

use adapter_tests::harness::Harness;
use test_servers::{Server, ServiceError, postgres_18_server};

use crate::{any_pool::AnyPool, postgres::Postgres, suite::with_database};

/// Stops when the process exits.
static SERVER: LazyLock<Result<Server, ServiceError>> =
    LazyLock::new(|| postgres_18_server(Path::new(env!("CARGO_TARGET_TMPDIR")))?.start());

fn url() -> String {
    let server = SERVER.as_ref().unwrap_or_else(|error| panic!("{error}"));
    format!("postgres://lucia:lucia@127.0.0.1:{}/postgres", server.port())
}

fn main() -> ExitCode {
    let sqlx = Postgres {
        url,
        pool: |scratch| Ok(AnyPool::new(scratch.pool.clone())),
        has_search_path: true,
        has_foreign_keys: true,
    };
    let diesel = Postgres { pool: |scratch| Ok(AnyPool::new(pools::postgres(&scratch.diesel_url())?)), ..sqlx };
    let harness = with_database(Harness::new().named("sqlx"), sqlx);
    with_database(harness.named("diesel"), diesel).run()
}
