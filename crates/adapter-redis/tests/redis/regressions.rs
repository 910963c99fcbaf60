//! The bugs of Lucia JS's Redis adapter, whose numbers are in the names of the tests.

use std::{sync::Arc, time::Duration};

use adapter_redis::{InvalidPrefixes, RedisConfig, RedisSessionAdapter, SetupError, redis::aio::ConnectionManager};
use lucia_core::{AdapterErrorKind as Kind, Attributes, SessionAdapter, SessionSchema, SessionUpdate, UnixMillis};

use crate::{
    place::{Place, assert_kind, attribute, hours, id, ids, now, session, user},
    seam::{Seam, arm},
};

type Adapter = RedisSessionAdapter<ConnectionManager>;

/// Returns an adapter, and one that runs an operation of the first before the `nth` command of its own next operation.
async fn interrupted<F>(
    place: &Place,
    nth: usize,
    interlude: impl Fn(Arc<Adapter>) -> F + Send + Sync + 'static,
) -> (Arc<Adapter>, RedisSessionAdapter<Seam<ConnectionManager>>, Arc<std::sync::atomic::AtomicUsize>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let adapter = Arc::new(place.adapter().await);
    let other = Arc::clone(&adapter);
    let seam = Seam::before(nth, place.connections(), move || interlude(Arc::clone(&other)));
    let counter = seam.counter();
    let late = place.adapter_on(seam).await;
    (adapter, late, counter)
}

#[tokio::test]
async fn r1_update_never_recreates_a_deleted_session() {
    for by_user in [false, true] {
        for update in [
            SessionUpdate::renewal(hours(2), hours(20)),
            SessionUpdate::default().with_attributes(attribute("country", "NZ")).unwrap(),
        ] {
            let place = Place::new().await;
            // An update of attributes reads first; a renewal is one command.
            let nth = if update.attributes().is_empty() { 1 } else { 2 };
            let (adapter, late, counter) = interrupted(&place, nth, move |adapter: Arc<Adapter>| async move {
                if by_user {
                    adapter.delete_sessions_by_user_id(&user("u")).await.unwrap();
                } else {
                    adapter.delete_session(&id("s")).await.unwrap();
                }
            })
            .await;
            adapter.set_session(&session("s", "u")).await.unwrap();
            arm(&counter);
            assert_kind(late.update_session(&id("s"), &update).await, Kind::InvalidSessionId);
            assert!(!place.exists(&place.session_key("s")).await);
            assert!(!place.exists(&place.user_sessions_key("u")).await);
        }
    }
}

#[tokio::test]
async fn r2_parallel_updates_are_both_kept() {
    let place = Place::new().await;
    let renewed = (hours(2), hours(20));
    let (adapter, late, counter) = interrupted(&place, 2, move |adapter: Arc<Adapter>| async move {
        adapter.update_session(&id("s"), &SessionUpdate::renewal(renewed.0, renewed.1)).await.unwrap();
    })
    .await;
    adapter.set_session(&session("s", "u")).await.unwrap();
    arm(&counter);
    let update = SessionUpdate::default().with_attributes(attribute("country", "NZ")).unwrap();
    late.update_session(&id("s"), &update).await.unwrap();
    let found = adapter.get_session(&id("s")).await.unwrap().unwrap();
    assert_eq!((found.active_expires, found.idle_expires), renewed);
    assert_eq!(found.attributes().get("country"), Some(&"NZ".into()));
    assert_eq!(place.expiry(&place.session_key("s")).await, renewed.1.get());
}

