//! The duration of each operation, with the driver alone as control: `cargo bench -p adapter-redis --bench operations`.

#![expect(clippy::unwrap_used, reason = "a failed benchmark panics")]

use adapter_redis::{
    RedisSessionAdapter, connect,
    redis::{AsyncCommands as _, aio::ConnectionManager, cmd, pipe},
};
use criterion::{Criterion, criterion_group, criterion_main};
use lucia_core::{Attributes, SessionAdapter as _, SessionId, SessionSchema, SessionUpdate, UnixMillis, UserId};
use test_servers::redis_server;
use tokio::runtime::Runtime;

const EXPIRY: UnixMillis = UnixMillis::new(4_102_444_800_000);

fn operations(criterion: &mut Criterion) {
    let server = redis_server().unwrap().args(["--appendonly", "no"]).start().unwrap();
    let url = format!("redis://127.0.0.1:{}", server.port());
    let runtime = Runtime::new().unwrap();
    let (adapter, redis) = runtime.block_on(async {
        let redis = connect(url.as_str()).await.unwrap();
        let adapter = RedisSessionAdapter::new(redis.clone()).await.unwrap();
        for number in 0..20 {
            adapter.set_session(&session(number)).await.unwrap();
        }
        (adapter, redis)
    });
    get(criterion, &runtime, &adapter, &redis);
    create(criterion, &runtime, &adapter, &redis);
    list(criterion, &runtime, &adapter, &redis);
    change(criterion, &runtime, &adapter);
}

fn get(
    criterion: &mut Criterion,
    runtime: &Runtime,
    adapter: &RedisSessionAdapter<ConnectionManager>,
    redis: &ConnectionManager,
) {
    let (id, key) = (session(0).id, format!("session:{}", session(0).id.as_str()));
    let mut group = criterion.benchmark_group("read a session");
    group.bench_function("redis GET", |bencher| {
        bencher.to_async(runtime).iter(async || redis.clone().get::<_, Vec<u8>>(&key).await.unwrap());
    });
    group.bench_function("get_session", |bencher| {
        bencher.to_async(runtime).iter(async || adapter.get_session(&id).await.unwrap());
    });
}

/// Creates and deletes a session, because an id can be created once.
fn create(
    criterion: &mut Criterion,
    runtime: &Runtime,
    adapter: &RedisSessionAdapter<ConnectionManager>,
    redis: &ConnectionManager,
) {
    let session = session(20);
    let (json, id) = (session.to_json(), session.id.as_str());
    let key = format!("session:{id}");
    let mut group = criterion.benchmark_group("create a session and delete it");
    group.bench_function("redis pipelines of SET and SADD, DEL and SREM", |bencher| {
        bencher.to_async(runtime).iter(async || {
            let mut redis = redis.clone();
            let mut create = pipe();
            create.cmd("SET").arg(&key).arg(&json).arg("PXAT").arg(EXPIRY.get());
            create.cmd("SADD").arg("userSession:u1").arg(id);
            create.query_async::<()>(&mut redis).await.unwrap();
            let mut delete = pipe();
            delete.del(&key).srem("userSession:u1", id);
            delete.query_async::<()>(&mut redis).await.unwrap();
        });
    });
    group.bench_function("set_session and delete_session", |bencher| {
        bencher.to_async(runtime).iter(async || {
            adapter.set_session(&session).await.unwrap();
            adapter.delete_session(&session.id).await.unwrap();
        });
    });
}

fn list(
    criterion: &mut Criterion,
    runtime: &Runtime,
    adapter: &RedisSessionAdapter<ConnectionManager>,
    redis: &ConnectionManager,
) {
    let user = UserId::new("u1");
    let mut group = criterion.benchmark_group("list 20 sessions");
    group.bench_function("redis SMEMBERS and MGET", |bencher| {
        bencher.to_async(runtime).iter(async || {
            let mut redis = redis.clone();
            let ids: Vec<String> = redis.smembers("userSession:u1").await.unwrap();
            let mut command = cmd("MGET");
            for id in &ids {
                command.arg(format!("session:{id}"));
            }
            command.query_async::<Vec<Option<Vec<u8>>>>(&mut redis).await.unwrap()
        });
    });
    group.bench_function("get_sessions_by_user_id", |bencher| {
        bencher.to_async(runtime).iter(async || adapter.get_sessions_by_user_id(&user).await.unwrap());
    });
}

fn change(criterion: &mut Criterion, runtime: &Runtime, adapter: &RedisSessionAdapter<ConnectionManager>) {
    let id = session(1).id;
    let mut group = criterion.benchmark_group("change a session");
    group.bench_function("renewal", |bencher| {
        let renewal = SessionUpdate::renewal(EXPIRY, EXPIRY);
        bencher.to_async(runtime).iter(async || adapter.update_session(&id, &renewal).await.unwrap());
    });
    group.bench_function("update of an attribute", |bencher| {
        let update = SessionUpdate::default().with_attributes(Attributes::from([("country", "NZ")])).unwrap();
        bencher.to_async(runtime).iter(async || adapter.update_session(&id, &update).await.unwrap());
    });
}

fn session(number: usize) -> SessionSchema {
    let attributes = Attributes::from([("country", "DE"), ("device", "Firefox on Linux, in the office")]);
    let session = SessionSchema::new(SessionId::new(format!("{number:040}")), "u1", EXPIRY, EXPIRY);
    session.with_attributes(attributes).unwrap()
}

criterion_group!(benches, operations);
criterion_main!(benches);
