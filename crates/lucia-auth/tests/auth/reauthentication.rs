//! Tests of what a session says about when its user was authenticated.

use std::time::Duration;

use http::Request;
use lucia_auth::{
    AttributesError, Auth, AuthRequest, BuildError, Client, Error, NewKey, NewSession, NewUser, Session,
    lucia_core::{Attributes, SessionSchema, SessionUpdate},
};
use serde_json::{Value, json};

use crate::support::{DAY, NOW, World, a_user};

const MINUTE: Duration = Duration::from_secs(60);
const PASSWORD: &str = "correct horse";

fn recent(world: &World) -> Auth {
    world.builder().session_authenticated_at("authenticated_at").build().unwrap()
}

/// Creates a user with a password, and a session.
async fn ada(auth: &Auth) -> Session {
    let user =
        auth.create_user(NewUser::new().key(NewKey::with_password(("username", "ada"), PASSWORD))).await.unwrap();
    auth.create_session(NewSession::new(user.id)).await.unwrap()
}

fn request(auth: &Auth, session: &Session) -> AuthRequest {
    let cookie = format!("auth_session={}", session.token.as_str());
    auth.handle_request(&Request::get("https://example.com/").header("cookie", cookie).body(()).unwrap())
}

fn is_refused<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::ReauthenticationRequired))
}

fn is_gone<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::InvalidSessionId { .. }))
}

async fn stored(world: &World, session: &Session) -> Option<Value> {
    let row = world.adapter.store().get_session(&session.id).await.unwrap().unwrap();
    row.attributes().get("authenticated_at").cloned()
}

#[tokio::test]
async fn a_sign_in_is_recent_until_its_last_millisecond() {
    let world = World::new();
    let auth = recent(&world);
    let session = auth.create_session(NewSession::new(a_user(&auth).await)).await.unwrap();
    assert_eq!(session.authenticated_at, Some(NOW));
    assert_eq!(stored(&world, &session).await, Some(json!(NOW.get())));
    world.clock.advance(5 * MINUTE);
    let read = auth.get_session(&session.token).await.unwrap();
    assert_eq!(read, session, "the time of a read is not part of a session");
    assert!(read.authenticated_within(5 * MINUTE));
    auth.require_authentication_within(&read, 5 * MINUTE).unwrap();
    assert_eq!(auth.get_all_user_sessions(&session.user.id).await.unwrap()[0].authenticated_at, Some(NOW));
    world.clock.advance(Duration::from_millis(1));
    let read = auth.validate_session(&session.token).await.unwrap();
    assert!(!read.authenticated_within(5 * MINUTE));
    assert!(is_refused(&auth.require_authentication_within(&read, 5 * MINUTE)));
    assert!(read.authenticated_within(Duration::MAX));
}

#[tokio::test]
async fn renewals_and_rotations_authenticate_nobody() {
    let world = World::new();
    let auth = recent(&world);
    let session = auth.create_session(NewSession::new(a_user(&auth).await)).await.unwrap();
    world.clock.advance(2 * DAY);
    let renewed = auth.validate_session(&session.token).await.unwrap();
    assert!(renewed.fresh);
    assert_eq!(renewed.authenticated_at, Some(NOW));
    let rotated = auth.rotate_session(&session.id).await.unwrap();
    assert_eq!(rotated.authenticated_at, Some(NOW));
    assert!(!rotated.authenticated_within(DAY));
    assert_eq!(stored(&world, &rotated).await, Some(json!(NOW.get())));
}