#[tokio::test]
async fn r2_the_condition_of_an_update_is_checked_when_it_is_written() {
    let place = Place::new().await;
    let (adapter, late, counter) = interrupted(&place, 2, |adapter: Arc<Adapter>| async move {
        adapter.update_session(&id("s"), &SessionUpdate::renewal(hours(2), hours(20))).await.unwrap();
    })
    .await;
    let stored = session("s", "u");
    adapter.set_session(&stored).await.unwrap();
    arm(&counter);
    let mut update = SessionUpdate::default().with_attributes(attribute("country", "NZ")).unwrap();
    update.expected_idle_expires = Some(stored.idle_expires);
    assert_kind(late.update_session(&id("s"), &update).await, Kind::Conflict);
    assert_eq!(adapter.get_session(&id("s")).await.unwrap().unwrap().attributes().get("country"), None);
}

#[tokio::test]
async fn r3_a_session_created_during_a_revocation_is_listed_or_gone() {
    for nth in 1..=3 {
        let place = Place::new().await;
        let (adapter, late, counter) = interrupted(&place, nth, |adapter: Arc<Adapter>| async move {
            adapter.set_session(&session("new", "u")).await.unwrap();
        })
        .await;
        adapter.set_session(&session("old", "u")).await.unwrap();
        arm(&counter);
        late.delete_sessions_by_user_id(&user("u")).await.unwrap();
        let alive = adapter.get_session(&id("new")).await.unwrap();
        let listed = adapter.get_sessions_by_user_id(&user("u")).await.unwrap();
        assert_eq!(alive.as_slice(), listed, "before command {nth}");
        assert!(adapter.get_session(&id("old")).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn r3_a_rotated_session_is_revoked() {
    for nth in 1..=3 {
        let place = Place::new().await;
        let (adapter, late, counter) = interrupted(&place, nth, |adapter: Arc<Adapter>| async move {
            // The session no longer exists after the last command.
            let _ = adapter.rotate_session(&id("old"), &id("new"), &SessionUpdate::default()).await;
        })
        .await;
        adapter.set_session(&session("old", "u")).await.unwrap();
        arm(&counter);
        late.delete_sessions_by_user_id(&user("u")).await.unwrap();
        assert!(adapter.get_session(&id("new")).await.unwrap().is_none(), "before command {nth}");
        assert!(adapter.get_session(&id("old")).await.unwrap().is_none());
        assert!(!place.exists(&place.user_sessions_key("u")).await);
    }
}

/// Up to a thousand sessions are listed in one step. More are read after the index.
#[tokio::test]
async fn r3_a_listing_finds_a_session_that_is_being_rotated() {
    let place = Place::new().await;
    let (adapter, late, counter) = interrupted(&place, 2, |adapter: Arc<Adapter>| async move {
        adapter.rotate_session(&id("old"), &id("new"), &SessionUpdate::default()).await.unwrap();
    })
    .await;
    adapter.set_session(&session("old", "u")).await.unwrap();
    // The server caches the script.
    late.get_sessions_by_user_id(&user("u")).await.unwrap();
    for number in 0..1_000 {
        adapter.set_session(&session(&format!("s{number}"), "u")).await.unwrap();
    }
    arm(&counter);
    let listed = late.get_sessions_by_user_id(&user("u")).await.unwrap();
    let listed = ids(&listed);
    assert_eq!((listed.len(), listed.contains(&"new"), listed.contains(&"old")), (1_001, true, false));
}

#[tokio::test]
async fn r5_a_duplicate_id_replaces_no_session() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    let mine = session("s", "u1");
    adapter.set_session(&mine).await.unwrap();
    let before: Vec<u8> = place.run("GET", &place.session_key("s"), &[] as &[&str]).await;
    for thief in ["u1", "u2"] {
        let theirs = SessionSchema::new("s", thief, hours(3), hours(30));
        assert_kind(adapter.set_session(&theirs).await, Kind::DuplicateSessionId);
    }
    assert_eq!(place.run::<Vec<u8>>("GET", &place.session_key("s"), &[] as &[&str]).await, before);
    assert_eq!(place.expiry(&place.session_key("s")).await, mine.idle_expires.get());
    assert_eq!(place.expiry(&place.user_sessions_key("u1")).await, mine.idle_expires.get());
    assert!(!place.exists(&place.user_sessions_key("u2")).await);
}

#[tokio::test]
async fn r5_another_users_session_in_an_index_is_neither_listed_nor_revoked() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    let (mine, theirs) = (session("mine", "u1"), session("theirs", "u2"));
    adapter.set_session(&mine).await.unwrap();
    adapter.set_session(&theirs).await.unwrap();
    place.run::<i64>("SADD", &place.user_sessions_key("u1"), "theirs").await;
    adapter.delete_other_sessions(&user("u1"), &id("mine")).await.unwrap();
    assert_eq!(adapter.get_session(&id("theirs")).await.unwrap(), Some(theirs.clone()));
    place.run::<i64>("SADD", &place.user_sessions_key("u1"), "theirs").await;
    assert_eq!(adapter.get_sessions_by_user_id(&user("u1")).await.unwrap(), [mine]);
    assert_eq!(place.index("u1").await, ["mine"]);
    place.run::<i64>("SADD", &place.user_sessions_key("u1"), "theirs").await;
    adapter.delete_sessions_by_user_id(&user("u1")).await.unwrap();
    assert_eq!(adapter.get_session(&id("theirs")).await.unwrap(), Some(theirs));
}

#[tokio::test]
async fn r6_setting_an_expired_session_stores_nothing() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    for end in [i64::MIN, -1, 0, 1, 999, now().get() - 1] {
        let ended = SessionSchema::new("s", "u", UnixMillis::new(end), UnixMillis::new(end));
        adapter.set_session(&ended).await.unwrap();
        assert!(!place.exists(&place.session_key("s")).await, "{end}");
        assert!(!place.exists(&place.user_sessions_key("u")).await, "{end}");
    }
}

