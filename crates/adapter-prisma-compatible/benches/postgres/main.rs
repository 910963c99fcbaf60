//! Compares each operation on Postgres with the same prepared statement with sqlx alone, in turns, on the same pool.
//!
//! `cargo bench -p adapter-prisma-compatible --features postgres --bench postgres [-- validate | write | size |
//! pgbouncer]`

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
use duel::Duel;
use operations::{TASKS, joined, raw_join, raw_renew, renew};
use test_servers::{Server, ServerBuilder};

fn main() {
    // `cargo bench` adds an argument of its own.
    let wanted: Vec<_> = env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wants = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let server = test_servers::postgres().expect("a server");
        let database = Arc::new(Database::create(server.url(), 10_000).await);
        operations::compare(&database, &wants).await;
        if wants("size") {
            size(server.url()).await;
        }
        if wants("pgbouncer") {
            behind_pgbouncer().await;
        }
    });
}

/// Compares the adapter through a pooler in transaction mode with the raw statement directly on the server.
async fn behind_pgbouncer() {
    println!("\nvalidate through PgBouncer, 10,000 sessions");
    let server = test_servers::postgres_server().and_then(ServerBuilder::start).expect("a server");
    let pgbouncer = test_servers::pgbouncer_server(server.port()).and_then(ServerBuilder::start).expect("a pooler");
    let url = |server: &Server| format!("postgres://lucia:lucia@127.0.0.1:{}/postgres", server.port());
    let mut database = Database::create(&url(&server), 10_000).await;
    database.pool_behind(&format!("{}?pgbouncer=true", url(&pgbouncer))).await;
    let database = Arc::new(database);
    for tasks in TASKS {
        let figures = Duel::new(tasks).run(&database, raw_join, joined).await;
        figures.print(&format!("get_session_and_user, {tasks} tasks"));
        let figures = Duel::new(tasks).run(&database, raw_renew, renew).await;
        figures.print(&format!("update_session (renewal), {tasks} tasks"));
    }
}

async fn size(url: &str) {
    println!("\nvalidate by number of sessions, 1 task");
    for sessions in [10_000, 100_000, 1_000_000] {
        let database = Arc::new(Database::create(url, sessions).await);
        let figures = Duel::new(1).run(&database, raw_join, joined).await;
        figures.print(&format!("get_session_and_user, {sessions} sessions"));
    }
}
