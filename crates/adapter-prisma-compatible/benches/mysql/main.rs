//! Compares each operation on MariaDB or MySQL with the same prepared statement with sqlx alone, in turns, on the same
//! pool.
//!
//! `cargo bench -p adapter-prisma-compatible --features mysql --bench mysql [-- validate | write]`

#![expect(clippy::print_stdout, reason = "a bench reports")]

mod database;
#[path = "../shared/duel.rs"]
mod duel;
#[path = "../shared/operations.rs"]
mod operations;
#[path = "../shared/rows.rs"]
mod rows;

use std::{env, sync::Arc};

use database::Database;

fn main() {
    // `cargo bench` adds an argument of its own.
    let wanted: Vec<_> = env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wants = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let server = test_servers::mysql().expect("a server");
        let database = Arc::new(Database::create(server.url()).await);
        operations::compare(&database, &wants).await;
    });
}
