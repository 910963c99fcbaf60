//! Deletions that wait for replicas.

use std::{error::Error as _, time::Duration};

use adapter_redis::{RedisSessionAdapter, redis::cmd};
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter};
use test_servers::redis_server;

use crate::place::{Place, assert_kind, id, session, user};

const PATIENCE: Duration = Duration::from_millis(200);

#[tokio::test]
async fn a_deletion_without_confirmation_is_unavailable() {
    let place = Place::new().await;
    let config = place.config().wait_for_replicas(1, PATIENCE);
    let adapter = RedisSessionAdapter::with_config(place.connections(), config).await.unwrap();
    for name in ["a", "b", "c"] {
        adapter.set_session(&session(name, "u")).await.unwrap();
    }
    assert_kind(adapter.delete_session(&id("a")).await, Kind::Unavailable);
    assert_kind(adapter.delete_session(&id("a")).await, Kind::Unavailable);
    assert_eq!(place.index("u").await, ["b", "c"], "it is deleted nevertheless");
    assert_kind(adapter.delete_other_sessions(&user("u"), &id("b")).await, Kind::Unavailable);
    assert_kind(adapter.delete_sessions_by_user_id(&user("u")).await, Kind::Unavailable);
    assert_kind(adapter.delete_sessions_by_user_id(&user("u")).await, Kind::Unavailable);
    assert!(!place.exists(&place.user_sessions_key("u")).await);
}

#[tokio::test]
async fn a_deletion_confirmed_by_a_replica_succeeds() {
    let primary = redis_server().unwrap().start().unwrap();
    let place = Place::on(&format!("redis://127.0.0.1:{}", primary.port())).await;
    let port = primary.port().to_string();
    let replica = redis_server().unwrap().args(["--replicaof", "127.0.0.1", &port]).start().unwrap();
    // The replica is in sync once it has a write of this test.
    place.run::<()>("SET", "one", "write").await;
    for _ in 0..600 {
        if place.query::<i64>(cmd("WAIT").arg(1).arg(100)).await == 1 {
            break;
        }
    }
    let waiting = async |limit| {
        let config = place.config().wait_for_replicas(1, limit);
        RedisSessionAdapter::with_config(place.connections(), config).await.unwrap()
    };
    let adapter = waiting(Duration::from_secs(15)).await;
    for name in ["a", "b", "c"] {
        adapter.set_session(&session(name, "u")).await.unwrap();
    }
    let there = Place::on(&format!("redis://127.0.0.1:{}", replica.port())).await;
    adapter.delete_session(&id("a")).await.unwrap();
    assert!(!there.exists(&place.session_key("a")).await);
    adapter.delete_other_sessions(&user("u"), &id("b")).await.unwrap();
    assert!(!there.exists(&place.session_key("c")).await);
    adapter.delete_sessions_by_user_id(&user("u")).await.unwrap();
    assert!(!there.exists(&place.session_key("b")).await);
    replica.pause().unwrap();
    adapter.set_session(&session("d", "u")).await.unwrap();
    assert_kind(waiting(PATIENCE).await.delete_session(&id("d")).await, Kind::Unavailable);
    replica.resume().unwrap();
    adapter.delete_session(&id("d")).await.unwrap();
}

/// The errors of two commands that are sent together.
#[tokio::test]
async fn errors_of_a_confirmed_deletion_are_those_of_the_deletion() {
    let place = Place::new().await;
    let config = place.config().wait_for_replicas(1, PATIENCE);
    let adapter = RedisSessionAdapter::with_config(place.connections(), config).await.unwrap();
    for key in [place.session_key("hash"), place.user_sessions_key("u")] {
        place.run::<i64>("HSET", &key, &["field", "value"]).await;
    }
    assert_kind(adapter.delete_session(&id("hash")).await, Kind::Decode);
    assert_kind(adapter.delete_sessions_by_user_id(&user("u")).await, Kind::Decode);

    // The server quotes the arguments of a command that it does not have.
    let server = redis_server().unwrap().args(["--rename-command", "EVALSHA", ""]).start().unwrap();
    let place = Place::on(&format!("redis://127.0.0.1:{}", server.port())).await;
    let config = place.config().wait_for_replicas(1, PATIENCE);
    let adapter = RedisSessionAdapter::with_config(place.connections(), config).await.unwrap();
    let error = assert_kind(adapter.delete_session(&id("hunter2")).await, Kind::Backend);
    let source = error.source().unwrap();
    assert!(!format!("{error} {error:?} {source} {source:?}").contains("hunter2"), "{error:?}");
}
