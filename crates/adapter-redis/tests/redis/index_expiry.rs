//! The expiry of the index of a user's sessions.

use adapter_redis::redis::cmd;
use lucia_core::{SessionAdapter as _, SessionSchema, SessionUpdate, UnixMillis};

use crate::place::{Place, hours, id, ids, session, user};

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

    // Neither renewals nor sign-ins set an expiry on an index without one.
    let _: i64 = place.run("PERSIST", &key, &[] as &[&str]).await;
    assert_eq!(run(&enter, "a", long).await, -1);
    assert_eq!(run(&create, "d", long).await, -1);
}

#[tokio::test]
async fn r4_an_index_without_expiry_gets_none_that_is_too_early() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    adapter.set_session(&SessionSchema::new("long", "u", hours(1), hours(99))).await.unwrap();
    let _: i64 = place.run("PERSIST", &place.user_sessions_key("u"), &[] as &[&str]).await;
    adapter.set_session(&session("short", "u")).await.unwrap();
    adapter.update_session(&id("short"), &SessionUpdate::renewal(hours(2), hours(20))).await.unwrap();
    assert_eq!(place.expiry(&place.user_sessions_key("u")).await, -1);
}
