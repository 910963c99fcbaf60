//! The conformance suite on MySQL or MariaDB, with a collation under which different ids are never equal.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[path = "mysql/backend.rs"]
mod backend;
#[path = "mysql/disguise.rs"]
mod disguise;
#[path = "mysql/server.rs"]
mod server;
#[path = "mysql/stored.rs"]
mod stored;
#[path = "support/tables.rs"]
mod tables;

use std::process::ExitCode;

fn main() -> ExitCode {
    backend::run(backend::Collation::Exact)
}
