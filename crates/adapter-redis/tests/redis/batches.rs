//! Concurrent calls on one connection, whose commands are sent in batches.

use std::{pin::Pin, sync::Arc, time::Duration};

use adapter_redis::{
    RedisSessionAdapter,
    redis::{aio::ConnectionManager, cmd},
};
use futures_util::future::{join_all, poll_immediate};
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter as _};
use test_servers::redis_server;
use tokio::runtime::{Builder, Runtime};

use crate::place::{Place, assert_kind, id, session, user};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_gets_its_own_reply() {
    let place = Place::new().await;
    let adapter = Arc::new(place.adapter().await);
    place.run::<i64>("HSET", &place.session_key("hash"), &["field", "value"]).await;
    let calls = (0..200).map(|number| {
        let adapter = Arc::clone(&adapter);
        tokio::spawn(async move {
            let stored = session(&format!("s{number}"), &format!("u{}", number % 7));
            for _ in 0..20 {
                adapter.set_session(&stored).await.unwrap();
                assert_kind(adapter.set_session(&stored).await, Kind::DuplicateSessionId);
                assert_eq!(adapter.get_session(&stored.id).await.unwrap().as_ref(), Some(&stored));
                assert_kind(adapter.get_session(&id("hash")).await, Kind::Decode);
                let listed = adapter.get_sessions_by_user_id(&stored.user_id).await.unwrap();
                assert!(listed.contains(&stored) && listed.iter().all(|other| other.user_id == stored.user_id));
                adapter.delete_session(&stored.id).await.unwrap();
                assert_eq!(adapter.get_session(&stored.id).await.unwrap(), None);
            }
        })
    });
    for call in join_all(calls).await {
        call.unwrap();
    }
    for number in 0..7 {
        assert!(place.index(&format!("u{number}")).await.is_empty());
    }
}

/// More calls than fit into one batch.
#[tokio::test]
async fn concurrent_calls_are_sent_together() {
    let server = redis_server().unwrap().start().unwrap();
    let place = Place::on(&format!("redis://127.0.0.1:{}", server.port())).await;
    let adapter = place.adapter().await;
    adapter.set_session(&session("s", "u")).await.unwrap();
    let reads = async || {
        let stats: String = place.query(cmd("INFO").arg("stats")).await;
        let line = stats.lines().find_map(|line| line.strip_prefix("total_reads_processed:"));
        line.unwrap().parse::<u64>().unwrap()
    };
    let before = reads().await;
    let stored = id("s");
    let found = join_all((0..100).map(|_| adapter.get_session(&stored))).await;
    let between = reads().await - before;
    assert!(found.into_iter().all(|found| found.unwrap().is_some()));
    assert!(between < 20, "{between}");
}

#[tokio::test]
async fn a_dropped_call_leaves_the_others() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    let stored = session("s", "u");
    adapter.set_session(&stored).await.unwrap();
    for kept in 0..10 {
        let mut calls: Vec<_> = (0..10).map(|_| Box::pin(adapter.get_session(&stored.id))).collect();
        for call in &mut calls {
            assert!(poll_immediate(call).await.is_none());
        }
        // Those before it are dropped after they were added, and among them that which began the batch.
        let call = calls.swap_remove(kept);
        drop(calls);
        assert_eq!(call.await.unwrap().as_ref(), Some(&stored));
    }
}

/// Two runtimes, and an adapter whose connection belongs to the first.
fn two_runtimes() -> ([Runtime; 2], Place, RedisSessionAdapter<ConnectionManager>) {
    let runtimes = [(); 2].map(|()| Builder::new_current_thread().enable_all().build().unwrap());
    let (place, adapter) = runtimes[0].block_on(async {
        let place = Place::new().await;
        let adapter = place.adapter().await;
        adapter.set_session(&session("s", "u")).await.unwrap();
        (place, adapter)
    });
    (runtimes, place, adapter)
}

/// Polls calls once, which sends the first of them, and adds the others to a batch.
fn begin<F: Future>(runtime: &Runtime, calls: &mut [Pin<Box<F>>]) {
    runtime.block_on(async {
        for call in calls {
            assert!(poll_immediate(call).await.is_none());
        }
    });
}

const LONG: Duration = Duration::from_secs(10);

#[test]
fn a_runtime_that_stands_still_does_not_stop_another() {
    let ([moving, still], _place, adapter) = two_runtimes();
    let (stored, its_user) = (id("s"), user("u"));
    let mut calls: Vec<_> = (0..3).map(|_| Box::pin(adapter.get_session(&stored))).collect();
    begin(&still, &mut calls);
    moving.block_on(async {
        let reads = join_all((0..10).map(|_| adapter.get_session(&stored)));
        for found in tokio::time::timeout(LONG, reads).await.unwrap() {
            assert!(found.unwrap().is_some());
        }
        let listed = tokio::time::timeout(LONG, adapter.get_sessions_by_user_id(&its_user)).await.unwrap();
        assert_eq!(listed.unwrap().len(), 1);
    });
}

/// Calls that began on another runtime, which was to send their batch.
#[test]
fn calls_survive_the_runtime_of_their_batch() {
    let ([kept, ended], _place, adapter) = two_runtimes();
    let (stored, its_user) = (id("s"), user("u"));
    let mut reads: Vec<_> = (0..3).map(|_| Box::pin(adapter.get_session(&stored))).collect();
    let mut lists: Vec<_> = (0..2).map(|_| Box::pin(adapter.get_sessions_by_user_id(&its_user))).collect();
    begin(&ended, &mut reads);
    begin(&ended, &mut lists);
    drop(ended);
    // The first was sent at once, and its timeout ends with the runtime.
    drop(reads.remove(0));
    kept.block_on(async {
        for found in tokio::time::timeout(LONG, join_all(reads)).await.unwrap() {
            assert!(found.unwrap().is_some());
        }
        for listed in tokio::time::timeout(LONG, join_all(lists)).await.unwrap() {
            assert_eq!(listed.unwrap().len(), 1);
        }
        let later = join_all((0..10).map(|_| adapter.get_session(&stored))).await;
        assert!(later.into_iter().all(|found| found.unwrap().is_some()));
    });
}
