use std::{sync::Arc, time::Duration};

use adapter_redis::{
    RedisConfig, RedisSessionAdapter, RedisTokenAdapter, SetupError,
    deadpool_redis::{Config, Pool, Runtime},
    redis::{Cmd, cmd},
};
use lucia_core::{
    AdapterErrorKind as Kind, Clock as _, SessionAdapter, SessionSchema, SessionUpdate, SystemClock, TokenAdapter as _,
    TokenKind, TokenSchema, UnixMillis,
};
use test_servers::{Server, ServerBuilder, redis_server};
use tokio::time::sleep;

use super::{
    CONFIG, LIMIT, RESPONSE, adapter, admin, assert_nothing_lost, assert_typed,
    load::{Load, Record, now},
};

/// The duration of outages, which is longer than the limit for calls.
const OUTAGE: Duration = Duration::from_secs(2);

fn server() -> ServerBuilder {
    redis_server().unwrap()
}

fn url(server: &Server) -> String {
    format!("redis://127.0.0.1:{}", server.port())
}

async fn shared(server: &Server, response: Duration) -> Arc<dyn SessionAdapter> {
    let connection = CONFIG.response_timeout(response).connect(&url(server)).await;
    adapter(connection.unwrap(), RedisConfig::new()).await
}

fn pool(server: &Server, response: Duration) -> Pool {
    let config = Config::from_url(url(server));
    let timeouts = [Some(response); 3];
    let builder = config.builder().unwrap().max_size(8).runtime(Runtime::Tokio1);
    let [wait, create, recycle] = timeouts;
    builder.wait_timeout(wait).create_timeout(create).recycle_timeout(recycle).build().unwrap()
}

async fn pooled(server: &Server, response: Duration) -> Arc<dyn SessionAdapter> {
    adapter(pool(server, response), RedisConfig::new()).await
}

async fn run(server: &Server, command: &Cmd) {
    command.query_async::<()>(&mut admin(server.port()).await).await.unwrap();
}

/// Returns what the tasks recorded during an outage, over a shared connection and over a pool. Checks that nothing was lost.
async fn survive(mut server: Server, response: Duration, happens: impl AsyncFn(&mut Server, &Load)) -> [Record; 2] {
    let (shared, pooled) = (shared(&server, response).await, pooled(&server, response).await);
    [survive_over(&shared, &mut server, &happens).await, survive_over(&pooled, &mut server, &happens).await]
}

async fn survive_over(
    adapter: &Arc<dyn SessionAdapter>,
    server: &mut Server,
    happens: &impl AsyncFn(&mut Server, &Load),
) -> Record {
    let load = Load::start(adapter);
    load.sessions(50).await;
    happens(server, &load).await;
    load.sessions(50).await;
    let (record, differences) = load.end().await;
    assert_nothing_lost(&record, &differences);
    run(server, &cmd("FLUSHALL")).await;
    record
}

