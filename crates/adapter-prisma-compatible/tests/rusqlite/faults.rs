//! Faults of the process, the disk and other programs: every call succeeds or returns a typed error; no acknowledged
//! write is lost; and no user is partly created.

use std::{path::Path, pin::pin, sync::Arc, time::Duration};

use adapter_prisma_compatible::{PrismaAdapter, rusqlite::Connection};
use lucia_core::{
    Adapter as _, AdapterErrorKind as Kind, SessionAdapter as _, TokenAdapter as _, UnixMillis, UserAdapter as _,
};
use tokio::task::JoinSet;

use crate::{
    app::{App, assert_u1, open},
    child::{self, Again},
    support::{key, kind, renewal, session, user},
};

/// Enough tasks for groups of calls.
const TASKS: usize = 32;

/// Signs users up and tells of each, until an error of each task.
async fn sign_up_until_errors(adapter: &PrismaAdapter, run: &str) {
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let (adapter, run) = (adapter.clone(), run.to_owned());
        tasks.spawn(async move {
            for round in 0.. {
                let id = format!("{run}-{task}-{round}");
                if let Err(error) = adapter.set_user(&user(&id), Some(&key(&format!("p:{id}"), &id))).await {
                    return error;
                }
                child::tell(&id);
            }
            unreachable!("there is an end")
        });
    }
    for error in tasks.join_all().await {
        assert_eq!(error.kind(), Kind::Unavailable, "{error:?}");
    }
}

/// Asserts that all of these users are stored, and that none is stored in part.
async fn assert_signed_up(path: &Path, ids: &[String]) {
    let (pool, adapter, _) = open(path).await;
    for id in ids {
        assert!(adapter.get_user(&id.as_str().into()).await.unwrap().is_some(), "{id} was lost");
    }
    let halves = "SELECT count(*) FROM User WHERE id NOT IN (SELECT user_id FROM Key)";
    let halves: i64 = pool.read(|connection| connection.query_row(halves, (), |row| row.get(0))).await.unwrap();
    assert_eq!(halves, 0);
    let check: String =
        pool.read(|connection| connection.query_row("PRAGMA integrity_check", (), |row| row.get(0))).await.unwrap();
    assert_eq!(check, "ok");
    pool.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_loses_no_acknowledged_write() {
    if let Some(path) = child::file() {
        let (_pool, adapter, _) = open(&path).await;
        return sign_up_until_errors(&adapter, &std::process::id().to_string()).await;
    }
    let app = App::create().await;
    app.pool.close().await;
    let mut acknowledged = Vec::new();
    for kills in 1..=3 {
        let mut process = Again::start("faults::a_killed_process_loses_no_acknowledged_write", &app.path());
        while acknowledged.len() < kills * 300 {
            acknowledged.push(process.heard().expect("the process ended by itself"));
        }
        process.kill();
        acknowledged.extend(std::iter::from_fn(|| process.heard()));
        assert_signed_up(&app.path(), &acknowledged).await;
    }
}

/// A group of calls no longer fits on the disk, until there is room again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_an_error_and_loses_no_acknowledged_write() {
    if let Some(path) = child::file() {
        let (_pool, adapter, _) = open(&path).await;
        sign_up_until_errors(&adapter, "full").await;
        assert!(adapter.get_user(&"u1".into()).await.unwrap().is_some());
        child::tell("full");
        child::wait();
        adapter.set_user(&user("room"), Some(&key("p:room", "room"))).await.unwrap();
        return child::tell("room");
    }
    let app = App::create().await;
    app.adapter.set_user(&user("u1"), Some(&key("p:u1", "u1"))).await.unwrap();
    app.pool.close().await;
    let test = "faults::a_full_disk_is_an_error_and_loses_no_acknowledged_write";
    let mut process = Again::start_with_limit(1_000, test, &app.path());
    let mut acknowledged: Vec<_> = std::iter::from_fn(|| process.heard()).take_while(|told| told != "full").collect();
    assert!(acknowledged.len() > TASKS, "{}", acknowledged.len());
    process.lift_limit();
    process.go_on();
    acknowledged.extend(process.heard());
    assert!(process.succeeds(), "every call ended as expected");
    assert_signed_up(&app.path(), &acknowledged).await;
}

