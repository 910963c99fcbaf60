//! Scans of all sessions of a cluster whose servers change meanwhile.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use adapter_redis::{RedisConfig, RedisSessionAdapter, redis::cluster_async::ClusterConnection};
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionScan, TokenAdapter};
use test_servers::RedisCluster;

use crate::{
    cluster::connect,
    place::{assert_kind, patiently, session, token},
};

type Adapter = RedisSessionAdapter<ClusterConnection>;

const SESSIONS: usize = 3_000;

async fn open(redis: &RedisCluster, config: RedisConfig) -> Adapter {
    RedisSessionAdapter::with_config(patiently().connect_cluster(redis.urls()).await.unwrap(), config).await.unwrap()
}

async fn store(adapter: &Adapter, count: usize) -> BTreeSet<String> {
    let ids: BTreeSet<_> = (0..count).map(|number| format!("s{number}")).collect();
    let ordered: Vec<_> = ids.iter().collect();
    for chunk in ordered.chunks(100) {
        let stored: Vec<_> = chunk.iter().map(|id| session(id, id)).collect();
        for outcome in futures_util::future::join_all(stored.iter().map(|stored| adapter.set_session(stored))).await {
            outcome.unwrap();
        }
    }
    ids
}

/// Returns the ids on all pages. A page that is not available is read again.
async fn scan(adapter: &Adapter, mut between: impl AsyncFnMut(usize)) -> BTreeSet<String> {
    let (mut ids, mut cursor, mut pages) = (BTreeSet::new(), None::<String>, 0);
    loop {
        match adapter.scan_sessions(cursor.as_deref(), 100).await {
            Ok(page) => {
                ids.extend(page.session_ids.into_iter().map(|id| id.into_string()));
                pages += 1;
                cursor = match page.next {
                    Some(next) => Some(next),
                    None => return ids,
                };
                between(pages).await;
            }
            Err(error) => assert_eq!(error.kind(), Kind::Unavailable, "{error:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_whose_slots_move_are_returned() {
    let redis = Arc::new(RedisCluster::start().unwrap());
    let adapter = open(&redis, RedisConfig::new()).await;
    let ids = store(&adapter, SESSIONS).await;
    // From behind the cursor to before it, and the other way round.
    let moving = Arc::clone(&redis);
    let moved = tokio::task::spawn_blocking(move || {
        moving.move_slots(1, 0, 8_000..=8_999)?;
        moving.move_slots(0, 2, 0..=999)?;
        moving.move_slots(2, 0, 0..=999)
    });
    let mut scans = 0;
    while !moved.is_finished() || scans == 0 {
        let found = scan(&adapter, async |_| {}).await;
        assert_eq!(found.len(), ids.len(), "scan {scans}");
        scans += 1;
    }
    moved.await.unwrap().unwrap();
    assert_eq!(scan(&adapter, async |_| {}).await, ids);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_of_a_primary_that_is_replaced_are_returned() {
    let mut redis = RedisCluster::start().unwrap();
    let adapter = open(&redis, RedisConfig::new()).await;
    let ids = store(&adapter, SESSIONS).await;
    redis.wait_until_ready().unwrap();
    let old = redis.primary_of("session:s1").unwrap();
    let found = scan(&adapter, async |pages| {
        if pages == 1 {
            redis.nodes_mut()[old].kill().unwrap();
            redis.wait_for_fail_over("session:s1", old).unwrap();
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    });
    assert_eq!(found.await.len(), ids.len());
}

#[tokio::test]
async fn a_scan_returns_sessions_of_the_prefix_only() {
    for tag in ["", "{tag}"] {
        let (connection, config) = connect("scan").await;
        let name = format!("{config:?}");
        let name = name.split("session: \"").nth(1).unwrap().split('"').next().unwrap();
        let config = config.session_prefix(format!("{tag}{name}"));
        let adapter = RedisSessionAdapter::with_config(connection, config).await.unwrap();
        let ids = store(&adapter, 200).await;
        adapter.set_token(&token("t1", "u")).await.unwrap();
        assert_eq!(scan(&adapter, async |_| {}).await, ids, "{tag}");
        for cursor in ["", "x", "16384", "-1", "5@id"] {
            assert_kind(adapter.scan_sessions(Some(cursor), 100).await, Kind::Backend);
        }
    }
}
