//! The script that deletes the oldest sessions of a user must agree with `SessionSchema::compare_age`.

use lucia_core::{SessionAdapter, SessionId, SessionSchema, UnixMillis};
use serde_json::{Value, json};

use crate::place::{Place, attribute, hours, id, ids, session, user};

/// Sessions of one user with each of these values, which expire at one of two times.
fn sessions() -> Vec<SessionSchema> {
    let values = [
        json!(null),
        json!(0),
        json!(-1),
        json!(1_700_000_000_000_i64),
        json!(1_700_000_000_001_i64),
        json!(9_007_199_254_740_991_i64),
        json!(-9_007_199_254_740_991_i64),
        json!("1700000000002"),
        json!(1.5),
        json!([1]),
        json!({ "a": 1 }),
        json!(true),
    ];
    // Their order by bytes differs from that of most languages.
    let names = ["a", "B", "b", "\u{e4}", "z", "Z", "_", "", "a\0", "aa"];
    let mut sessions = Vec::new();
    for (number, value) in values.iter().enumerate() {
        for (nth, name) in names.iter().enumerate() {
            let mut stored = session(&format!("{name}{number}"), "u").with_attributes(attribute("at", value.clone()));
            if let Ok(stored) = &mut stored {
                stored.idle_expires = UnixMillis::new(4_102_444_800_000 + i64::from(nth % 3 == 0));
            }
            sessions.push(stored.unwrap());
        }
    }
    sessions.push(session("without", "u"));
    sessions
}

#[tokio::test]
async fn the_youngest_sessions_are_kept() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    let mut sessions = sessions();
    for stored in &sessions {
        adapter.set_session(stored).await.unwrap();
    }
    place.run::<()>("SET", &place.session_key("garbage"), "{").await;
    place.run::<i64>("SADD", &place.user_sessions_key("u"), &["garbage", "expired"]).await;
    // The last one by its age.
    let keep = SessionId::new("keep");
    sessions.push(session(keep.as_str(), "u"));
    adapter.set_session(sessions.last().unwrap()).await.unwrap();
    sessions.sort_by(|one, other| other.compare_age(one, &keep, "at"));
    assert_eq!(sessions[0].id, keep);
    for max in (0..=sessions.len()).rev() {
        adapter.delete_oldest_sessions(&user("u"), &keep, "at", max).await.unwrap();
        let kept = adapter.get_sessions_by_user_id(&user("u")).await.unwrap();
        assert_eq!(ids(&kept), ids(&sessions[..max]), "{max}");
    }
    assert!(place.exists(&place.session_key("garbage")).await);
}

/// An index of Lucia JS may contain the session of another user.
#[tokio::test]
async fn sessions_of_another_user_do_not_count() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    for (name, owner) in [("mine", "u"), ("theirs", "v")] {
        adapter.set_session(&session(name, owner)).await.unwrap();
    }
    place.run::<i64>("SADD", &place.user_sessions_key("u"), "theirs").await;
    adapter.delete_oldest_sessions(&user("u"), &id("theirs"), "at", 1).await.unwrap();
    assert_eq!(ids(&adapter.get_sessions_by_user_id(&user("u")).await.unwrap()), ["mine"]);
    adapter.delete_oldest_sessions(&user("u"), &id("theirs"), "at", 0).await.unwrap();
    assert_eq!(ids(&adapter.get_sessions_by_user_id(&user("v")).await.unwrap()), ["theirs"]);
}

#[tokio::test]
async fn more_sessions_than_one_script_reads_are_deleted() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    for number in 0..1_100 {
        let created = attribute("at", Value::from(number));
        let stored = SessionSchema::new(format!("s{number:04}"), "u", hours(1), hours(10));
        adapter.set_session(&stored.with_attributes(created).unwrap()).await.unwrap();
    }
    adapter.delete_oldest_sessions(&user("u"), &id("s0500"), "at", 2).await.unwrap();
    assert_eq!(ids(&adapter.get_sessions_by_user_id(&user("u")).await.unwrap()), ["s0500", "s1099"]);
    assert_eq!(place.index("u").await.len(), 2);
}