#[tokio::test]
async fn r6_a_session_whose_index_cannot_be_written_is_not_stored() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    place.run::<()>("SET", &place.user_sessions_key("u"), "of another application").await;
    assert_kind(adapter.set_session(&session("s", "u")).await, Kind::Decode);
    assert!(!place.exists(&place.session_key("s")).await);
    adapter.set_session(&session("s", "v")).await.unwrap();
}

#[tokio::test]
async fn r7_expiries_are_absolute() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    let forever = SessionSchema::new("forever", "u", UnixMillis::MAX, UnixMillis::MAX);
    let stored = session("s", "u");
    adapter.set_session(&stored).await.unwrap();
    assert_eq!(place.expiry(&place.session_key("s")).await, stored.idle_expires.get());
    adapter.set_session(&forever).await.unwrap();
    assert_eq!(adapter.get_session(&forever.id).await.unwrap(), Some(forever));
    // Keys that releases up to 2.1.1 wrote expire in 57 years, unless they are written again.
    place.run::<i64>("EXPIRE", &place.session_key("s"), stored.idle_expires.get() / 1_000).await;
    let update = SessionUpdate::default().with_attributes(attribute("country", "NZ")).unwrap();
    adapter.update_session(&id("s"), &update).await.unwrap();
    assert_eq!(place.expiry(&place.session_key("s")).await, stored.idle_expires.get());
}

#[tokio::test]
async fn r8_expiries_keep_their_milliseconds() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    for millis in [0, 1, 500, 999] {
        let end = UnixMillis::new(hours(5).get() / 1_000 * 1_000 + millis);
        let session = SessionSchema::new(format!("s{millis}"), "u", end, end);
        adapter.set_session(&session).await.unwrap();
        assert_eq!(place.expiry(&place.session_key(session.id.as_str())).await, end.get());
        let end = end.saturating_add(Duration::from_millis(1));
        adapter.update_session(&session.id, &SessionUpdate::renewal(end, end)).await.unwrap();
        assert_eq!(place.expiry(&place.session_key(session.id.as_str())).await, end.get());
    }
}

