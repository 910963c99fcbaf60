//! The expiry of the index of a user's sessions.

use adapter_redis::{RedisSessionAdapter, redis::cmd};
use lucia_core::{SessionAdapter as _, SessionSchema, SessionUpdate, UnixMillis};

use crate::place::{Place, attribute, hours, id, ids, now, session, user};

#[tokio::test]
async fn r4_reading_an_index_removes_expired_sessions() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    for name in ["a", "b", "c"] {
        adapter.set_session(&session(name, "u")).await.unwrap();
    }
    place.run::<i64>("PEXPIREAT", &place.session_key("a"), 1).await;
    place.run::<i64>("PEXPIREAT", &place.session_key("b"), 1).await;
    adapter.delete_session(&id("b")).await.unwrap();
    assert_eq!(ids(&adapter.get_sessions_by_user_id(&user("u")).await.unwrap()), ["c"]);
    assert_eq!(place.index("u").await, ["c"]);
    adapter.delete_session(&id("c")).await.unwrap();
    assert!(!place.exists(&place.user_sessions_key("u")).await);
}

#[tokio::test]
async fn r4_an_index_expires_with_its_longest_session() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    let key = place.user_sessions_key("u");
    let server: String = place.run("INFO", "server", &[] as &[&str]).await;
    // Redis 6.2 does not compare expiries; the script does, with a margin for the clock.
    let slack = if server.contains("redis_version:6.2.") { 3_000 } else { 0 };
    let ensure = async |expected: UnixMillis| {
        let late = place.expiry(&key).await - expected.get();
        assert!((0..=slack).contains(&late), "{late} ms late");
    };
    let ending = |name: &str, end| SessionSchema::new(name, "u", hours(1), end);
    let (short, long, longer) = (hours(2), hours(30), hours(40));
    adapter.set_session(&ending("a", short)).await.unwrap();
    ensure(short).await;
    adapter.set_session(&ending("b", long)).await.unwrap();
    ensure(long).await;
    adapter.set_session(&ending("c", short)).await.unwrap();
    ensure(long).await;
    adapter.update_session(&id("a"), &SessionUpdate::renewal(short, longer)).await.unwrap();
    ensure(longer).await;
    adapter.update_session(&id("a"), &SessionUpdate::renewal(short, short)).await.unwrap();
    ensure(longer).await;
    let mut update = SessionUpdate::default();
    let longest = hours(50);
    update.idle_expires = Some(longest);
    adapter.rotate_session(&id("a"), &id("d"), &update).await.unwrap();
    ensure(longest).await;
}

/// Makes the scripts see a server whose `PEXPIREAT` has no options, as in Redis 6.2.
#[tokio::test]
async fn r4_an_index_outlives_its_sessions_without_pexpireat_gt() {
    const REDIS_6_2: &str = "
        local server = redis
        local redis = setmetatable({
            pcall = function(...)
                if select(1, ...) == 'PEXPIREAT' and select('#', ...) > 3 then
                    return { err = 'ERR Wrong number of args calling Redis command From Lua script' }
                end
                return server.pcall(...)
            end,
        }, { __index = server })
    ";
    const ENTER: &str =
        concat!(include_str!("../../src/script/migrate.lua"), include_str!("../../src/script/enter.lua"));
    let create = [
        REDIS_6_2,
        include_str!("../../src/script/create.lua"),
        ENTER,
        include_str!("../../src/script/create_otherwise.lua"),
    ];
    // As on a cluster, where a script cannot read the sessions.
    let enter = [REDIS_6_2, ENTER, "return enter(KEYS[2], ARGV[3], ARGV[2]) or 1"];
    let (create, enter) = (create.concat(), enter.concat());

    let place = Place::new().await;
    let key = place.user_sessions_key("u");
    let run = async |script: &str, name: &str, end: UnixMillis| {
        let mut eval = cmd("EVAL");
        eval.arg(script).arg(2).arg(place.session_key(name)).arg(&key).arg("{}").arg(end.get()).arg(name);
        assert_eq!(place.query::<i64>(&eval).await, 1);
        assert!(place.index("u").await.contains(&name.to_owned()));
        place.expiry(&key).await
    };
    let (short, long, longer) = (hours(2), hours(30), hours(40));
    let within = |end: UnixMillis, expiry: i64| (0..=3_000).contains(&(expiry - end.get()));
    assert_eq!(run(&create, "a", short).await, short.get());
    let lengthened = run(&create, "b", long).await;
    assert!(within(long, lengthened), "{long:?} {lengthened}");
    // Sessions that expire slightly earlier, at the same time, or slightly later are covered too.
    for (nth, around) in [-2_500, -1, 0, 1, 2_500].into_iter().enumerate() {
        let end = UnixMillis::new(long.get() + around);
        let expiry = run(&create, &format!("c{nth}"), end).await;
        assert!(expiry >= end.get().max(long.get()), "{around}: {expiry}");
    }
    assert!(within(longer, run(&enter, "a", longer).await));
    assert!(within(longer, run(&enter, "a", short).await));

    // An index without an expiry gets one only if all sessions are read.
    let _: i64 = place.run("PERSIST", &key, &[] as &[&str]).await;
    assert_eq!(run(&enter, "a", long).await, -1);
    let last = UnixMillis::new(long.get() + 2_500);
    assert!(within(last, run(&create, "d", short).await));
}

