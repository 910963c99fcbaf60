use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use lucia_core::{Adapter as _, SessionAdapter as _, UserAdapter as _};
use tokio::task::JoinSet;

use crate::{
    on_each_database,
    site::{Kind, bounded, session, user},
};

const TASKS: usize = 16;

/// Sign-ups, sign-ins and requests run while the server is killed and restarted.
async fn a_server_killed_under_load_loses_no_acknowledged_write(kind: Kind) {
    let mut server = kind.server().start().unwrap();
    kind.prepare(server.port()).await;
    let pool = kind.pool(&kind.url(server.port()), 8).await;
    let adapter = pool.adapter().await.unwrap();
    let acknowledged = Arc::new(Mutex::new(HashSet::new()));
    let attempted = Arc::new(Mutex::new(Vec::new()));
    let ended = Arc::new(AtomicBool::new(false));

    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let (adapter, ended) = (adapter.clone(), Arc::clone(&ended));
        let (acknowledged, attempted) = (Arc::clone(&acknowledged), Arc::clone(&attempted));
        tasks.spawn(async move {
            let mut round = 0;
            while !ended.load(SeqCst) {
                round += 1;
                let id = format!("{task}-{round}");
                let (new_user, key) = user(&id);
                attempted.lock().unwrap().push(id.clone());
                if bounded(adapter.set_user(&new_user, Some(&key))).await.is_err() {
                    continue;
                }
                acknowledged.lock().unwrap().insert(id.clone());
                if bounded(adapter.set_session_and_get_user(&session(&id, &id))).await.is_ok() {
                    acknowledged.lock().unwrap().insert(format!("session {id}"));
                    // An outage is an error and not a missing row.
                    if let Ok(found) = bounded(adapter.get_session_and_user(&id.as_str().into())).await {
                        assert!(found.is_some(), "{id}");
                    }
                }
            }
        });
    }

    for _ in 0..2 {
        progress(&acknowledged).await;
        server.kill().unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        server.restart().unwrap();
    }
    // The same pool recovers.
    progress(&acknowledged).await;
    ended.store(true, SeqCst);
    tasks.join_all().await;

    let acknowledged = acknowledged.lock().unwrap().clone();
    let attempted = attempted.lock().unwrap().clone();
    for id in attempted {
        let found = adapter.get_user(&id.as_str().into()).await.unwrap();
        let key = adapter.get_key(&user(&id).1.id).await.unwrap();
        assert_eq!(found.is_some(), key.is_some(), "{id} was partly created");
        if acknowledged.contains(&id) {
            assert!(found.is_some(), "{id} was lost");
        }
        let its_session = adapter.get_session(&id.as_str().into()).await.unwrap();
        if acknowledged.contains(&format!("session {id}")) {
            assert!(its_session.is_some(), "the session of {id} was lost");
        }
    }
}

/// Waits until a hundred more writes are acknowledged.
async fn progress(acknowledged: &Mutex<HashSet<String>>) {
    let count = || acknowledged.lock().unwrap().len();
    let start = count();
    for _ in 0..3_000 {
        if count() > start + 100 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no progress: {start} writes, then {}", count());
}

/// The server stops responding without closing its connections: a call waits no longer than the timeout of the pool,
/// and the adapter recovers when the server responds again.
async fn an_unresponsive_server_is_an_error_until_it_responds(kind: Kind) {
    let mut server = kind.server().start().unwrap();
    kind.prepare(server.port()).await;
    let adapter = kind.pool(&kind.url(server.port()), 4).await.adapter().await.unwrap();
    let (new_user, key) = user("u1");
    adapter.set_user(&new_user, Some(&key)).await.unwrap();
    server.kill().unwrap();
    for _ in 0..6 {
        bounded(adapter.get_user(&new_user.id)).await.unwrap_err();
        bounded(adapter.get_session_and_user(&"s1".into())).await.unwrap_err();
        bounded(adapter.delete_sessions_by_user_id(&new_user.id)).await.unwrap_err();
    }
    server.restart().unwrap();
    assert_eq!(adapter.get_user(&new_user.id).await.unwrap(), Some(new_user));
}

on_each_database!(
    a_server_killed_under_load_loses_no_acknowledged_write,
    an_unresponsive_server_is_an_error_until_it_responds,
);