#[tokio::test]
async fn r9_an_invalid_value_affects_no_other_session() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    let good = session("good", "u");
    adapter.set_session(&good).await.unwrap();
    for (name, value) in [("text", "{"), ("null", "null"), ("partial", r#"{"id":"partial","user_id":"u"}"#), ("", "")] {
        place.run::<()>("SET", &place.session_key(name), value).await;
        place.run::<i64>("SADD", &place.user_sessions_key("u"), name).await;
        assert_kind(adapter.get_session(&id(name)).await, Kind::Decode);
        assert_kind(adapter.update_session(&id(name), &SessionUpdate::renewal(hours(1), hours(2))).await, Kind::Decode);
    }
    place.run::<i64>("HSET", &place.session_key("hash"), &["field", "value"]).await;
    place.run::<i64>("SADD", &place.user_sessions_key("u"), "hash").await;
    assert_kind(adapter.get_session(&id("hash")).await, Kind::Decode);
    assert_kind(adapter.delete_session(&id("hash")).await, Kind::Decode);
    assert_eq!(ids(&adapter.get_sessions_by_user_id(&user("u")).await.unwrap()), ["good"]);
    adapter.delete_other_sessions(&user("u"), &good.id).await.unwrap();
    assert_eq!(place.index("u").await, ["good"]);
    assert!(!place.exists(&place.session_key("text")).await, "a value that may have been a session is deleted");
    assert!(place.exists(&place.session_key("hash")).await, "a key of another type is kept");
}

#[test]
fn r10_the_user_of_a_session_cannot_change() {
    for name in ["id", "user_id", "active_expires", "idle_expires"] {
        assert!(SessionUpdate::default().with_attributes(Attributes::from([(name, "u2")])).is_err());
    }
}

#[tokio::test]
async fn r11_equal_and_overlapping_prefixes_create_no_adapter() {
    let place = Place::new().await;
    for (session, index, reason) in [
        ("a", "a", InvalidPrefixes::Overlapping),
        ("a", "a:b", InvalidPrefixes::Overlapping),
        ("a:b", "a", InvalidPrefixes::Overlapping),
        ("", "a", InvalidPrefixes::Empty),
        ("a", "", InvalidPrefixes::Empty),
    ] {
        let config = RedisConfig::new().session_prefix(session).user_sessions_prefix(index);
        let refused = RedisSessionAdapter::with_config(place.connections(), config).await.unwrap_err();
        assert!(matches!(refused, SetupError::Prefixes(found) if found == reason), "{refused:?}");
    }
}

#[tokio::test]
async fn r13_a_list_omits_expired_sessions() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    for number in 0..30 {
        adapter.set_session(&session(&format!("s{number:02}"), "u")).await.unwrap();
    }
    for number in (0..30).step_by(3) {
        place.run::<i64>("DEL", &place.session_key(&format!("s{number:02}")), &[] as &[&str]).await;
    }
    assert_eq!(adapter.get_sessions_by_user_id(&user("u")).await.unwrap().len(), 20);
    assert_eq!(place.index("u").await.len(), 20);
}

/// Lucia JS never removed entries, so an index may have any number of them.
#[tokio::test]
async fn r4_an_index_of_any_size_is_revoked() {
    const ENTRIES: usize = 260_000;
    let place = Place::new().await;
    let adapter = place.adapter().await;
    adapter.set_session(&session("s1", "u")).await.unwrap();
    let fill =
        "for i = 1, ARGV[1] do redis.call('SADD', KEYS[1], 'expired' .. i) end return redis.call('SCARD', KEYS[1])";
    let fill = redis::cmd("EVAL").arg(fill).arg(1).arg(place.user_sessions_key("u")).arg(ENTRIES).clone();
    assert_eq!(place.query::<usize>(&fill).await, ENTRIES + 1);
    adapter.delete_sessions_by_user_id(&user("u")).await.unwrap();
    assert!(!place.exists(&place.user_sessions_key("u")).await);
    assert!(!place.exists(&place.session_key("s1")).await);
}
