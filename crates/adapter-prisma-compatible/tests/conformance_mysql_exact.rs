//! The conformance suite on MySQL or MariaDB, with a collation under which different ids are never equal.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[path = "support/any_pool.rs"]
mod any_pool;
#[path = "conformance/database.rs"]
mod database;
#[path = "mysql/disguise.rs"]
mod disguise;
#[path = "conformance/everything.rs"]
mod everything;
#[path = "conformance/given.rs"]
mod given;
#[path = "conformance/mysql.rs"]
mod mysql;
#[path = "mysql/server.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod mysql_server;
#[path = "mysql/stored.rs"]
mod mysql_stored;
#[path = "conformance/mysql_suite.rs"]
mod mysql_suite;
#[path = "conformance/suite.rs"]
mod suite;
#[path = "support/tables.rs"]
mod tables;
#[path = "conformance/tokens.rs"]
mod tokens;

use std::process::ExitCode;

fn main() -> ExitCode {
    mysql_suite::run(mysql::Collation::Exact)
}
