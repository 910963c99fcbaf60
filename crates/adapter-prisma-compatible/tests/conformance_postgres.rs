//! The conformance suite on Postgres, with and without foreign keys.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[path = "support/any_pool.rs"]
mod any_pool;
#[path = "conformance/database.rs"]
mod database;
#[path = "conformance/everything.rs"]
mod everything;
#[path = "conformance/given.rs"]
mod given;
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

use std::{process::ExitCode, sync::Arc};

use adapter_prisma_compatible::PrismaAdapter;
use adapter_tests::{Backend, BoxError, Profile, Store, harness::Harness};
use lucia_core::async_trait;

use crate::{
    any_pool::AnyPool,
    database::{Database as _, Opened},
    postgres::Postgres,
    suite::with_database,
};

const POSTGRES: Postgres = Postgres {
    url: || postgres_server::url().to_owned(),
    pool: |scratch| Ok(AnyPool::new(scratch.pool.clone())),
    has_search_path: true,
    has_foreign_keys: true,
};

#[expect(clippy::print_stderr, reason = "a server that cannot be used is reported once")]
fn main() -> ExitCode {
    if let Err(error) = given::try_out("LUCIA_TEST_POSTGRES_URL", postgres_server::try_out) {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    let harness = with_database(Harness::new(), POSTGRES);
    let without_foreign_keys = Postgres { has_foreign_keys: false, ..POSTGRES };
    let harness = with_database(harness.named("without_foreign_keys"), without_foreign_keys);
    harness.named("user_replica").adapter(&Arc::new(UserReplica)).run()
}

/// An adapter that reads the users of sessions through another pool, as from a replica that is never late.
struct UserReplica;

#[async_trait]
impl Backend for UserReplica {
    type Adapter = PrismaAdapter;

    fn profile(&self) -> Profile {
        POSTGRES.profile()
    }

    async fn open(&self) -> Result<Store<PrismaAdapter>, BoxError> {
        let Opened { pool, config, door, guard } = POSTGRES.open().await?;
        let adapter = PrismaAdapter::with_user_replica(pool.clone(), pool, config).await?;
        Ok(Store::new(adapter.clone()).with_users(Arc::new(adapter)).with_back_door(door).keep(guard))
    }
}
