//! The sessions of a user, read with `SORT_RO` or by a script.

use adapter_redis::{RedisSessionAdapter, redis::cmd};
use lucia_core::SessionAdapter as _;
use test_servers::{Server, redis_server};

use crate::place::{Place, hours, id, ids, session, user};

/// Starts a server, because others count the commands of theirs.
async fn start(arguments: &[&str]) -> (Server, Place) {
    let server = redis_server().unwrap().args(arguments.iter().copied()).start().unwrap();
    let place = Place::on(&format!("redis://127.0.0.1:{}", server.port())).await;
    (server, place)
}

/// Returns how often the server ran a command.
async fn calls(place: &Place, command: &str) -> u64 {
    let stats: String = place.query(cmd("INFO").arg("commandstats")).await;
    let start = format!("cmdstat_{command}:calls=");
    let line = stats.lines().find_map(|line| line.strip_prefix(&start));
    line.map_or(0, |line| line.split(',').next().unwrap().parse().unwrap())
}

async fn a_list_is_complete_and_removes_stale_entries(place: &Place) {
    let adapter = place.adapter().await;
    let index = place.user_sessions_key("u");
    for (name, owner) in [("a", "u"), ("b", "u"), ("gone", "u"), ("theirs", "v")] {
        adapter.set_session(&session(name, owner)).await.unwrap();
    }
    place.run::<i64>("DEL", &place.session_key("gone"), &[] as &[&str]).await;
    place.run::<i64>("SADD", &index, "theirs").await;
    place.run::<()>("SET", &place.session_key("broken"), "{").await;
    place.run::<i64>("SADD", &index, "broken").await;
    for _ in 0..2 {
        let listed = adapter.get_sessions_by_user_id(&user("u")).await.unwrap();
        assert_eq!(ids(&listed), ["a", "b"]);
        assert!(listed.iter().all(|session| session.user_id == user("u") && session.idle_expires <= hours(10)));
        assert_eq!(place.index("u").await, ["a", "b", "broken"]);
    }
    assert!(adapter.get_session(&id("theirs")).await.unwrap().is_some());
    assert!(adapter.get_sessions_by_user_id(&user("nobody")).await.unwrap().is_empty());

    // A database that was part of a cluster.
    let announcement: &[u8] = b"\xff+1:announced";
    place.run::<i64>("SADD", &index, announcement).await;
    assert_eq!(ids(&adapter.get_sessions_by_user_id(&user("u")).await.unwrap()), ["a", "b"]);
    place.run::<()>("SET", &place.session_key("announced"), session("announced", "u").to_json()).await;
    assert_eq!(ids(&adapter.get_sessions_by_user_id(&user("u")).await.unwrap()), ["a", "announced", "b"]);
}

#[tokio::test]
async fn sort_ro_reads_a_list() {
    let (_server, place) = start(&[]).await;
    a_list_is_complete_and_removes_stale_entries(&place).await;
    let adapter = place.adapter().await;
    let before = [calls(&place, "sort_ro").await, calls(&place, "evalsha").await];
    adapter.get_sessions_by_user_id(&user("v")).await.unwrap();
    let after = [calls(&place, "sort_ro").await, calls(&place, "evalsha").await];
    assert_eq!(after, [before[0] + 1, before[1]]);
}

#[tokio::test]
async fn a_script_reads_a_list_without_sort_ro() {
    let (_server, place) = start(&["--rename-command", "SORT_RO", ""]).await;
    a_list_is_complete_and_removes_stale_entries(&place).await;
    let adapter = place.adapter().await;
    adapter.get_sessions_by_user_id(&user("v")).await.unwrap();
    let before = [calls(&place, "scard").await, calls(&place, "evalsha").await];
    for _ in 0..3 {
        adapter.get_sessions_by_user_id(&user("v")).await.unwrap();
    }
    let after = [calls(&place, "scard").await, calls(&place, "evalsha").await];
    assert_eq!(after, [before[0], before[1] + 3], "it is not tried again");
}

#[tokio::test]
async fn a_list_with_stale_entries_is_read_while_the_server_refuses_writes() {
    for arguments in [&[][..], &["--rename-command", "SORT_RO", ""]] {
        let (_server, place) = start(arguments).await;
        let adapter = place.adapter().await;
        for name in ["a", "gone"] {
            adapter.set_session(&session(name, "u")).await.unwrap();
        }
        place.run::<i64>("DEL", &place.session_key("gone"), &[] as &[&str]).await;
        let refuse = cmd("CONFIG").arg("SET").arg("min-replicas-to-write").arg(1).take();
        place.query::<()>(&refuse).await;
        assert!(adapter.delete_session(&id("a")).await.is_err());
        assert_eq!(ids(&adapter.get_sessions_by_user_id(&user("u")).await.unwrap()), ["a"], "{arguments:?}");
    }
}

#[tokio::test]
async fn prefixes_are_not_patterns() {
    let place = Place::new().await;
    for prefix in ["*", "a*b", "[s]", "s?", "#", "a->b", "\\", "nul\0"] {
        let config = place.config().session_prefix(format!("{}{prefix}", place.name));
        let adapter = RedisSessionAdapter::with_config(place.connections(), config).await.unwrap();
        let stored = session("s", prefix);
        adapter.set_session(&stored).await.unwrap();
        assert_eq!(adapter.get_sessions_by_user_id(&stored.user_id).await.unwrap(), [stored], "{prefix:?}");
    }
}

#[tokio::test]
async fn more_than_a_thousand_sessions_are_listed() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    for number in 0..1_001 {
        adapter.set_session(&session(&format!("s{number}"), "u")).await.unwrap();
        if number >= 999 {
            let listed = adapter.get_sessions_by_user_id(&user("u")).await.unwrap();
            assert_eq!(listed.len(), number + 1);
        }
    }
}

#[tokio::test]
async fn sort_ro_is_tried_again_after_a_thousand_lists() {
    let (_server, place) = start(&[]).await;
    let adapter = place.adapter().await;
    adapter.set_session(&session("a", "u")).await.unwrap();
    let allow = async |rule: &str| place.query::<()>(cmd("ACL").arg(&["SETUSER", "default", rule])).await;
    let list = async || ids(&adapter.get_sessions_by_user_id(&user("u")).await.unwrap()) == ["a"];
    allow("-sort_ro").await;
    assert!(list().await);
    // Another server has taken over, or the user has got the permission.
    allow("+sort_ro").await;
    assert!(list().await);
    assert_eq!(calls(&place, "sort_ro").await, 0, "it is not tried at once");
    for _ in 0..1_000 {
        assert!(list().await);
    }
    let between = calls(&place, "sort_ro").await;
    assert!(list().await && between > 0);
    assert_eq!(calls(&place, "sort_ro").await, between + 1);
}

#[tokio::test]
async fn a_user_who_may_not_read_every_key_lists_with_a_script() {
    let (_server, place) = start(&[]).await;
    let adapter = place.adapter().await;
    adapter.set_session(&session("a", "u")).await.unwrap();
    let keys = format!("~{}:*", place.name);
    place.query::<()>(cmd("ACL").arg(&["SETUSER", "default", "resetkeys", &keys])).await;
    for _ in 0..3 {
        assert_eq!(ids(&adapter.get_sessions_by_user_id(&user("u")).await.unwrap()), ["a"]);
    }
    assert_eq!(calls(&place, "sort_ro").await, 1, "it is not tried again");
}