#[tokio::test]
async fn r4_an_index_without_expiry_gets_none_that_is_too_early() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    let long = SessionSchema::new("long", "u", hours(1), hours(99));
    adapter.set_session(&long).await.unwrap();
    let _: i64 = place.run("PERSIST", &place.user_sessions_key("u"), &[] as &[&str]).await;
    adapter.set_session(&session("short", "u")).await.unwrap();
    adapter.update_session(&id("short"), &SessionUpdate::renewal(hours(2), hours(20))).await.unwrap();
    assert!(place.expiry(&place.user_sessions_key("u")).await >= long.idle_expires.get());
}

/// Indexes that Lucia JS wrote have no expiry. They get one once it is off, when a session is created or changed.
#[tokio::test]
async fn r4_an_index_of_lucia_js_expires_with_its_last_session_once_it_is_off() {
    for operation in 0..4 {
        let place = Place::new().await;
        let beside = RedisSessionAdapter::with_config(place.connections(), place.config().user_sessions_expire(false));
        let beside = beside.await.unwrap();
        let (long, short) = (SessionSchema::new("long", "u", hours(1), hours(99)), session("short", "u"));
        for stored in [&long, &short] {
            beside.set_session(stored).await.unwrap();
        }
        let key = place.user_sessions_key("u");
        // Lucia JS leaves the ids of expired sessions.
        place.run::<i64>("SADD", &key, "expired").await;
        assert_eq!(place.expiry(&key).await, -1);

        let adapter = place.adapter().await;
        adapter.get_session(&short.id).await.unwrap();
        assert_eq!(place.expiry(&key).await, -1, "a validation without a renewal does not write");
        let change = SessionUpdate::default().with_attributes(attribute("country", "NZ")).unwrap();
        match operation {
            0 => adapter.set_session(&session("new", "u")).await,
            1 => adapter.update_session(&short.id, &SessionUpdate::renewal(hours(2), hours(20))).await,
            2 => adapter.update_session(&short.id, &change).await,
            _ => adapter.rotate_session(&short.id, &id("new"), &SessionUpdate::default()).await,
        }
        .unwrap();
        let late = place.expiry(&key).await - long.idle_expires.get();
        assert!((0..=3_000).contains(&late), "operation {operation}: {late} ms late");
        assert!(adapter.get_sessions_by_user_id(&user("u")).await.unwrap().contains(&long));
    }
}

/// It gets one once it can be read in one step and all of its sessions expire.
#[tokio::test]
async fn r4_an_index_without_expiry_keeps_none_if_its_last_session_is_unknown() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    let key = place.user_sessions_key("u");
    adapter.set_session(&session("endless", "u")).await.unwrap();
    for key in [&key, &place.session_key("endless")] {
        place.run::<i64>("PERSIST", key, &[] as &[&str]).await;
    }
    let sign_in = async |name: &str| {
        adapter.set_session(&session(name, "u")).await.unwrap();
        place.expiry(&key).await
    };
    assert_eq!(sign_in("a").await, -1);
    adapter.delete_session(&id("endless")).await.unwrap();
    let expired: Vec<_> = (0..1_000).map(|number| format!("expired{number}")).collect();
    place.run::<i64>("SADD", &key, &expired).await;
    assert_eq!(sign_in("b").await, -1);
    adapter.get_sessions_by_user_id(&user("u")).await.unwrap();
    assert!(sign_in("c").await > now().get(), "the ids of expired sessions were removed");
}
