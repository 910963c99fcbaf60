use std::time::Duration;

use lucia_auth::{
    Attributes, AttributesError, Error, NewSession, SessionPeriods, SessionState, lucia_core::SessionSchema,
};
use serde_json::json;

use crate::support::{DAY, NOW, World, a_user};

fn remembering(attributes: &Attributes) -> SessionPeriods {
    let remember = attributes.get("remember").is_some_and(|value| value == true);
    SessionPeriods { active: DAY, idle: if remember { 90 * DAY } else { DAY } }
}

#[tokio::test]
async fn periods_depend_on_the_attributes() {
    let world = World::new();
    let auth = world.builder().session_periods(remembering).build().unwrap();
    let user = a_user(&world.auth()).await;
    let short = auth.create_session(NewSession::new(user.clone())).await.unwrap();
    let long = auth.create_session(NewSession::new(user).attributes(&json!({"remember": true}))).await.unwrap();
    assert_eq!(short.idle_period_expires_at, NOW.saturating_add(2 * DAY));
    assert_eq!(long.idle_period_expires_at, NOW.saturating_add(91 * DAY));
    world.clock.advance(DAY + Duration::from_millis(1));
    let renewed = auth.validate_session(&long.token).await.unwrap();
    assert_eq!(renewed.idle_period_expires_at, world_now(&world).saturating_add(91 * DAY));
}

fn world_now(world: &World) -> lucia_auth::UnixMillis {
    lucia_auth::Clock::now(&world.clock)
}

#[tokio::test]
async fn a_list_tells_when_sessions_were_last_renewed() {
    let world = World::new();
    let periods = |attributes: &Attributes| SessionPeriods { active: 3 * DAY, ..remembering(attributes) };
    let builder = world.builder().session_periods(periods).session_created_at("created_at");
    let auth = builder.absolute_session_lifetime(20 * DAY).build().unwrap();
    let user = a_user(&world.auth()).await;
    let remember = json!({"remember": true});
    let session = auth.create_session(NewSession::new(user.clone()).attributes(&remember)).await.unwrap();
    let last_renewed_at = async || auth.get_all_user_sessions(&user).await.unwrap()[0].last_renewed_at;
    for (day, expected) in [(0, 0), (3, 0), (4, 4), (7, 4), (19, 17)] {
        world.clock.set(NOW.saturating_add(day * DAY));
        auth.validate_session(&session.token).await.unwrap();
        assert_eq!(last_renewed_at().await, NOW.saturating_add(expected * DAY), "day {day}");
    }
}

#[tokio::test]
async fn no_session_was_renewed_before_it_was_created() {
    let world = World::new();
    let builder = world.builder().session_created_at("created_at");
    let auth = builder.absolute_session_lifetime(DAY / 2).build().unwrap();
    let user = a_user(&world.auth()).await;
    auth.create_session(NewSession::new(user.clone())).await.unwrap();
    assert_eq!(auth.get_all_user_sessions(&user).await.unwrap()[0].last_renewed_at, NOW);
}

#[tokio::test]
async fn periods_may_be_zero() {
    let world = World::new();
    let zero = SessionPeriods { active: Duration::ZERO, idle: Duration::ZERO };
    let auth = world.builder().session_periods(move |_| zero).build().unwrap();
    let session = auth.create_session(NewSession::new(a_user(&auth).await)).await.unwrap();
    assert!(auth.get_session(&session.token).await.is_ok(), "live in its only millisecond");
    world.clock.advance(Duration::from_millis(1));
    assert!(auth.get_session(&session.token).await.is_err());
}

#[tokio::test]
async fn c25_no_renewal_outlives_the_absolute_lifetime() {
    let world = World::new();
    let auth = world.builder().session_created_at("created_at").absolute_session_lifetime(20 * DAY).build().unwrap();
    let session = auth.create_session(NewSession::new(a_user(&auth).await)).await.unwrap();
    let token = &session.token;
    let end = NOW.saturating_add(20 * DAY);
    assert_eq!(session.idle_period_expires_at, NOW.saturating_add(15 * DAY));

    world.clock.set(NOW.saturating_add(14 * DAY));
    let renewed = auth.validate_session(token).await.unwrap();
    assert_eq!(renewed.idle_period_expires_at, end);
    world.clock.set(end);
    let last = auth.validate_session(token).await.unwrap();
    assert_eq!((last.active_period_expires_at, last.state), (end, SessionState::Active));
    world.clock.advance(Duration::from_millis(1));
    assert!(matches!(auth.validate_session(token).await, Err(Error::InvalidSessionId { .. })));
    assert!(matches!(auth.rotate_session(&session.id).await, Err(Error::InvalidSessionId { .. })));
}

