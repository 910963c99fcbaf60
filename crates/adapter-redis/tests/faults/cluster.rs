use std::{sync::Arc, time::Duration};

use adapter_redis::{RedisConfig, redis::cmd};
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionSchema, UnixMillis};
use test_servers::RedisCluster;

use super::{
    CONFIG, LIMIT, adapter, admin, assert_nothing_lost, assert_typed,
    load::{Load, read},
    sentinel::fail_overs,
};

async fn open(redis: &RedisCluster, config: RedisConfig) -> Arc<dyn SessionAdapter> {
    adapter(CONFIG.connect_cluster(redis.urls()).await.unwrap(), config).await
}

fn confirmed() -> RedisConfig {
    RedisConfig::new().wait_for_replicas(1, Duration::from_millis(300))
}

/// Kills a primary under load. Acknowledged changes that were not replicated may be lost.
async fn kill_a_primary(config: RedisConfig) -> usize {
    let mut alive_again = 0;
    for _ in 0..fail_overs() {
        let mut redis = RedisCluster::start().unwrap();
        let adapter = open(&redis, config.clone()).await;
        let load = Load::start(&adapter);
        load.sessions(200).await;
        let key = "session:user0-0";
        let old = redis.primary_of(key).unwrap();
        redis.nodes_mut()[old].kill().unwrap();
        redis.wait_for_fail_over(key, old).unwrap();
        load.sessions(100).await;
        let (record, differences) = load.end().await;
        assert_typed(&record);
        alive_again += differences.alive_again;
    }
    alive_again
}

#[tokio::test(flavor = "multi_thread")]
async fn primary_killed_under_load() {
    println!("{} revocations lost", kill_a_primary(RedisConfig::new()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn primary_killed_under_load_with_wait() {
    assert_eq!(kill_a_primary(confirmed()).await, 0);
}

/// Moves a quarter of all slots to another primary. No change is lost and no call fails.
#[tokio::test(flavor = "multi_thread")]
async fn slots_moved_under_load() {
    let redis = Arc::new(RedisCluster::start().unwrap());
    // No call may fail, also on a busy machine.
    let patient = CONFIG.response_timeout(LIMIT);
    let connections = patient.connect_cluster(redis.urls()).await.unwrap();
    let adapter = adapter(connections, RedisConfig::new()).await;
    let load = Load::start(&adapter);
    load.sessions(200).await;
    let moving = Arc::clone(&redis);
    tokio::task::spawn_blocking(move || moving.move_slots(0, 1, 0..=3_999)).await.unwrap().unwrap();
    load.sessions(100).await;
    let (record, differences) = load.end().await;
    assert_nothing_lost(&record, &differences);
    assert_eq!(record.errors.len(), 0, "{:?}", record.errors);
}

/// If one server does not respond, the sessions on the others are revoked, and the revocation is not acknowledged.
#[tokio::test(flavor = "multi_thread")]
async fn sessions_on_other_primaries_are_revoked_while_one_hangs() {
    let redis = RedisCluster::start().unwrap();
    let adapter = open(&redis, RedisConfig::new()).await;
    let index = redis.primary_of("userSession:u1").unwrap();
    let hanging = (index + 1) % 3;
    let expiry = UnixMillis::MAX;
    let ids: Vec<_> = (0..600).map(|number| format!("s{number}")).collect();
    for id in &ids {
        adapter.set_session(&SessionSchema::new(id.as_str(), "u1", expiry, expiry)).await.unwrap();
    }
    let is_hanging = |id: &&String| redis.primary_of(&format!("session:{id}")) == Some(hanging);
    let (behind, before): (Vec<_>, Vec<_>) = ids.iter().partition(is_hanging);
    assert!(behind.len() > 100 && before.len() > 300);
    // Without a replica, it is not replaced.
    redis.nodes()[hanging + 3].pause().unwrap();
    redis.nodes()[hanging].pause().unwrap();
    let revoked = adapter.delete_sessions_by_user_id(&"u1".into()).await;
    assert_eq!(revoked.unwrap_err().kind(), Kind::Unavailable);
    redis.nodes()[hanging].resume().unwrap();
    redis.nodes()[hanging + 3].resume().unwrap();
    redis.wait_until_ready().unwrap();
    for id in before {
        assert_eq!(read(async || adapter.get_session(&id.as_str().into()).await).await, None, "{id}");
    }
    read(async || adapter.delete_sessions_by_user_id(&"u1".into()).await).await;
    for id in behind {
        assert_eq!(read(async || adapter.get_session(&id.as_str().into()).await).await, None, "{id}");
    }
}

/// Loses the connection of the replica, then a revocation, then the primary.
async fn revoke_alone(config: RedisConfig) -> (Option<Kind>, bool) {
    let mut redis = RedisCluster::start().unwrap();
    let adapter = open(&redis, config).await;
    let session = SessionSchema::new("s1", "u1", UnixMillis::MAX, UnixMillis::MAX);
    adapter.set_session(&session).await.unwrap();
    let old = redis.primary_of("session:s1").unwrap();
    let mut primary = admin(redis.nodes()[old].port()).await;
    // `WAIT` waits for the writes of its own connection only, and with the last one for those before it.
    cmd("SET").arg(&["{session:s1}", "1"]).exec_async(&mut primary).await.unwrap();
    let in_sync: usize = cmd("WAIT").arg(&[1, 500]).query_async(&mut primary).await.unwrap();
    assert_eq!(in_sync, 1);
    // The launcher makes the fourth node the replica of the first primary, and so on.
    let replica = old + 3;
    redis.nodes()[replica].pause().unwrap();
    cmd("CLIENT").arg(&["KILL", "TYPE", "replica"]).query_async::<()>(&mut primary).await.unwrap();
    let revoked = adapter.delete_session(&session.id).await;
    redis.nodes_mut()[old].kill().unwrap();
    redis.nodes()[replica].resume().unwrap();
    assert_eq!(redis.wait_for_fail_over("session:s1", old).unwrap(), replica);
    let found = read(async || adapter.get_session(&session.id).await).await;
    (revoked.err().map(|error| error.kind()), found.is_some())
}

/// Asynchronous replication allows this, and the guide warns of it.
#[tokio::test(flavor = "multi_thread")]
async fn an_unreplicated_revocation_is_lost_with_the_primary() {
    assert_eq!(revoke_alone(RedisConfig::new()).await, (None, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreplicated_revocation_is_not_acknowledged_with_wait() {
    assert_eq!(revoke_alone(confirmed()).await, (Some(Kind::Unavailable), true));
}
