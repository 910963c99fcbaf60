//! Redis: sessions alone, in two databases of one server.

use std::time::Duration;

use adapter_redis::{
    RedisSessionAdapter, connect,
    redis::{FromRedisValue, Pipeline, aio::ConnectionManager, cmd, pipe},
};
use lucia_core::{Clock as _, SessionAdapter as _, SystemClock};
use test_servers::{redis_server, time_of_calls};

use crate::{
    measure::{self, Store, step},
    population::{Population, SESSIONS_OF_A_USER},
    rows::{FAR, user_id},
};

/// Users, or sessions, of which the commands are sent together.
const PIPELINE: u64 = 100;
/// The time for which the server deletes expired keys while it is observed.
const OBSERVED: Duration = Duration::from_secs(30);

pub(crate) async fn run(few: Population, many: Population) {
    println!("\n## Redis");
    // A cache does not write to disk.
    let server = redis_server().and_then(|server| server.args(["--appendonly", "no"]).start()).unwrap();
    let url = |database: u8| format!("redis://127.0.0.1:{}/{database}", server.port());
    let connections = [connect(&url(0)).await.unwrap(), connect(&url(1)).await.unwrap()];
    let [few, many] = [few, many].map(Population::all_live);
    let adapters = [
        RedisSessionAdapter::new(connections[0].clone()).await.unwrap(),
        RedisSessionAdapter::new(connections[1].clone()).await.unwrap(),
    ];
    let empty = used_memory(&connections[0]).await;
    // The small one is filled as an application does it.
    step("10,000 sessions by the adapter", few.store_sessions(&adapters[0], 16)).await;
    let small = used_memory(&connections[0]).await;
    step("sessions", fill(&connections[1], many)).await;
    let large = used_memory(&connections[0]).await;
    assert_same(&connections).await;

    measure::head("Redis", [few, many]);
    let bytes = [(small - empty) / few.sessions() as f64, (large - small) / many.sessions() as f64];
    measure::row("`used_memory`, for each session", bytes, "bytes");
    let stores = [Store::without_users(adapters[0].clone(), few), Store::without_users(adapters[1].clone(), many)];
    measure::read_and_revoke(&stores[0], &stores[1]).await;
    expire(&connections[1], &adapters[1], many).await;
}

/// Stores what the adapter stores, as `assert_same` checks, with several commands at once.
async fn fill(connection: &ConnectionManager, population: Population) {
    let connection = connection.clone();
    let store = move |batch: u64| {
        let mut connection = connection.clone();
        async move {
            let mut pipeline = pipe();
            for user in batch * PIPELINE..((batch + 1) * PIPELINE).min(population.users) {
                let sessions = (0..SESSIONS_OF_A_USER).map(|number| population.session(population.index(user, number)));
                let sessions: Vec<_> = sessions.collect();
                for session in &sessions {
                    let key = format!("session:{}", session.id.as_str());
                    pipeline.cmd("SET").arg(key).arg(session.to_json()).arg("PXAT").arg(FAR).ignore();
                }
                let index = format!("userSession:{}", user_id(user));
                // One after the other, because a set that grows has other allocations.
                for session in &sessions {
                    pipeline.sadd(&index, session.id.as_str()).ignore();
                }
                pipeline.pexpire_at(&index, FAR).ignore();
            }
            pipeline.query_async::<()>(&mut connection).await.unwrap();
        }
    };
    time_of_calls(4, population.users.div_ceil(PIPELINE), store).await;
}

/// Compares the first session, and the index of its user, of both databases.
async fn assert_same(connections: &[ConnectionManager; 2]) {
    let session = format!("session:{}", crate::rows::token(0).hashed_id().as_str());
    let index = format!("userSession:{}", user_id(0));
    let mut found = Vec::new();
    for connection in connections {
        let value: String = ask(connection, &["GET", &session]).await;
        let encoding: String = ask(connection, &["OBJECT", "ENCODING", &index]).await;
        let mut numbers = Vec::new();
        for key in [&session, &index] {
            numbers.push(ask::<i64>(connection, &["PEXPIRETIME", key]).await);
            numbers.push(ask(connection, &["MEMORY", "USAGE", key, "SAMPLES", "0"]).await);
        }
        numbers.push(ask(connection, &["SCARD", &index]).await);
        found.push((value, encoding, numbers));
    }
    assert_eq!(found[0], found[1], "the adapter stores it differently");
}

/// Lets the last session of each user expire, as its time to live does.
async fn expire(connection: &ConnectionManager, adapter: &RedisSessionAdapter<ConnectionManager>, many: Population) {
    let soon = SystemClock.now().get() + 10_000 + i64::try_from(many.sessions() / 1_000).unwrap();
    let expire = {
        let connection = connection.clone();
        move |batch: u64| {
            let mut connection = connection.clone();
            async move {
                let mut pipeline = Pipeline::new();
                for user in batch * PIPELINE..((batch + 1) * PIPELINE).min(many.users) {
                    let key = format!("session:{}", many.session(many.index(user, SESSIONS_OF_A_USER - 1)).id.as_str());
                    pipeline.pexpire_at(key, soon).ignore();
                }
                pipeline.query_async::<()>(&mut connection).await.unwrap();
            }
        }
    };
    time_of_calls(4, many.users.div_ceil(PIPELINE), expire).await;
    let wait = soon - SystemClock.now().get();
    tokio::time::sleep(Duration::from_millis(u64::try_from(wait).expect("the expiries were set in time"))).await;

    let before = (info(connection, "expired_keys").await, used_memory(connection).await);
    tokio::time::sleep(OBSERVED).await;
    let after = (info(connection, "expired_keys").await, used_memory(connection).await);
    let seconds = OBSERVED.as_secs();
    println!(
        "\n{} sessions expire at once. In the next {seconds} s, Redis deletes {} of them,",
        many.users,
        after.0 - before.0
    );
    println!("and `used_memory` falls from {:.0} to {:.0} MB.", before.1 / 1e6, after.1 / 1e6);

    let list = {
        let adapter = adapter.clone();
        move |call| {
            let adapter = adapter.clone();
            async move {
                // Not those whose sessions were revoked.
                let user = many.unique_user(many.users - 1 - call);
                let sessions = adapter.get_sessions_by_user_id(&user_id(user).into()).await.unwrap();
                assert_eq!(sessions.len() as u64, SESSIONS_OF_A_USER - 1);
            }
        }
    };
    let calls = (many.users / 10).min(10_000);
    let (first, second) = (time_of_calls(1, calls, list.clone()).await, time_of_calls(1, calls, list).await);
    println!("A list that removes one expired id from the index takes {first:.1} µs, the next one {second:.1} µs.");
}

async fn used_memory(connection: &ConnectionManager) -> f64 {
    info(connection, "used_memory").await
}

/// Returns a number of `INFO`.
async fn info(connection: &ConnectionManager, name: &str) -> f64 {
    let info: String = ask(connection, &["INFO"]).await;
    let value = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    value.and_then(|value| value.parse().ok()).unwrap()
}

async fn ask<T: FromRedisValue>(connection: &ConnectionManager, words: &[&str]) -> T {
    let mut command = cmd(words[0]);
    command.arg(&words[1..]);
    command.query_async(&mut connection.clone()).await.unwrap()
}
