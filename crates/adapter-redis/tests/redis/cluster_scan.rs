//! Scans of all sessions of a cluster whose servers change meanwhile.

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use adapter_redis::{
    ConnectConfig, RedisConfig, RedisSessionAdapter, RedisTokenAdapter,
    redis::{cluster_async::ClusterConnection, cmd},
};
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionScan, TokenAdapter};
use test_servers::RedisCluster;

use crate::{
    cluster::{connect, unique},
    place::{assert_kind, patiently, session, token},
    seam::{Seam, arm},
};

type Adapter = RedisSessionAdapter<ClusterConnection>;

const SESSIONS: usize = 3_000;
/// A busy machine is not an outage.
const PATIENCE: Duration = Duration::from_secs(20);

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

/// A slot whose keys are on two servers is not read until its move is complete.
#[tokio::test(flavor = "multi_thread")]
async fn a_slot_that_is_half_moved_is_not_read() {
    let redis = RedisCluster::start().unwrap();
    let stores = open(&redis, RedisConfig::new()).await;
    let ids = store(&stores, 300).await;
    let key = "session:s1";
    let from = redis.primary_of(key).unwrap();
    let to = (from + 1) % 3;
    let node = async |index: usize| adapter_redis::connect(&redis.urls()[index]).await.unwrap();
    let (mut source, mut target) = (node(from).await, node(to).await);
    let slot: u16 = cmd("CLUSTER").arg("KEYSLOT").arg(key).query_async(&mut source).await.unwrap();
    let [source_id, target_id]: [String; 2] = [
        cmd("CLUSTER").arg("MYID").query_async(&mut source).await.unwrap(),
        cmd("CLUSTER").arg("MYID").query_async(&mut target).await.unwrap(),
    ];
    let set_slot = |state: &str, id: &str| cmd("CLUSTER").arg("SETSLOT").arg(slot).arg(state).arg(id).clone();
    set_slot("IMPORTING", &source_id).query_async::<()>(&mut target).await.unwrap();
    set_slot("MIGRATING", &target_id).query_async::<()>(&mut source).await.unwrap();
    let mut migrate = cmd("MIGRATE");
    migrate.arg("127.0.0.1").arg(redis.nodes()[to].port()).arg(key).arg(0).arg(5_000);
    migrate.query_async::<()>(&mut source).await.unwrap();

    // The driver repeats the request until this timeout.
    let config = ConnectConfig::new().response_timeout(Duration::from_millis(500)).connect_timeout(PATIENCE);
    let connection = config.connect_cluster(redis.urls()).await.unwrap();
    let adapter = RedisSessionAdapter::new(connection).await.unwrap();
    let (mut found, mut cursor) = (BTreeSet::new(), None::<String>);
    let error = loop {
        match adapter.scan_sessions(cursor.as_deref(), 100).await {
            Ok(page) => {
                found.extend(page.session_ids.into_iter().map(|id| id.into_string()));
                cursor = Some(page.next.expect("the scan ended without the slot"));
            }
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), Kind::Unavailable, "{error:?}");
    assert_eq!(cursor, Some(slot.to_string()));
    assert!(!found.contains("s1"));

    set_slot("NODE", &target_id).query_async::<()>(&mut target).await.unwrap();
    set_slot("NODE", &target_id).query_async::<()>(&mut source).await.unwrap();
    redis.wait_until_ready().unwrap();
    while let Some(next) = cursor {
        let page = stores.scan_sessions(Some(&next), 100).await.unwrap();
        found.extend(page.session_ids.into_iter().map(|id| id.into_string()));
        cursor = page.next;
    }
    assert_eq!(found, ids);
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
    for tag in ["", "{tag}", "{}", "{"] {
        let (connection, config) = connect("scan").await;
        let prefix = format!("{tag}{}", unique());
        let config = config.session_prefix(prefix);
        let tokens = RedisTokenAdapter::with_config(connection.clone(), config.clone()).await.unwrap();
        let adapter = RedisSessionAdapter::with_config(connection, config).await.unwrap();
        let ids = store(&adapter, 200).await;
        tokens.set_token(&token("t1", "u")).await.unwrap();
        assert_eq!(scan(&adapter, async |_| {}).await, ids, "{tag}");
        for cursor in ["", "x", "16384", "-1", "5@id"] {
            assert_kind(adapter.scan_sessions(Some(cursor), 100).await, Kind::Backend);
        }
    }
}

/// A hash tag puts all sessions into one slot, so no other server is asked.
#[tokio::test]
async fn sessions_of_a_prefix_with_a_hash_tag_are_one_page() {
    let (connection, config) = connect("tagged").await;
    let seam = Seam::dies_after(usize::MAX, connection.clone());
    let sent = seam.counter();
    let config = config.session_prefix(format!("{{{}}}session", unique()));
    let ids = store(&RedisSessionAdapter::with_config(connection, config.clone()).await.unwrap(), 2_500).await;
    let adapter = RedisSessionAdapter::with_config(seam, config).await.unwrap();
    // The server caches the script when it first runs it.
    for commands in [2, 1] {
        arm(&sent);
        let page = adapter.scan_sessions(None, 100).await.unwrap();
        assert!(sent.load(Ordering::SeqCst) <= commands, "{sent:?}");
        assert_eq!(page.next, None);
        assert_eq!(page.session_ids.len(), ids.len());
        assert_eq!(page.session_ids.into_iter().map(|id| id.into_string()).collect::<BTreeSet<_>>(), ids);
    }
}
