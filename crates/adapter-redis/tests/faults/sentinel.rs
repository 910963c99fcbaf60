use std::{env, sync::Arc, time::Duration};

use adapter_redis::{
    RedisConfig,
    redis::{cmd, sentinel::SentinelNodeConnectionInfo},
};
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionSchema, UnixMillis};
use test_servers::RedisSentinel;

use super::{
    CONFIG, adapter, admin, assert_typed,
    load::{Load, read},
};

async fn open(redis: &RedisSentinel, config: RedisConfig) -> Arc<dyn SessionAdapter> {
    let node = SentinelNodeConnectionInfo::default();
    let urls = redis.urls();
    adapter(CONFIG.connect_sentinel(urls, redis.primary_name(), node).await.unwrap(), config).await
}

fn confirmed() -> RedisConfig {
    RedisConfig::new().wait_for_replicas(1, Duration::from_millis(300))
}

/// Returns the number of failovers. Losses are rare; `LUCIA_FAIL_OVERS=20` and `--nocapture` count them.
pub(crate) fn fail_overs() -> usize {
    env::var("LUCIA_FAIL_OVERS").ok().and_then(|count| count.parse().ok()).unwrap_or(1)
}

/// Kills the primary under load. Acknowledged changes that were not replicated may be lost.
async fn kill_the_primary(config: RedisConfig) -> usize {
    let mut alive_again = 0;
    for _ in 0..fail_overs() {
        let mut redis = RedisSentinel::start().unwrap();
        let adapter = open(&redis, config.clone()).await;
        let load = Load::start(&adapter);
        load.sessions(200).await;
        redis.servers_mut()[0].kill().unwrap();
        redis.wait_for_fail_over(0).unwrap();
        load.sessions(100).await;
        let (record, differences) = load.end().await;
        assert_typed(&record);
        assert_eq!(record.kinds(), ["Unavailable"]);
        // Replication is in order, so a replica that has a session also has its index entry.
        assert_eq!(differences.unlisted, 0);
        alive_again += differences.alive_again;
    }
    alive_again
}

#[tokio::test(flavor = "multi_thread")]
async fn primary_killed_under_load() {
    println!("{} revocations lost", kill_the_primary(RedisConfig::new()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn primary_killed_under_load_with_wait() {
    assert_eq!(kill_the_primary(confirmed()).await, 0);
}

/// A paused primary is replaced. After it resumes, its responses are not used.
#[tokio::test(flavor = "multi_thread")]
async fn primary_paused_under_load() {
    let redis = RedisSentinel::start().unwrap();
    let adapter = open(&redis, confirmed()).await;
    let load = Load::start(&adapter);
    load.sessions(200).await;
    redis.servers()[0].pause().unwrap();
    redis.wait_for_fail_over(0).unwrap();
    redis.servers()[0].resume().unwrap();
    load.sessions(200).await;
    redis.wait_until_ready().unwrap();
    load.sessions(100).await;
    let (record, differences) = load.end().await;
    assert_typed(&record);
    assert_eq!((differences.alive_again, differences.unlisted), (0, 0));
}

/// The primary becomes a replica by hand, which keeps its connections. Sentinels would close them.
#[tokio::test(flavor = "multi_thread")]
async fn demoted_primary() {
    let redis = RedisSentinel::start().unwrap();
    let adapter = open(&redis, RedisConfig::new()).await;
    let [s1, s2] = ["s1", "s2"].map(|id| SessionSchema::new(id, "u1", UnixMillis::MAX, UnixMillis::MAX));
    adapter.set_session(&s1).await.unwrap();
    let mut sentinels = Vec::new();
    for url in redis.urls() {
        sentinels.push(adapter_redis::connect(url).await.unwrap());
    }
    for sentinel in &mut sentinels {
        cmd("SENTINEL").arg(&["REMOVE", redis.primary_name()]).query_async::<()>(sentinel).await.unwrap();
    }
    let [old, new, other] = [0, 1, 2].map(|server: usize| redis.servers()[server].port());
    cmd("REPLICAOF").arg(&["NO", "ONE"]).query_async::<()>(&mut admin(new).await).await.unwrap();
    for port in [old, other] {
        cmd("REPLICAOF").arg("127.0.0.1").arg(new).query_async::<()>(&mut admin(port).await).await.unwrap();
    }
    for sentinel in &mut sentinels {
        let mut monitor = cmd("SENTINEL");
        monitor.arg("MONITOR").arg(redis.primary_name()).arg("127.0.0.1").arg(new).arg(2);
        monitor.query_async::<()>(sentinel).await.unwrap();
    }
    assert_eq!(redis.wait_for_fail_over(0).unwrap(), 1);
    assert_eq!(adapter.set_session(&s2).await.unwrap_err().kind(), Kind::Unavailable);
    adapter.set_session(&s2).await.unwrap();
    let stored = adapter_redis::connect(&format!("redis://127.0.0.1:{new}")).await.unwrap();
    let stored = super::adapter(stored, RedisConfig::new()).await;
    assert_eq!(stored.get_session(&s2.id).await.unwrap(), Some(s2));
}

/// Loses the connections of all replicas, then a revocation, then the primary.
async fn revoke_alone(config: RedisConfig) -> (Option<Kind>, bool) {
    let mut redis = RedisSentinel::start().unwrap();
    let adapter = open(&redis, config).await;
    let session = SessionSchema::new("s1", "u1", UnixMillis::MAX, UnixMillis::MAX);
    adapter.set_session(&session).await.unwrap();
    let mut primary = admin(redis.servers()[0].port()).await;
    // `WAIT` waits for the writes of its own connection only, and with the last one for those before it.
    cmd("SET").arg(&["replicated", "1"]).exec_async(&mut primary).await.unwrap();
    let in_sync: usize = cmd("WAIT").arg(&[2, 500]).query_async(&mut primary).await.unwrap();
    assert_eq!(in_sync, 2);
    for replica in &redis.servers()[1..] {
        replica.pause().unwrap();
    }
    cmd("CLIENT").arg(&["KILL", "TYPE", "replica"]).query_async::<()>(&mut primary).await.unwrap();
    let revoked = adapter.delete_session(&session.id).await;
    redis.servers_mut()[0].kill().unwrap();
    for replica in &redis.servers()[1..] {
        replica.resume().unwrap();
    }
    redis.wait_for_fail_over(0).unwrap();
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
