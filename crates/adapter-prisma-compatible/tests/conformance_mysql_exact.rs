//! The conformance suite on MySQL or MariaDB, with a collation to which no different ids are equal.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

#[path = "mysql/backend.rs"]
mod backend;
#[path = "mysql/server.rs"]
mod server;
#[path = "support/tables.rs"]
mod tables;

use std::process::ExitCode;

fn main() -> ExitCode {
    backend::run(backend::Collation::Exact)
}
