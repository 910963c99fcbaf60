//! The conformance suite with Diesel, on each kind of database.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[path = "support/any_pool.rs"]
mod any_pool;
#[path = "conformance/database.rs"]
mod database;
#[path = "mysql/disguise.rs"]
mod disguise;
#[path = "conformance/everything.rs"]
mod everything;
#[path = "conformance/mysql.rs"]
mod mysql;
#[path = "mysql/server.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod mysql_server;
#[path = "mysql/stored.rs"]
mod mysql_stored;
#[path = "support/pools.rs"]
mod pools;
#[path = "conformance/postgres.rs"]
mod postgres;
#[path = "postgres/server.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod postgres_server;
#[path = "postgres/stored.rs"]
mod postgres_stored;
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

use std::{process::ExitCode, sync::Arc};

use adapter_tests::harness::Harness;

use crate::{
    any_pool::AnyPool,
    disguise::AsMySql,
    mysql::{Collation, MySql},
    postgres::Postgres,
    sqlite::Sqlite,
    suite::with_database,
    tokens::Tokens,
};

fn main() -> ExitCode {
    let sqlite = Sqlite {
        pool: |_, file| {
            Box::pin(async move { Ok(AnyPool::new(pools::sqlite(file.to_str().ok_or("a path in UTF-8")?)?)) })
        },
    };
    let postgres = Postgres {
        url: || postgres_server::url().to_owned(),
        pool: |scratch| Ok(AnyPool::new(pools::postgres(&scratch.diesel_url())?)),
        has_search_path: true,
        has_foreign_keys: true,
    };
    let mysql = MySql {
        pool: |scratch| Ok(AnyPool::new(pools::mysql(&scratch.diesel_url())?)),
        collation: Collation::Prisma,
        has_foreign_keys: true,
        stores_invalid_json: false,
    };
    let as_mysql = MySql { pool: |scratch| Ok(AnyPool::new(AsMySql(pools::mysql(&scratch.diesel_url())?))), ..mysql };
    // No lock on a gap between rows takes the place of a foreign key.
    let mysql_without_foreign_keys = MySql {
        pool: |scratch| Ok(AnyPool::new(pools::mysql_read_committed(&scratch.diesel_url())?)),
        has_foreign_keys: false,
        ..mysql
    };
    let harness = with_database(Harness::new().named("sqlite"), sqlite);
    let harness = with_database(harness.named("postgres"), postgres);
    let without_foreign_keys = Postgres { has_foreign_keys: false, ..postgres };
    let harness = with_database(harness.named("postgres_without_foreign_keys"), without_foreign_keys);
    let harness = with_database(harness.named("mysql"), mysql);
    let harness = with_database(harness.named("mysql_without_foreign_keys"), mysql_without_foreign_keys);
    harness.named("mysql_without_returning").token_adapter(&Arc::new(Tokens(as_mysql))).run()
}
