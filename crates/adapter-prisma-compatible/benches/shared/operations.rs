//! Each operation of the adapter, and the same prepared statement with sqlx alone, in turns on the same pool.

use std::sync::Arc;

use lucia_core::{Adapter as _, SessionAdapter as _, SessionUpdate, UnixMillis};
use sqlx::Row as _;

use crate::{
    database::{self, Database, Row},
    duel::{Duel, Figures},
    rows::{EXPIRED, FAR, SESSIONS_OF_A_USER},
};

pub(crate) const TASKS: [usize; 3] = [1, 16, 64];

/// Compares those that are wanted: `validate`, and `write` for all others.
pub(crate) async fn compare(database: &Arc<Database>, wants: &impl Fn(&str) -> bool) {
    if wants("validate") {
        validate(database).await;
    }
    if wants("write") {
        writes(database).await;
        list(database).await;
        delete_expired(database).await;
    }
}

async fn validate(database: &Arc<Database>) {
    println!("\nvalidate, 10,000 sessions");
    for tasks in TASKS {
        let figures = Duel::new(tasks).run(database, raw_join, raw_join).await;
        figures.print(&format!("the control against itself, {tasks} tasks"));
        let figures = Duel::new(tasks).run(database, raw_join, joined).await;
        figures.print(&format!("get_session_and_user, {tasks} tasks"));
        let figures = Duel::new(tasks).run(database, raw_join, validated).await;
        figures.print(&format!("validate_session, {tasks} tasks"));
    }
}

pub(crate) async fn raw_join(database: Arc<Database>) {
    let row =
        sqlx::query(database::JOIN).bind(database.rows.some_session()).fetch_one(&database.pool).await.expect("a row");
    let times: (i64, i64) = (row.get(2), row.get(3));
    let texts: [String; 4] = [row.get(0), row.get(1), row.get(5), row.get(6)];
    let country: Option<String> = row.get(4);
    std::hint::black_box((times, texts, country));
}

pub(crate) async fn joined(database: Arc<Database>) {
    let id = database.rows.some_session().into();
    std::hint::black_box(database.adapter.get_session_and_user(&id).await.expect("an answer").expect("a session"));
}

async fn validated(database: Arc<Database>) {
    let id = database.rows.some_session().into();
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
    let session = database.rows.new_session();
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
    database.adapter.set_session_and_get_user(&database.rows.new_session()).await.expect("a new row");
}

pub(crate) async fn raw_renew(database: Arc<Database>) {
    let done = sqlx::query(database::RENEW)
        .bind(FAR)
        .bind(FAR)
        .bind(database.rows.some_session())
        .bind(FAR)
        .execute(&database.pool)
        .await;
    // Found, and in MySQL not changed: the driver counts the rows that were found.
    assert_eq!(done.expect("an update").rows_affected(), 1);
}

pub(crate) async fn renew(database: Arc<Database>) {
    let far = UnixMillis::new(FAR);
    let update = SessionUpdate::renewal(far, far).with_expected_idle_expires(far);
    database.adapter.update_session(&database.rows.some_session().into(), &update).await.expect("an update");
}

async fn list(database: &Arc<Database>) {
    println!("\nlist {SESSIONS_OF_A_USER} sessions of a user");
    for tasks in TASKS {
        let figures = Duel::new(tasks).run(database, raw_list, list_of_a_user).await;
        figures.print(&format!("get_sessions_by_user_id, {tasks} tasks"));
    }
}

async fn raw_list(database: Arc<Database>) {
    let rows =
        sqlx::query(database::LIST).bind(database.rows.some_user()).fetch_all(&database.pool).await.expect("rows");
    let read = |row: &Row| -> (String, String, i64, i64, Option<String>) {
        (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4))
    };
    std::hint::black_box(rows.iter().map(read).collect::<Vec<_>>());
}

async fn list_of_a_user(database: Arc<Database>) {
    let id = database.rows.some_user().into();
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
                let raw = sqlx::query(database::DELETE_EXPIRED).bind(EXPIRED + 1).execute(&database.pool);
                figures.time_raw(async { assert_eq!(raw.await.expect("a deletion").rows_affected(), 1_000) }).await;
                let adapter = database.adapter.delete_expired_sessions(UnixMillis::new(EXPIRED + 1), 1_000);
                figures.time_adapter(async { assert_eq!(adapter.await.expect("a deletion"), 1_000) }).await;
            }
            database.remove_expired_sessions(index).await;
        }
        figures.print(if index { "delete_expired_sessions, index" } else { "delete_expired_sessions, no index" });
    }
}
