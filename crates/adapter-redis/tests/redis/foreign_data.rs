//! Ids of any characters, large sessions, and data of other programs under the adapter's keys.

use std::error::Error as _;

use lucia_core::{AdapterErrorKind as Kind, Attributes, SessionAdapter, SessionUpdate, UnixMillis};
use proptest::prelude::*;
use serde_json::json;

use crate::place::{Place, assert_kind, attribute, hours, id, session, user};

const IDS: &[&str] = &[
    "", " ", "*", "s*", "[s]", "s?", ":", "a:b", "a:b:", "{s}", "{}", "}{", "a b", "\n", "\r\n", "\0", "é", "e\u{301}",
    "🦀", "\u{feff}", "\\", "\"", "'", "%s", "$1", "../..", "-1", "0",
];

#[tokio::test]
async fn ids_of_any_characters_are_distinguished() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    let sessions: Vec<_> = IDS.iter().map(|id| session(id, id)).collect();
    for stored in &sessions {
        adapter.set_session(stored).await.unwrap();
    }
    for stored in &sessions {
        assert_eq!(adapter.get_session(&stored.id).await.unwrap().as_ref(), Some(stored));
        assert_eq!(adapter.get_sessions_by_user_id(&stored.user_id).await.unwrap(), std::slice::from_ref(stored));
        adapter.update_session(&stored.id, &SessionUpdate::renewal(hours(3), hours(30))).await.unwrap();
    }
    for (position, stored) in sessions.iter().enumerate() {
        if position % 2 == 0 {
            adapter.delete_session(&stored.id).await.unwrap();
        } else {
            adapter.delete_sessions_by_user_id(&stored.user_id).await.unwrap();
        }
        assert_eq!(adapter.get_session(&stored.id).await.unwrap(), None);
        assert!(!place.exists(&place.user_sessions_key(stored.user_id.as_str())).await);
        for later in &sessions[position + 1..] {
            assert!(adapter.get_session(&later.id).await.unwrap().is_some());
        }
    }
}

#[test]
fn every_session_is_read_as_written() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (place, adapter) = runtime.block_on(async {
        let place = Place::new().await;
        let adapter = place.adapter().await;
        (place, adapter)
    });
    let config = ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() };
    let times = 1..(1_i64 << 53);
    proptest!(config, |(name in ".{0,20}", owner in ".{0,20}", text in ".*", number: i64, float: f64, active: i64, renewed in times)| {
        let attributes = Attributes::from([("text", json!(text)), ("number", json!(number)), ("float", json!(float))]);
        let mut stored = session(&format!("{name}{number}"), &owner).with_attributes(attributes).unwrap();
        stored.active_expires = UnixMillis::new(active);
        runtime.block_on(async {
            adapter.set_session(&stored).await.unwrap();
            assert_eq!(adapter.get_session(&stored.id).await.unwrap().as_ref(), Some(&stored));
            assert!(adapter.get_sessions_by_user_id(&stored.user_id).await.unwrap().contains(&stored));
            let renewal = SessionUpdate::renewal(UnixMillis::new(renewed), UnixMillis::new(renewed.max(hours(1).get())));
            adapter.update_session(&stored.id, &renewal).await.unwrap();
            stored.apply(&renewal);
            assert_eq!(adapter.get_session(&stored.id).await.unwrap().as_ref(), Some(&stored));
            adapter.delete_session(&stored.id).await.unwrap();
            assert!(adapter.get_sessions_by_user_id(&stored.user_id).await.unwrap().is_empty());
        });
    });
    drop(place);
}

#[tokio::test]
async fn a_megabyte_is_stored_renewed_and_listed() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    let mut large = session("s", "u").with_attributes(attribute("data", "é\"".repeat(300_000))).unwrap();
    adapter.set_session(&large).await.unwrap();
    let renewal = SessionUpdate::renewal(hours(2), hours(20));
    adapter.update_session(&large.id, &renewal).await.unwrap();
    large.apply(&renewal);
    let change = SessionUpdate::default().with_attributes(attribute("country", "NZ")).unwrap();
    adapter.update_session(&large.id, &change).await.unwrap();
    large.apply(&change);
    assert_eq!(adapter.get_sessions_by_user_id(&large.user_id).await.unwrap(), [large.clone()]);
    adapter.delete_sessions_by_user_id(&large.user_id).await.unwrap();
    assert_eq!(adapter.get_session(&large.id).await.unwrap(), None);
}