#[tokio::test]
async fn a_confirmed_password_makes_a_session_recent_and_replaces_its_token() {
    for world in [World::new(), World::split()] {
        let auth = recent(&world);
        let session = ada(&auth).await;
        world.clock.advance(2 * DAY);
        let now = NOW.saturating_add(2 * DAY);
        let request = request(&auth, &session);
        let confirmed = request.confirm_password(PASSWORD).await.unwrap();
        assert!(confirmed.fresh && confirmed.authenticated_within(Duration::ZERO));
        assert_eq!((confirmed.authenticated_at, stored(&world, &confirmed).await), (Some(now), Some(json!(now.get()))));
        assert_eq!(request.pending_cookie().unwrap().value(), confirmed.token.as_str());
        assert_eq!(request.validate().await.unwrap().unwrap().id, confirmed.id);
        assert!(is_gone(&auth.validate_session(&session.token).await));
        assert!(auth.validate_session(&confirmed.token).await.unwrap().authenticated_within(MINUTE));
        assert_eq!(auth.get_all_user_sessions(&session.user.id).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_wrong_password_changes_nothing() {
    let world = World::new();
    let auth = recent(&world);
    let session = ada(&auth).await;
    world.clock.advance(DAY);
    let request = request(&auth, &session);
    for wrong in ["battery staple", ""] {
        assert!(matches!(request.confirm_password(wrong).await, Err(Error::InvalidPassword)));
    }
    assert!(request.pending_cookie().is_none());
    let read = auth.validate_session(&session.token).await.unwrap();
    assert_eq!(read.authenticated_at, Some(NOW));
    assert!(!read.authenticated_within(MINUTE));
    let signed_out = auth.handle_request(&Request::get("https://example.com/").body(()).unwrap());
    assert!(matches!(signed_out.confirm_password(PASSWORD).await, Err(Error::NotAuthenticated)));
}

#[tokio::test]
async fn a_user_without_a_password_confirms_with_their_provider() {
    let world = World::new();
    let auth = recent(&world);
    let user = auth.create_user(NewUser::new().key(NewKey::new(("github", "1")))).await.unwrap();
    let session = auth.create_session(NewSession::new(user.id)).await.unwrap();
    world.clock.advance(DAY);
    for guess in ["", PASSWORD] {
        assert!(matches!(auth.confirm_password(&session, guess).await, Err(Error::InvalidPassword)));
    }
    let key = auth.use_key(("github", "1")).await.unwrap();
    let confirmed = auth.reauthenticate(&session, &key).await.unwrap();
    assert!(confirmed.authenticated_within(Duration::ZERO));
    assert!(is_gone(&auth.validate_session(&session.token).await));
    assert!(is_gone(&auth.reauthenticate(&session, &key).await), "its token was replaced");
}

#[tokio::test]
async fn nobody_authenticates_with_the_key_of_another_user() {
    let world = World::new();
    let auth = recent(&world);
    let session = auth.create_session(NewSession::new(a_user(&auth).await)).await.unwrap();
    ada(&auth).await;
    let key = auth.use_key_with_password(("username", "ada"), PASSWORD).await.unwrap();
    world.clock.advance(DAY);
    world.adapter.take_calls();
    assert!(matches!(auth.reauthenticate(&session, &key).await, Err(Error::InvalidKeyId { .. })));
    assert!(world.adapter.take_calls().is_empty());
    assert!(matches!(auth.confirm_password(&session, PASSWORD).await, Err(Error::InvalidPassword)));
    assert_eq!(auth.validate_session(&session.token).await.unwrap().authenticated_at, Some(NOW));
}

/// A thief of a session and an old password must not win a race against the change of the password.
#[tokio::test]
async fn a_key_that_changed_since_its_verification_authenticates_nobody() {
    for deleted in [false, true] {
        let world = World::new();
        let auth = recent(&world);
        let session = ada(&auth).await;
        let key = auth.use_key_with_password(("username", "ada"), PASSWORD).await.unwrap();
        if deleted {
            auth.delete_key(("username", "ada")).await.unwrap();
        } else {
            auth.update_key_password(("username", "ada"), Some("another horse")).await.unwrap();
        }
        assert!(auth.reauthenticate(&session, &key).await.unwrap_err().is_invalid_credentials());
        assert!(auth.get_all_user_sessions(&session.user.id).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_revoked_session_cannot_be_confirmed() {
    let world = World::new();
    let auth = recent(&world);
    let session = ada(&auth).await;
    auth.invalidate_all_user_sessions(&session.user.id).await.unwrap();
    assert!(is_gone(&auth.confirm_password(&session, PASSWORD).await));
    assert!(auth.get_all_user_sessions(&session.user.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn any_password_of_the_user_confirms() {
    let world = World::new();
    let auth = recent(&world);
    let mut session = ada(&auth).await;
    for (provider, password) in [("email", "another horse"), ("phone", "a third horse")] {
        auth.create_key(&session.user.id, NewKey::with_password((provider, "ada"), password)).await.unwrap();
    }
    auth.create_key(&session.user.id, NewKey::new(("github", "1"))).await.unwrap();
    // More often than a key may be guessed: the other keys' attempts are given back.
    for _ in 0..5 {
        for password in [PASSWORD, "another horse", "a third horse"] {
            session = auth.confirm_password(&session, password).await.unwrap();
        }
    }
    world.hasher.take();
    assert!(matches!(auth.confirm_password(&session, "wrong").await, Err(Error::InvalidPassword)));
    assert_eq!(world.hasher.take(), 3);
}

/// A stolen session is not a second chance to guess.
#[tokio::test]
async fn guesses_count_as_those_of_a_sign_in() {
    let world = World::new();
    let auth = recent(&world);
    let session = ada(&auth).await;
    let key = auth.use_key_with_password(("username", "ada"), PASSWORD).await.unwrap();
    let known = Client::new().device(auth.device_cookie(&Client::new(), &key).unwrap().value());
    for _ in 0..5 {
        assert!(matches!(auth.confirm_password(&session, "wrong").await, Err(Error::InvalidPassword)));
        let sign_in = auth.use_key_with_password(("username", "ada"), "wrong").await;
        assert!(matches!(sign_in, Err(Error::InvalidPassword)));
    }
    world.hasher.take();
    assert!(matches!(auth.confirm_password(&session, PASSWORD).await, Err(Error::TooManyAttempts { .. })));
    assert_eq!(world.hasher.take(), 0, "nothing is verified");
    auth.confirm_password(&session, PASSWORD).client(&known).await.unwrap();
}

/// Strangers guess at one of the user's keys.
#[tokio::test]
async fn a_key_beyond_its_limit_does_not_hide_the_others() {
    for (attacked, password) in [(("username", "ada"), "another horse"), (("email", "ada"), PASSWORD)] {
        let world = World::new();
        let auth = recent(&world);
        let session = ada(&auth).await;
        let key = NewKey::with_password(("email", "ada"), "another horse");
        auth.create_key(&session.user.id, key).await.unwrap();
        for _ in 0..10 {
            auth.use_key_with_password(attacked, "wrong").await.unwrap_err();
        }
        let session = auth.confirm_password(&session, password).await.unwrap();
        let refused = auth.confirm_password(&session, "wrong").await;
        assert!(matches!(refused, Err(Error::TooManyAttempts { .. })), "one password was not verified");
    }
}

#[tokio::test]
async fn an_outage_is_not_a_wrong_password() {
    for method in ["get_keys_by_user_id", "get_key", "rotate_session"] {
        let world = World::new();
        let auth = recent(&world);
        let session = ada(&auth).await;
        world.clock.advance(DAY);
        world.adapter.fail(Some(method));
        for _ in 0..12 {
            assert!(auth.confirm_password(&session, PASSWORD).await.unwrap_err().is_unavailable(), "{method}");
        }
        world.adapter.fail(None);
        assert_eq!(auth.validate_session(&session.token).await.unwrap().authenticated_at, Some(NOW), "{method}");
        auth.confirm_password(&session, PASSWORD).await.unwrap();
    }
}

#[tokio::test]
async fn without_the_option_nothing_is_recent_and_the_error_names_it() {
    let world = World::new();
    let auth = world.auth();
    let session = ada(&auth).await;
    assert_eq!(session.authenticated_at, None);
    assert!(!session.authenticated_within(Duration::MAX));
    let key = auth.use_key_with_password(("username", "ada"), PASSWORD).await.unwrap();
    world.hasher.take();
    for error in [
        auth.require_authentication_within(&session, Duration::MAX).unwrap_err(),
        auth.confirm_password(&session, PASSWORD).await.unwrap_err(),
        auth.reauthenticate(&session, &key).await.unwrap_err(),
    ] {
        assert_eq!(error.to_string(), "`AuthBuilder::session_authenticated_at` is required and not set");
    }
    assert_eq!(world.hasher.take(), 0);
    assert!(auth.validate_session(&session.token).await.is_ok());
}

#[tokio::test]
async fn a_session_that_is_older_than_the_option_is_not_recent() {
    let world = World::new();
    let session = ada(&world.auth()).await;
    let auth = recent(&world);
    world.clock.advance(2 * DAY);
    let session = auth.validate_session(&session.token).await.unwrap();
    assert!(session.fresh, "a renewal is not an authentication");
    assert!(!session.authenticated_within(Duration::MAX));
    assert_eq!(stored(&world, &session).await, None);
    assert!(auth.confirm_password(&session, PASSWORD).await.unwrap().authenticated_within(MINUTE));
}

#[tokio::test]
async fn a_time_that_cannot_be_true_is_not_recent() {
    let world = World::new();
    let auth = recent(&world);
    let session = ada(&auth).await;
    for (value, is_recent) in [
        (json!(NOW.get()), true),
        (json!(NOW.get() - 60_000), true),
        (json!(NOW.get() - 60_001), false),
        (json!(NOW.get() + 1), false),
        (json!(i64::MAX), false),
        (json!(i64::MIN), false),
        (json!(u64::MAX), false),
        (json!("2023-11-14T22:13:20.123Z"), true),
        (json!("2023-11-14T22:13:20.124Z"), false),
        (json!("yesterday"), false),
        (json!(null), false),
        (json!(true), false),
        (json!([NOW.get()]), false),
    ] {
        let attributes = Attributes::from([("authenticated_at", value.clone())]);
        let update = SessionUpdate::default().with_attributes(attributes).unwrap();
        world.adapter.store().update_session(&session.id, &update).await.unwrap();
        let read = auth.validate_session(&session.token).await.unwrap();
        assert_eq!(read.authenticated_within(MINUTE), is_recent, "{value}");
        assert_eq!(is_refused(&auth.require_authentication_within(&read, MINUTE)), !is_recent, "{value}");
    }
}

#[tokio::test]
async fn the_application_cannot_change_the_time() {
    let world = World::new();
    let auth = recent(&world);
    let forged = json!({"authenticated_at": 9_000_000_000_000_i64});
    let session = auth.create_session(NewSession::new(a_user(&auth).await).attributes(&forged)).await.unwrap();
    assert_eq!(session.authenticated_at, Some(NOW));
    let update = auth.update_session_attributes(&session.id, &forged).await;
    assert!(matches!(update, Err(Error::Attributes(AttributesError::Reserved { name })) if name == "authenticated_at"));
}

#[tokio::test]
async fn a_plain_session_moves_when_it_is_confirmed() {
    let world = World::new();
    let auth = recent(&world);
    let user = ada(&auth).await.user.id;
    auth.invalidate_all_user_sessions(&user).await.unwrap();
    let later = NOW.saturating_add(DAY);
    world.adapter.store().set_session(&SessionSchema::new("plain", user.clone(), later, later)).await.unwrap();
    let session = auth.validate_session(&"plain".into()).await.unwrap();
    let confirmed = auth.confirm_password(&session, PASSWORD).await.unwrap();
    assert!(is_gone(&auth.validate_session(&"plain".into()).await));
    let listed = auth.get_all_user_sessions(&user).await.unwrap();
    assert_eq!(listed.iter().map(|session| &session.id).collect::<Vec<_>>(), [&confirmed.token.hashed_id()]);
}

#[test]
fn the_attribute_is_one_of_its_own() {
    let builder = || World::new().builder();
    let reserved = builder().session_authenticated_at("idle_expires").build().unwrap_err();
    assert_eq!(reserved.to_string(), "the attribute of `session_authenticated_at` has a reserved name");
    let same = builder().session_created_at("at").session_authenticated_at("at").build();
    assert!(matches!(same, Err(BuildError::SameSessionAttribute)));
    builder().session_created_at("created_at").session_authenticated_at("authenticated_at").build().unwrap();
}