/// Does the same as [`survive`], and checks that all errors are `Unavailable` and that there is at least one.
async fn survive_outage(server: Server, happens: impl AsyncFn(&mut Server, &Load)) {
    for record in survive(server, RESPONSE, happens).await {
        assert_eq!(record.kinds(), ["Unavailable"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn client_kill_in_flight() {
    survive(server().start().unwrap(), RESPONSE, async |server, load| {
        for _ in 0..20 {
            run(server, cmd("CLIENT").arg(&["KILL", "TYPE", "normal"])).await;
            load.sessions(5).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paused_server() {
    survive_outage(server().start().unwrap(), async |server, _| {
        server.pause().unwrap();
        sleep(OUTAGE).await;
        server.resume().unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sleeping_server() {
    // Redis 7 requires this option; 6.2 does not have it.
    let told = server().args(["--enable-debug-command", "yes"]).start();
    let server = told.or_else(|_| server().start()).unwrap();
    survive_outage(server, async |server, _| {
        let mut admin = admin(server.port()).await;
        // The response is too late for this connection too.
        let _ = cmd("DEBUG").arg(&["SLEEP", "2"]).query_async::<()>(&mut admin).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_and_restarted_server() {
    survive_outage(server().start().unwrap(), async |server, _| {
        server.kill().unwrap();
        sleep(OUTAGE / 2).await;
        server.restart().unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn flushed_scripts() {
    // No call may fail, also on a busy machine.
    let records = survive(server().start().unwrap(), LIMIT, async |server, load| {
        for _ in 0..50 {
            run(server, cmd("SCRIPT").arg("FLUSH")).await;
            load.sessions(2).await;
        }
    });
    for record in records.await {
        assert!(record.errors.is_empty(), "{:?}", record.errors);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only_replica() {
    survive_outage(server().start().unwrap(), async |server, _| {
        // The primary does not exist, so nothing is synchronised and the data is kept.
        run(server, cmd("REPLICAOF").arg(&["127.0.0.1", "1"])).await;
        sleep(OUTAGE / 2).await;
        run(server, cmd("REPLICAOF").arg(&["NO", "ONE"])).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn full_memory() {
    survive_outage(server().args(["--maxmemory-policy", "noeviction"]).start().unwrap(), async |server, _| {
        run(server, cmd("CONFIG").arg(&["SET", "maxmemory", "1"])).await;
        sleep(OUTAGE / 2).await;
        run(server, cmd("CONFIG").arg(&["SET", "maxmemory", "0"])).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_read_and_revoked_if_memory_is_full() {
    let server = server().args(["--maxmemory-policy", "noeviction"]).start().unwrap();
    let adapter = shared(&server, RESPONSE).await;
    let sessions = ["s1", "s2", "s3"].map(|id| SessionSchema::new(id, "u1", UnixMillis::MAX, UnixMillis::MAX));
    for session in &sessions {
        adapter.set_session(session).await.unwrap();
    }
    run(&server, cmd("CONFIG").arg(&["SET", "maxmemory", "1"])).await;
    let [one, two, three] = &sessions;
    assert_eq!(adapter.get_session(&one.id).await.unwrap().as_ref(), Some(one));
    assert_eq!(adapter.get_sessions_by_user_id(&one.user_id).await.unwrap().len(), 3);
    adapter.delete_session(&one.id).await.unwrap();
    assert_eq!(adapter.get_session(&one.id).await.unwrap(), None);
    let renewal = SessionUpdate::renewal(UnixMillis::new(4_102_444_800_000), UnixMillis::new(4_102_444_800_000));
    assert_eq!(adapter.update_session(&two.id, &renewal).await.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(adapter.get_session(&two.id).await.unwrap().as_ref(), Some(two));
    let new = SessionSchema::new("s4", "u1", UnixMillis::MAX, UnixMillis::MAX);
    assert_eq!(adapter.set_session(&new).await.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(adapter.get_session(&new.id).await.unwrap(), None);
    adapter.delete_sessions_by_user_id(&one.user_id).await.unwrap();
    assert_eq!(adapter.get_session(&three.id).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_kept_or_deleted_if_memory_is_full() {
    const KIND: TokenKind = TokenKind::from_static("password_reset");
    let server = server().args(["--maxmemory-policy", "noeviction"]).start().unwrap();
    let adapter = RedisTokenAdapter::new(CONFIG.connect(&url(&server)).await.unwrap()).await.unwrap();
    let [one, two] = ["t1", "t2"].map(|id| TokenSchema::new(id, KIND, UnixMillis::MAX).with_user_id("u1"));
    let (now, window) = (SystemClock.now(), Duration::from_secs(600));
    adapter.set_token(&one).await.unwrap();
    adapter.add_to_counter("k", 1, window, now).await.unwrap();
    run(&server, cmd("CONFIG").arg(&["SET", "maxmemory", "1"])).await;
    assert_eq!(adapter.set_token(&two).await.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(adapter.get_token(&KIND, &two.id).await.unwrap(), None);
    assert_eq!(adapter.take_token(&KIND, &one.id).await.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(adapter.get_token(&KIND, &one.id).await.unwrap(), Some(one.clone()), "it was not taken");
    assert_eq!(adapter.add_to_counter("k", 1, window, now).await.unwrap_err().kind(), Kind::Unavailable);
    adapter.delete_tokens(None, &"u1".into()).await.unwrap();
    assert_eq!(adapter.get_token(&KIND, &one.id).await.unwrap(), None);
    run(&server, cmd("CONFIG").arg(&["SET", "maxmemory", "0"])).await;
    assert_eq!(adapter.add_to_counter("k", 0, window, now).await.unwrap().value, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn connection_refused_at_the_start() {
    let mut server = server().start().unwrap();
    server.stop().unwrap();
    let start = now();
    let refused = CONFIG.connect(&url(&server)).await.unwrap_err();
    assert!(matches!(refused, SetupError::Unavailable { .. }), "{refused:?}");
    // A pool opens its first connection on demand.
    let pool = pool(&server, RESPONSE);
    let refused = RedisSessionAdapter::new(pool.clone()).await.unwrap_err();
    assert!(matches!(refused, SetupError::Unavailable { .. }), "{refused:?}");
    assert!(start.elapsed() < LIMIT);
    server.restart().unwrap();
    let adapter = adapter(pool, RedisConfig::new()).await;
    let load = Load::start(&adapter);
    load.sessions(50).await;
    let (record, differences) = load.end().await;
    assert_typed(&record);
    assert_nothing_lost(&record, &differences);
}