#[tokio::test]
async fn rotation_does_not_restart_the_absolute_lifetime() {
    let world = World::new();
    let auth = world.builder().session_created_at("created_at").absolute_session_lifetime(20 * DAY).build().unwrap();
    let session = auth.create_session(NewSession::new(a_user(&auth).await)).await.unwrap();
    world.clock.advance(10 * DAY);
    let rotated = auth.rotate_session(&session.id).await.unwrap();
    assert_eq!(rotated.idle_period_expires_at, NOW.saturating_add(20 * DAY));
}

#[tokio::test]
async fn the_start_of_a_session_cannot_be_changed() {
    let world = World::new();
    let auth = world.builder().session_created_at("created_at").absolute_session_lifetime(20 * DAY).build().unwrap();
    let user = a_user(&auth).await;
    let forged = NewSession::new(user).attributes(&json!({"created_at": i64::MAX}));
    let session = auth.create_session(forged).await.unwrap();
    let row = world.adapter.store().get_session(&session.id).await.unwrap().unwrap();
    assert_eq!(row.attributes().get("created_at"), Some(&json!(NOW.get())));
    let update = auth.update_session_attributes(&session.id, &json!({"created_at": 0})).await;
    assert!(matches!(update, Err(Error::Attributes(AttributesError::Reserved { name })) if name == "created_at"));
}

/// The setting may be added while sessions exist: their lifetime starts with their next renewal.
#[tokio::test]
async fn the_lifetime_of_an_older_session_starts_at_its_next_renewal() {
    let world = World::new();
    let session = world.auth().create_session(NewSession::new(a_user(&world.auth()).await)).await.unwrap();
    let auth = world.builder().session_created_at("created_at").absolute_session_lifetime(5 * DAY).build().unwrap();
    world.clock.advance(10 * DAY);
    let renewed = auth.validate_session(&session.token).await.unwrap();
    assert!(renewed.fresh);
    world.clock.advance(DAY + Duration::from_millis(1));
    let renewed = auth.validate_session(&session.token).await.unwrap();
    assert_eq!(
        renewed.idle_period_expires_at,
        NOW.saturating_add(15 * DAY),
        "five days after its renewal on the tenth"
    );
}

#[tokio::test]
async fn the_lifetime_of_an_older_session_starts_at_its_rotation() {
    let world = World::new();
    let session = world.auth().create_session(NewSession::new(a_user(&world.auth()).await)).await.unwrap();
    let auth = world.builder().session_created_at("created_at").absolute_session_lifetime(5 * DAY).build().unwrap();
    let rotated = auth.rotate_session(&session.id).await.unwrap();
    let row = world.adapter.store().get_session(&rotated.id).await.unwrap().unwrap();
    assert_eq!(row.attributes().get("created_at"), Some(&json!(NOW.get())));
    assert_eq!(auth.get_session(&rotated.token).await.unwrap().idle_period_expires_at, NOW.saturating_add(5 * DAY));
}

/// A date column returns the start as text.
#[tokio::test]
async fn the_start_may_be_a_date() {
    let world = World::new();
    let auth = world.builder().session_created_at("created_at").absolute_session_lifetime(DAY).build().unwrap();
    let user = a_user(&auth).await;
    let row = SessionSchema::new("s1", user, NOW.saturating_add(9 * DAY), NOW.saturating_add(9 * DAY))
        .with_attributes(Attributes::from([("created_at", "2023-11-14T22:13:20.123Z")]))
        .unwrap();
    world.adapter.store().set_session(&row).await.unwrap();
    let session = auth.get_session(&row.id.as_str().into()).await.unwrap();
    assert_eq!(session.idle_period_expires_at, NOW.saturating_add(DAY));
    world.clock.advance(DAY + Duration::from_millis(1));
    assert!(auth.get_session(&row.id.as_str().into()).await.is_err());
}

#[tokio::test]
async fn a_start_that_is_not_a_time_ends_the_session() {
    let world = World::new();
    let auth = world.builder().session_created_at("created_at").absolute_session_lifetime(DAY).build().unwrap();
    let user = a_user(&auth).await;
    let end = NOW.saturating_add(9 * DAY);
    let now = NOW.get() as f64;
    for (id, start, is_live) in [
        ("number", json!(NOW.get()), true),
        ("double", json!(now), true),
        ("null", json!(null), true),
        ("old", json!(now - 90_000_000.0), false),
        ("fraction", json!(1.5), false),
        ("text", json!("2023-11-14 22:13:20"), false),
        ("list", json!([NOW.get()]), false),
    ] {
        let attributes = Attributes::from([("created_at", start)]);
        let row = SessionSchema::new(id, user.clone(), end, end).with_attributes(attributes).unwrap();
        world.adapter.store().set_session(&row).await.unwrap();
        assert_eq!(auth.get_session(&row.id.as_str().into()).await.is_ok(), is_live, "{id}");
        assert_eq!(auth.rotate_session(&row.id).await.is_ok(), is_live, "{id}");
    }
}