/// Another process writes in a transaction until it is killed.
#[tokio::test]
async fn writes_wait_for_another_process_and_reads_do_not() {
    if let Some(path) = child::file() {
        let connection = Connection::open(path).unwrap();
        connection.execute_batch("BEGIN IMMEDIATE; UPDATE User SET username = 'unfinished'").unwrap();
        child::tell("locked");
        return std::future::pending().await;
    }
    let app = App::with("socket_timeout=0", |_| Ok(())).await;
    app.adapter.set_user(&user("u1"), None).await.unwrap();
    let mut process = Again::start("faults::writes_wait_for_another_process_and_reads_do_not", &app.path());
    assert_eq!(process.heard().as_deref(), Some("locked"));
    let (u2, its_key) = (user("u2"), key("p:k", "u2"));
    let mut writing = pin!(app.adapter.set_user(&u2, Some(&its_key)));
    assert!(tokio::time::timeout(Duration::from_millis(60), writing.as_mut()).await.is_err(), "the call did not wait");
    assert_u1(&app.adapter, "a read waits for no writer").await;
    process.kill();
    writing.await.unwrap();
    assert_u1(&app.adapter, "the transaction of the other process was not committed").await;
    assert_eq!((app.count("User"), app.count("Key")), (2, 1));
}

/// The pauses between the attempts take no time here.
#[tokio::test(start_paused = true)]
async fn a_database_that_stays_locked_is_unavailable() {
    let app = App::with("socket_timeout=0", |_| Ok(())).await;
    app.adapter.set_user(&user("u1"), None).await.unwrap();
    let other = app.connection();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let start = tokio::time::Instant::now();
    for _ in 0..2 {
        let (u2, its_key) = (user("u2"), key("p:k", "u2"));
        let s1 = session("s1", "u1");
        // Alone, and two in a group.
        assert_eq!(kind(app.adapter.delete_user(&"u1".into()).await), Kind::Unavailable);
        let (one, two) = tokio::join!(app.adapter.set_user(&u2, Some(&its_key)), app.adapter.set_session(&s1));
        assert_eq!((kind(one), kind(two)), (Kind::Unavailable, Kind::Unavailable));
    }
    assert!(start.elapsed() >= Duration::from_secs(40), "each of the calls was retried for ten seconds");
    assert!(app.adapter.get_user(&"u1".into()).await.unwrap().is_some());
    other.execute_batch("COMMIT").unwrap();
    assert_eq!((app.count("User"), app.count("Session"), app.count("Key")), (1, 0, 0));
    app.adapter.delete_user(&"u1".into()).await.unwrap();
}

/// Another program writes to the same file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_tasks_beside_another_writer_lose_nothing() {
    const ROUNDS: i64 = 10;
    let app = Arc::new(App::create().await);
    app.adapter.set_user(&user("u1"), None).await.unwrap();
    let other = app.connection();
    other.execute_batch("CREATE TABLE other (id INTEGER)").unwrap();
    let other = std::thread::spawn(move || {
        for round in 0..200 {
            other.execute("INSERT INTO other VALUES (?1)", [round]).unwrap();
        }
    });
    let mut tasks = JoinSet::new();
    for task in 0..64 {
        let app = Arc::clone(&app);
        tasks.spawn(async move {
            for round in 0..ROUNDS {
                let id = format!("{task}-{round}");
                app.adapter.set_session_and_get_user(&session(&id, "u1")).await.unwrap();
                let update = renewal(8_000, 9_000 + round, Some(2_000));
                app.adapter.update_session(&id.as_str().into(), &update).await.unwrap();
                let (read, _) = app.adapter.get_session_and_user(&id.as_str().into()).await.unwrap().unwrap();
                assert_eq!(
                    read.idle_expires,
                    UnixMillis::new(9_000 + round),
                    "a call reads what was written before it"
                );
                app.tokens.add_to_counter("c", 1, Duration::from_secs(60), UnixMillis::new(1_000)).await.unwrap();
            }
        });
    }
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }
    other.join().unwrap();
    let counted = app.tokens.add_to_counter("c", 0, Duration::from_secs(60), UnixMillis::new(1_000)).await.unwrap();
    assert_eq!((counted.value, app.count("Session"), app.count("other")), (640, 640, 200));
}
