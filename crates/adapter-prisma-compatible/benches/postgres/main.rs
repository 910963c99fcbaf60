//! Compares each operation on Postgres with the same prepared statement with sqlx alone, in turns, on the same pool.
//!
//! `cargo bench -p adapter-prisma-compatible --features postgres --bench postgres [-- validate | write | size |
//! pgbouncer]`

#![expect(clippy::print_stdout, reason = "a bench reports")]

mod database;
#[path = "../shared/duel.rs"]
mod duel;

use std::{env, sync::Arc};

use database::{Database, SESSIONS_OF_A_USER};
use duel::{Duel, Figures};
use lucia_core::{Adapter as _, SessionAdapter as _, SessionUpdate, UnixMillis};
use sqlx::Row as _;
use test_servers::{Server, ServerBuilder};

const TASKS: [usize; 3] = [1, 16, 64];

fn main() {
    // `cargo bench` adds an argument of its own.
    let wanted: Vec<_> = env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wants = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let server = test_servers::postgres().expect("a server");
        let database = Arc::new(Database::create(server.url(), 10_000).await);
        if wants("validate") {
            validate(&database).await;
        }
        if wants("write") {
            writes(&database).await;
            list(&database).await;
            delete_expired(&database).await;
        }
        if wants("size") {
            size(server.url()).await;
        }
        if wants("pgbouncer") {
            behind_pgbouncer().await;
        }
    });
}

async fn validate(database: &Arc<Database>) {
    println!("\nvalidate, 10,000 sessions");
    for tasks in TASKS {
        let figures = Duel::new(tasks).run(database, raw_join, joined).await;
        figures.print(&format!("get_session_and_user, {tasks} tasks"));
        let figures = Duel::new(tasks).run(database, raw_join, validated).await;
        figures.print(&format!("validate_session, {tasks} tasks"));
    }
}

async fn raw_join(database: Arc<Database>) {
    let row = sqlx::query(database::JOIN).bind(database.some_session()).fetch_one(&database.pool).await.expect("a row");
    let times: (i64, i64) = (row.get(2), row.get(3));
    let texts: [String; 4] = [row.get(0), row.get(1), row.get(5), row.get(6)];
    let country: Option<String> = row.get(4);
    std::hint::black_box((times, texts, country));
}

async fn joined(database: Arc<Database>) {
    let id = database.some_session().into();
    std::hint::black_box(database.adapter.get_session_and_user(&id).await.expect("an answer").expect("a session"));
}

async fn validated(database: Arc<Database>) {
    let id = database.some_session().into();
    std::hint::black_box(database.auth.validate_session(&id).await.expect("a session"));
}

async fn writes(database: &Arc<Database>) {
    println!("\ncreate and renew");
    for tasks in TASKS {
        let figures = Duel::new(tasks).run(database, raw_create, create).await;
        figures.print(&format!("set_session_and_get_user, {tasks} tasks"));
        let figures = Duel::new(tasks).run(database, raw_renew, renew).await;
        figures.print(&format!("update_session (renewal), {tasks} tasks"));
    }
}

async fn raw_create(database: Arc<Database>) {
    let session = database.new_session();
    let done = sqlx::query(database::INSERT)
        .bind(session.id.as_str())
        .bind(session.user_id.as_str())
        .bind(session.active_expires.get())
        .bind(session.idle_expires.get())
        .execute(&database.pool)
        .await;
    done.expect("a new row");
}

async fn create(database: Arc<Database>) {
    database.adapter.set_session_and_get_user(&database.new_session()).await.expect("a new row");
}

async fn raw_renew(database: Arc<Database>) {
    let done = sqlx::query(database::RENEW)
        .bind(database::FAR)
        .bind(database::FAR)
        .bind(database.some_session())
        .bind(database::FAR)
        .execute(&database.pool)
        .await;
    assert_eq!(done.expect("an update").rows_affected(), 1);
}

async fn renew(database: Arc<Database>) {
    let far = UnixMillis::new(database::FAR);
    let update = SessionUpdate::renewal(far, far).with_expected_idle_expires(far);
    database.adapter.update_session(&database.some_session().into(), &update).await.expect("an update");
}

async fn list(database: &Arc<Database>) {
    println!("\nlist {SESSIONS_OF_A_USER} sessions of a user");
    for tasks in TASKS {
        let figures = Duel::new(tasks).run(database, raw_list, list_of_a_user).await;
        figures.print(&format!("get_sessions_by_user_id, {tasks} tasks"));
    }
}

async fn raw_list(database: Arc<Database>) {
    let rows = sqlx::query(database::LIST).bind(database.some_user()).fetch_all(&database.pool).await.expect("rows");
    let read = |row: &sqlx::postgres::PgRow| -> (String, String, i64, i64, Option<String>) {
        (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4))
    };
    std::hint::black_box(rows.iter().map(read).collect::<Vec<_>>());
}

async fn list_of_a_user(database: Arc<Database>) {
    let id = database.some_user().into();
    std::hint::black_box(database.adapter.get_sessions_by_user_id(&id).await.expect("an answer"));
}

/// Deletes batches of 1,000 out of 100,000 expired sessions.
async fn delete_expired(database: &Arc<Database>) {
    println!("\ndelete 1,000 of 100,000 expired sessions, with and without an index on idle_expires");
    for index in [false, true] {
        let mut figures = Figures::default();
        for _ in 0..5 {
            database.add_expired_sessions(100_000, index).await;
            for _ in 0..5 {
                let raw = sqlx::query(database::DELETE_EXPIRED).bind(database::EXPIRED + 1).execute(&database.pool);
                figures.time_raw(async { assert_eq!(raw.await.expect("a deletion").rows_affected(), 1_000) }).await;
                let adapter = database.adapter.delete_expired_sessions(UnixMillis::new(database::EXPIRED + 1), 1_000);
                figures.time_adapter(async { assert_eq!(adapter.await.expect("a deletion"), 1_000) }).await;
            }
            database.remove_expired_sessions().await;
        }
        figures.print(if index { "delete_expired_sessions, index" } else { "delete_expired_sessions, no index" });
    }
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
