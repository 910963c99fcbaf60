//! The conformance suite on Postgres 18, with sqlx and with Diesel, and on foreign keys that are not enforced.

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

use adapter_prisma_compatible::Pool as _;
use adapter_tests::{BoxError, Profile, harness::Harness};
use lucia_core::async_trait;
use lucia_sql::driver::Query;
use test_servers::{Server, ServiceError, postgres_18_server};

use crate::{
    any_pool::AnyPool,
    database::{Database, Opened},
    postgres::{Door, Postgres},
    suite::with_database,
};

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
    let harness = with_database(harness.named("diesel"), diesel);
    with_database(harness.named("not_enforced"), NotEnforced(sqlx)).run()
}

/// A database whose foreign keys are declared and not enforced.
#[derive(Clone, Copy)]
struct NotEnforced(Postgres);

#[async_trait]
impl Database for NotEnforced {
    type Door = Door;

    fn profile(&self) -> Profile {
        self.0.profile()
    }

    async fn open(&self) -> Result<Opened<Door>, BoxError> {
        let opened = self.0.open().await?;
        for table in ["Session", "Key", "Token"] {
            let alter = format!(r#"ALTER TABLE "{table}" ALTER CONSTRAINT "{table}_user_id_fkey" NOT ENFORCED"#);
            opened.pool.driver().execute(&Query::new(alter, [])).await?;
        }
        Ok(opened)
    }
}