/// Attributes that look like the end of a session.
#[tokio::test]
async fn a_renewal_replaces_the_times_of_the_session_itself() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    let tail = r#","active_expires":1,"idle_expires":2}"#;
    let times = json!({ "active_expires": 1, "idle_expires": 2 });
    for attributes in [
        Attributes::from([("text", json!(tail))]),
        Attributes::from([("nested", times.clone())]),
        Attributes::from([("list", json!([times, tail]))]),
    ] {
        let mut stored = session("s", "u").with_attributes(attributes).unwrap();
        adapter.set_session(&stored).await.unwrap();
        let renewal = SessionUpdate::renewal(hours(2), hours(20)).with_expected_idle_expires(stored.idle_expires);
        adapter.update_session(&stored.id, &renewal).await.unwrap();
        stored.apply(&renewal);
        assert_eq!(adapter.get_session(&stored.id).await.unwrap(), Some(stored.clone()));
        adapter.delete_session(&stored.id).await.unwrap();
    }
    // Fields in another order, as after an update by Lucia JS, the last of which is an object with the same end.
    let (active, idle) = (hours(1).get(), hours(10).get());
    for json in [
        format!(
            r#"{{"id":"s","user_id":"u","active_expires":{active},"idle_expires":{idle},"x":{{"a":1,"active_expires":1,"idle_expires":2}}}}"#
        ),
        format!(
            r#"{{"idle_expires":"{idle}","active_expires":{active},"user_id":"u","id":"s","x":"{}"}}"#,
            tail.replace('"', "\\\"")
        ),
        format!(r#"{{"id":"s","user_id":"u","active_expires":{active},"idle_expires":{idle}}} "#),
    ] {
        place.run::<()>("SET", &place.session_key("s"), &json).await;
        let mut expected = lucia_core::SessionSchema::from_json(json.as_bytes()).unwrap();
        let renewal = SessionUpdate::renewal(hours(2), hours(20)).with_expected_idle_expires(expected.idle_expires);
        adapter.update_session(&id("s"), &renewal).await.unwrap();
        expected.apply(&renewal);
        assert_eq!(adapter.get_session(&id("s")).await.unwrap(), Some(expected), "{json}");
    }
}

#[tokio::test]
async fn a_session_under_the_key_of_another_is_rejected() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    let theirs = session("theirs", "admin");
    adapter.set_session(&theirs).await.unwrap();
    place.run::<()>("SET", &place.session_key("mine"), theirs.to_json()).await;
    place.run::<i64>("SADD", &place.user_sessions_key("u"), "mine").await;
    let error = assert_kind(adapter.get_session(&id("mine")).await, Kind::Decode);
    assert!(error.source().is_some());
    assert_kind(adapter.update_session(&id("mine"), &SessionUpdate::renewal(hours(1), hours(2))).await, Kind::Decode);
    assert!(adapter.get_sessions_by_user_id(&user("u")).await.unwrap().is_empty());
    adapter.delete_sessions_by_user_id(&user("u")).await.unwrap();
    assert_eq!(adapter.get_sessions_by_user_id(&user("admin")).await.unwrap(), [theirs]);
}

#[tokio::test]
async fn a_value_that_is_not_utf_8_is_an_error() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    let good = session("good", "u");
    adapter.set_session(&good).await.unwrap();
    let garbage: &[u8] = b"\xff\0\xfe*:";
    place.run::<i64>("SADD", &place.user_sessions_key("u"), garbage).await;
    let mut key = place.session_key("").into_bytes();
    key.extend(garbage);
    let _: () = place.query(redis::cmd("SET").arg(&key).arg(garbage)).await;
    assert_eq!(adapter.get_sessions_by_user_id(&user("u")).await.unwrap(), [good]);
    adapter.delete_sessions_by_user_id(&user("u")).await.unwrap();
    assert!(!place.exists(&place.user_sessions_key("u")).await);
}

#[tokio::test]
async fn errors_and_debug_output_contain_no_session_id() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    let secret = "hunter2hunter2";
    place.run::<()>("SET", &place.session_key(secret), format!("{{\"id\":\"{secret}\"")).await;
    let error = assert_kind(adapter.get_session(&id(secret)).await, Kind::Decode);
    let mut text = format!("{adapter:?} {error} {error:?}");
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(&format!(" {error} {error:?}"));
        source = error.source();
    }
    assert!(!text.contains(secret), "{text}");
}
