//! The lists that Lucia JS 1.0 and the unreleased version with the same prefixes kept as indexes.

use adapter_redis::{Connections, RedisConfig, RedisSessionAdapter, redis::cmd};
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionUpdate};

use crate::place::{Place, assert_kind, config, hours, id, ids, session, user};
#[cfg(feature = "cluster")]
use crate::{cluster, place::patiently};

/// Stores two sessions as the old adapter did: in a list, the newest first. One of them is in it twice.
async fn old_sessions(connections: &impl Connections, name: &str) {
    let connection = &mut connections.connection().await.unwrap();
    let index = format!("{name}:u:u");
    for id in ["a", "b"] {
        let (key, value) = (format!("{name}:s:{id}"), session(id, "u").to_json());
        cmd("SET").arg(key).arg(value).exec_async(connection).await.unwrap();
        cmd("LPUSH").arg(&index).arg(id).exec_async(connection).await.unwrap();
    }
    cmd("LPUSH").arg(&index).arg("b").exec_async(connection).await.unwrap();
}

async fn operations_convert_a_list(connections: impl Connections + Clone, name: &str) {
    for operation in 0..6 {
        let name = format!("{name}{operation}");
        let adapter = RedisSessionAdapter::with_config(connections.clone(), config(&name)).await.unwrap();
        old_sessions(&connections, &name).await;
        let expected: &[&str] = match operation {
            0 => &["a", "b"],
            1 => {
                adapter.set_session(&session("c", "u")).await.unwrap();
                &["a", "b", "c"]
            }
            2 => {
                adapter.update_session(&id("a"), &SessionUpdate::renewal(hours(2), hours(20))).await.unwrap();
                &["a", "b"]
            }
            3 => {
                adapter.delete_session(&id("b")).await.unwrap();
                &["a"]
            }
            4 => {
                adapter.delete_sessions_by_user_id(&user("u")).await.unwrap();
                &[]
            }
            _ => {
                adapter.rotate_session(&id("a"), &id("c"), &SessionUpdate::default()).await.unwrap();
                &["b", "c"]
            }
        };
        let listed = adapter.get_sessions_by_user_id(&user("u")).await.unwrap();
        assert_eq!(ids(&listed), expected, "operation {operation}");
        let mut members = cmd("SMEMBERS");
        members.arg(format!("{name}:u:u"));
        let mut index: Vec<String> = members.query_async(&mut connections.connection().await.unwrap()).await.unwrap();
        index.sort();
        assert_eq!(index, expected, "operation {operation}");
    }
}

#[tokio::test]
async fn every_operation_converts_a_list_to_an_index() {
    let place = Place::new().await;
    operations_convert_a_list(place.connections(), &place.name).await;
}

#[cfg(feature = "cluster")]
#[tokio::test]
async fn every_operation_of_a_cluster_converts_a_list_to_an_index() {
    let connection = patiently().connect_cluster(cluster::urls()).await.unwrap();
    operations_convert_a_list(connection, &cluster::unique()).await;
}

#[tokio::test]
async fn a_migrated_index_outlives_its_old_sessions() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    old_sessions(&place.connections(), &place.name).await;
    adapter.set_session(&session("c", "u")).await.unwrap();
    assert_eq!(place.expiry(&place.user_sessions_key("u")).await, -1);
}

#[tokio::test]
async fn an_index_of_another_type_affects_only_its_user() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    let (mine, theirs) = (session("mine", "u"), session("theirs", "v"));
    adapter.set_session(&mine).await.unwrap();
    adapter.set_session(&theirs).await.unwrap();
    place.run::<i64>("DEL", &place.user_sessions_key("u"), &[] as &[&str]).await;
    place.run::<i64>("HSET", &place.user_sessions_key("u"), &["field", "value"]).await;

    assert_kind(adapter.get_sessions_by_user_id(&user("u")).await, Kind::Decode);
    assert_kind(adapter.delete_sessions_by_user_id(&user("u")).await, Kind::Decode);
    assert_kind(adapter.set_session(&session("new", "u")).await, Kind::Decode);
    assert_kind(adapter.update_session(&mine.id, &SessionUpdate::renewal(hours(2), hours(20))).await, Kind::Decode);
    assert_kind(adapter.rotate_session(&mine.id, &id("new"), &SessionUpdate::default()).await, Kind::Decode);
    assert_eq!(adapter.get_session(&mine.id).await.unwrap(), Some(mine.clone()), "nothing has changed");
    assert_eq!(place.expiry(&place.session_key("mine")).await, mine.idle_expires.get());
    assert!(!place.exists(&place.session_key("new")).await);
    assert_eq!(place.run::<String>("HGET", &place.user_sessions_key("u"), "field").await, "value");
    // A session can still be revoked by its id.
    adapter.delete_session(&mine.id).await.unwrap();
    assert_eq!(adapter.get_session(&mine.id).await.unwrap(), None);
    assert_eq!(adapter.get_sessions_by_user_id(&user("v")).await.unwrap(), [theirs]);
}

#[tokio::test]
async fn the_bare_keys_of_lucia_1_are_read_and_written() {
    let place = Place::new().await;
    let connections = place.connections();
    let adapter = RedisSessionAdapter::with_config(connections, RedisConfig::lucia_1()).await.unwrap();
    let (first, second, owner) =
        (format!("{}first", place.name), format!("{}second", place.name), format!("{}u", place.name));
    let (old, new) = (session(&first, &owner), session(&second, &owner));
    place.run::<()>("SET", &first, old.to_json()).await;
    place.run::<i64>("LPUSH", &owner, &first).await;
    adapter.set_session(&new).await.unwrap();
    let mut listed = adapter.get_sessions_by_user_id(&user(&owner)).await.unwrap();
    listed.sort_by(|one, other| one.id.cmp(&other.id));
    assert_eq!(listed, [old.clone(), new]);
    assert_eq!(place.expiry(&owner).await, -1, "it never expires");

    assert_eq!(adapter.get_session(&old.id).await.unwrap(), Some(old));
    adapter.delete_sessions_by_user_id(&user(&owner)).await.unwrap();
    assert!(!place.exists(&first).await && !place.exists(&second).await && !place.exists(&owner).await);
}
