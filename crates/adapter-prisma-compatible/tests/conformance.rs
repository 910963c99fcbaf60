//! The conformance suite on SQLite, with sqlx and with rusqlite.

#[path = "support/any_pool.rs"]
mod any_pool;
#[path = "conformance/database.rs"]
mod database;
#[path = "conformance/everything.rs"]
mod everything;
#[path = "conformance/sqlite.rs"]
mod sqlite;
#[path = "sqlite/stored.rs"]
mod sqlite_stored;
#[path = "conformance/suite.rs"]
mod suite;
#[path = "support/tables.rs"]
mod tables;
#[path = "conformance/tokens.rs"]
mod tokens;

use std::process::ExitCode;

use adapter_prisma_compatible::RusqlitePool;
use adapter_tests::harness::Harness;

use crate::{any_pool::AnyPool, sqlite::Sqlite, suite::with_database};

fn main() -> ExitCode {
    let sqlx = Sqlite { pool: |pool, _| Box::pin(async { Ok(AnyPool::new(pool)) }) };
    let rusqlite = Sqlite {
        pool: |_, file| {
            Box::pin(async move {
                let pool = RusqlitePool::connect(&format!("sqlite://{}", file.display())).await?;
                Ok(AnyPool::new(pool))
            })
        },
    };
    with_database(with_database(Harness::new(), sqlx).named("rusqlite"), rusqlite).run()
}
