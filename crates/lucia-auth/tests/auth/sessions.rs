use std::time::Duration;

use lucia_auth::{
    AdapterErrorKind, AttributesError, Error, NewSession, NewUser, NoAttributes, Session, SessionId, SessionState,
    SessionToken,
    lucia_core::{SessionSchema, UserSchema},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::{DAY, NOW, World, a_user};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Device {
    country: Option<String>,
    seen: Vec<u64>,
}

#[tokio::test]
async fn a_new_session_is_active_for_a_day_and_idle_for_fourteen_more_days() {
    let world = World::new();
    let auth = world.auth();
    let id = a_user(&auth).await;
    let session = auth.create_session(NewSession::new(id.clone())).await.unwrap();
    assert_eq!(session.token.as_str().len(), 40);
    assert_eq!(session.active_period_expires_at, NOW.saturating_add(DAY));
    assert_eq!(session.idle_period_expires_at, NOW.saturating_add(15 * DAY));
    assert_eq!((session.state, session.fresh), (SessionState::Active, false));
    assert_eq!(session.user.id, id);
    assert_eq!(auth.get_session(&session.token).await.unwrap(), session);
}

#[tokio::test]
async fn c2_a_renewed_session_is_active() {
    let world = World::new();
    let auth = world.auth();
    let id = a_user(&auth).await;
    let session = auth.create_session(NewSession::new(id)).await.unwrap();
    world.clock.advance(DAY + Duration::from_millis(1));
    assert_eq!(auth.get_session(&session.token).await.unwrap().state, SessionState::Idle, "a read does not renew");
    let renewed = auth.validate_session(&session.token).await.unwrap();
    assert_eq!((renewed.state, renewed.fresh), (SessionState::Active, true));
    assert_eq!(renewed.id, session.id);
    assert_eq!(
        renewed.active_period_expires_at,
        session.active_period_expires_at.saturating_add(DAY + Duration::from_millis(1))
    );
    assert!(!auth.validate_session(&session.token).await.unwrap().fresh);
}

#[tokio::test]
async fn both_expiries_are_inclusive() {
    let world = World::new();
    let auth = world.auth();
    let user = a_user(&auth).await;
    let session = auth.create_session(NewSession::new(user.clone())).await.unwrap();
    let token = &session.token;
    world.clock.set(session.active_period_expires_at);
    assert_eq!(auth.get_session(token).await.unwrap().state, SessionState::Active);
    world.clock.set(session.idle_period_expires_at);
    assert_eq!(auth.get_session(token).await.unwrap().state, SessionState::Idle);
    assert_eq!(auth.get_all_user_sessions(&user).await.unwrap().len(), 1);
    world.clock.advance(Duration::from_millis(1));
    assert!(matches!(auth.get_session(token).await, Err(Error::InvalidSessionId { .. })));
    assert!(matches!(auth.validate_session(token).await, Err(Error::InvalidSessionId { .. })));
    assert!(auth.get_all_user_sessions(&user).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_active_session_is_validated_with_one_read() {
    let world = World::new();
    let auth = world.auth();
    let session = auth.create_session(NewSession::new(a_user(&auth).await)).await.unwrap();
    world.adapter.take_calls();
    auth.validate_session(&session.token).await.unwrap();
    assert_eq!(world.adapter.take_calls(), ["get_first_session_and_user"]);
    world.clock.advance(2 * DAY);
    auth.validate_session(&session.token).await.unwrap();
    assert_eq!(world.adapter.take_calls(), ["get_first_session_and_user", "update_session"]);
}

#[tokio::test]
async fn c3_a_session_of_an_unknown_user_is_not_stored() {
    for world in [World::new(), World::split()] {
        let session = world.auth().create_session(NewSession::new("nobody").token("s1")).await;
        assert!(matches!(session, Err(Error::InvalidUserId { .. })));
        assert!(world.adapter.store().get_session(&"s1".into()).await.unwrap().is_none());
        assert!(world.adapter.store().get_sessions_by_user_id(&"nobody".into()).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn c4_expired_sessions_are_deleted_when_the_call_returns() {
    let world = World::new();
    let auth = world.auth();
    let user = a_user(&auth).await;
    let expired = auth.create_session(NewSession::new(user.clone())).await.unwrap();
    world.clock.advance(16 * DAY);
    let live = auth.create_session(NewSession::new(user.clone())).await.unwrap();

    world.adapter.fail(Some("delete_session"));
    assert!(auth.delete_expired_user_sessions(&user).await.unwrap_err().is_unavailable());
    world.adapter.fail(None);
    auth.delete_expired_user_sessions(&user).await.unwrap();
    assert!(world.adapter.store().get_session(&expired.id).await.unwrap().is_none());
    assert!(auth.get_session(&live.token).await.is_ok());
    auth.delete_expired_user_sessions(&"nobody".into()).await.unwrap();
}

#[tokio::test]
async fn expired_sessions_of_all_users_are_deleted_in_batches() {
    let world = World::new();
    let auth = world.auth();
    for user in ["u1", "u2"] {
        auth.create_user(NewUser::new().id(user)).await.unwrap();
        for _ in 0..300 {
            auth.create_session(NewSession::new(user)).await.unwrap();
        }
    }
    world.clock.advance(16 * DAY);
    let live = auth.create_session(NewSession::new("u1")).await.unwrap();
    world.adapter.take_calls();
    assert_eq!(auth.delete_expired_sessions().await.unwrap(), 600);
    assert_eq!(world.adapter.take_calls(), ["delete_expired_sessions"; 2]);
    assert!(auth.get_session(&live.token).await.is_ok());
    assert_eq!(auth.delete_expired_sessions().await.unwrap(), 0);
}

#[tokio::test]
async fn c5_sessions_of_an_unknown_user_are_an_error() {
    let auth = World::split().auth();
    assert!(matches!(auth.get_all_user_sessions(&"nobody".into()).await, Err(Error::InvalidUserId { .. })));
}

#[tokio::test]
async fn c8_reserved_session_attributes_are_rejected() {
    let world = World::new();
    let auth = world.auth();
    let user = a_user(&auth).await;
    let session = auth.create_session(NewSession::new(user.clone())).await.unwrap();
    world.adapter.take_calls();
    for name in ["id", "user_id", "active_expires", "idle_expires"] {
        let reserved = |error: Error| matches!(error, Error::Attributes(AttributesError::Reserved { name: found }) if found == name);
        let update = auth.update_session_attributes(&session.id, &json!({name: "v"})).await;
        assert!(reserved(update.unwrap_err()));
        let created = auth.create_session(NewSession::new(user.clone()).attributes(&json!({name: "v"}))).await;
        assert!(reserved(created.unwrap_err()));
    }
    assert!(world.adapter.take_calls().is_empty());
}

#[tokio::test]
async fn c16_a_session_of_a_deleted_user_is_invalid_and_deleted() {
    let world = World::split();
    let auth = world.auth();
    let session = auth.create_session(NewSession::new(a_user(&auth).await)).await.unwrap();
    world.adapter.store().delete_user(&session.user.id).await.unwrap();
    assert!(matches!(auth.validate_session(&session.token).await, Err(Error::InvalidSessionId { .. })));
    assert!(world.adapter.store().get_session(&session.id).await.unwrap().is_none());
}

#[tokio::test]
async fn c18_a_duplicate_session_id_is_rejected() {
    let world = World::split();
    let auth = world.auth();
    let (one, two) = (a_user(&auth).await, a_user(&auth).await);
    auth.create_session(NewSession::new(one.clone()).token("chosen")).await.unwrap();
    let error = auth.create_session(NewSession::new(two.clone()).token("chosen")).await.unwrap_err();
    assert_eq!(error.code(), "AUTH_DUPLICATE_SESSION_ID");
    assert_eq!(auth.get_session(&"chosen".into()).await.unwrap().user.id, one);
    assert!(auth.get_all_user_sessions(&two).await.unwrap().is_empty());
}

#[tokio::test]
async fn c20_attributes_are_returned_unchanged() {
    let world = World::new();
    let auth = world.builder().session_attributes::<Device>().build().unwrap();
    let user = auth.create_user(NewUser::new()).await.unwrap().id;
    let device = Device { country: Some("NZ".into()), seen: vec![u64::MAX, 9_007_199_254_740_993] };
    let created = auth.create_session(NewSession::new(user).attributes(&device)).await.unwrap();
    assert_eq!(created.attributes, device);
    assert_eq!(auth.get_session(&created.token).await.unwrap(), created);
    let updated = auth.update_session_attributes(&created.id, &json!({"country": null})).await.unwrap();
    assert_eq!(updated.attributes, Device { country: None, ..device });
}

#[tokio::test]
async fn c20_a_session_whose_attributes_do_not_fit_the_type_is_not_stored() {
    let world = World::new();
    let auth = world.builder().session_attributes::<Device>().build().unwrap();
    let user = auth.create_user(NewUser::new()).await.unwrap().id;
    world.adapter.take_calls();
    assert!(matches!(auth.create_session(NewSession::new(user)).await, Err(Error::Attributes(_))));
    assert!(world.adapter.take_calls().is_empty());
}

#[tokio::test]
async fn c23_signing_out_always_succeeds() {
    let auth = World::new().auth();
    for id in ["", "unknown"] {
        auth.invalidate_session(&id.into()).await.unwrap();
    }
    auth.invalidate_all_user_sessions(&"nobody".into()).await.unwrap();
}

/// Fifty concurrent requests find the session idle: all of them succeed, and one of them writes.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn c25_parallel_renewals_write_once() {
    let world = World::new();
    let auth = world.auth();
    let session = auth.create_session(NewSession::new(a_user(&auth).await)).await.unwrap();
    world.clock.advance(2 * DAY);
    let requests: Vec<_> = (0..50)
        .map(|_| {
            let (auth, token, clock) = (auth.clone(), session.token.clone(), world.clock.clone());
            tokio::spawn(async move {
                clock.advance(Duration::from_millis(1));
                auth.validate_session(&token).await.unwrap()
            })
        })
        .collect();
    let mut expiries = std::collections::BTreeSet::new();
    for request in requests {
        let session = request.await.unwrap();
        assert_eq!(session.state, SessionState::Active);
        expiries.insert(session.idle_period_expires_at);
    }
    assert_eq!(expiries.len(), 1, "every request returns the same renewal");
}

#[tokio::test]
async fn c25_a_conflicting_renewal_returns_the_stored_session() {
    let world = World::new();
    let auth = world.auth();
    let session = auth.create_session(NewSession::new(a_user(&auth).await)).await.unwrap();
    world.clock.advance(2 * DAY);
    world.adapter.fail_as("update_session", AdapterErrorKind::Conflict);
    let seen = auth.validate_session(&session.token).await.unwrap();
    assert!(seen.fresh, "the cookie is set again");
    assert_eq!(seen.idle_period_expires_at, session.idle_period_expires_at);
    world.adapter.fail_as("update_session", AdapterErrorKind::InvalidSessionId);
    let revoked = auth.validate_session(&session.token).await;
    assert!(matches!(revoked, Err(Error::InvalidSessionId { .. })), "signed out during the renewal");
}

#[tokio::test]
async fn c26_malformed_session_tokens_do_not_reach_the_store() {
    let world = World::new();
    let auth = world.auth();
    let long = "a".repeat(5_000);
    for text in ["", " ", "a b", "a;b", "a,b", "a\"b", "a\\b", "\u{0}", "a\nb", "é", "😀", long.as_str()] {
        let (id, token) = (SessionId::new(text), SessionToken::new(text));
        auth.invalidate_session(&id).await.unwrap();
        auth.invalidate_session_token(&token).await.unwrap();
        assert!(matches!(auth.validate_session(&token).await, Err(Error::InvalidSessionId { .. })));
        assert!(matches!(auth.get_session(&token).await, Err(Error::InvalidSessionId { .. })));
        assert!(matches!(auth.rotate_session(&id).await, Err(Error::InvalidSessionId { .. })));
        let chosen = auth.create_session(NewSession::new("u").token(token)).await;
        assert!(matches!(chosen, Err(Error::MalformedSessionToken)));
    }
    assert!(world.adapter.take_calls().is_empty());
}

#[tokio::test]
async fn all_other_sessions_are_revoked() {
    for world in [World::new(), World::split()] {
        let auth = world.auth();
        let (user, other) = (a_user(&auth).await, a_user(&auth).await);
        let keep = auth.create_session(NewSession::new(user.clone())).await.unwrap();
        for _ in 0..3 {
            auth.create_session(NewSession::new(user.clone())).await.unwrap();
        }
        let stranger = auth.create_session(NewSession::new(other.clone())).await.unwrap();
        auth.invalidate_other_user_sessions(&user, &keep.id).await.unwrap();
        let left = auth.get_all_user_sessions(&user).await.unwrap();
        assert_eq!(left.iter().map(|session| &session.id).collect::<Vec<_>>(), [&keep.id]);
        assert!(auth.get_session(&stranger.token).await.is_ok());
        auth.invalidate_all_user_sessions(&user).await.unwrap();
        assert!(auth.get_session(&keep.token).await.is_err());
        assert!(auth.get_session(&stranger.token).await.is_ok());
    }
}

#[tokio::test]
async fn a_rotated_session_has_a_new_id_and_keeps_its_attributes() {
    for world in [World::new(), World::split()] {
        let auth = world.builder().session_attributes::<Device>().build().unwrap();
        let user = auth.create_user(NewUser::new()).await.unwrap().id;
        let device = Device { country: Some("NZ".into()), seen: vec![1] };
        let old = auth.create_session(NewSession::new(user.clone()).attributes(&device)).await.unwrap();
        world.clock.advance(DAY);
        let new = auth.rotate_session(&old.id).await.unwrap();
        assert_ne!(new.id, old.id);
        assert_eq!((new.attributes.country.as_deref(), new.fresh), (Some("NZ"), true));
        assert_eq!(new.active_period_expires_at, old.active_period_expires_at.saturating_add(DAY));
        assert!(matches!(auth.get_session(&old.token).await, Err(Error::InvalidSessionId { .. })));
        assert_eq!(auth.get_all_user_sessions(&user).await.unwrap().len(), 1);
        assert!(matches!(auth.rotate_session(&old.id).await, Err(Error::InvalidSessionId { .. })));
    }
}

/// The default rotation stores the new session first, and deletes it if the old one cannot be deleted.
#[tokio::test]
async fn a_failed_rotation_keeps_the_old_session() {
    let split = World::split();
    let auth = split.auth();
    let old = auth.create_session(NewSession::new(a_user(&auth).await)).await.unwrap();
    split.adapter.fail(Some("rotate_session"));
    assert!(auth.rotate_session(&old.id).await.unwrap_err().is_unavailable());
    split.adapter.fail(None);
    assert_eq!(auth.get_all_user_sessions(&old.user.id).await.unwrap().len(), 1);
    assert!(auth.get_session(&old.token).await.is_ok());
}

#[tokio::test]
async fn an_outage_is_not_an_invalid_session() {
    let world = World::new();
    let auth = world.auth();
    let session = auth.create_session(NewSession::new(a_user(&auth).await)).await.unwrap();
    world.adapter.fail(Some("get_first_session_and_user"));
    assert!(auth.validate_session(&session.token).await.unwrap_err().is_unavailable());
    world.clock.advance(2 * DAY);
    world.adapter.fail(Some("update_session"));
    assert!(auth.validate_session(&session.token).await.unwrap_err().is_unavailable());
    world.adapter.fail(None);
    let row = world.adapter.store().get_session(&session.id).await.unwrap().unwrap();
    let expected = SessionSchema::new(
        session.id.clone(),
        session.user.id.clone(),
        session.active_period_expires_at,
        session.idle_period_expires_at,
    );
    assert_eq!(row, expected, "nothing was written");
    assert_eq!(world.adapter.store().get_user(&row.user_id).await.unwrap(), Some(UserSchema::new(row.user_id)));
}

/// Creates a session, and one from before a migration that added an attribute.
async fn create_an_unreadable_session(world: &World) -> (Session<NoAttributes, Device>, SessionToken) {
    let auth = world.builder().session_attributes::<Device>().build().unwrap();
    let user = a_user(&world.auth()).await;
    let device = Device { country: Some("NZ".into()), seen: vec![1] };
    let session = auth.create_session(NewSession::new(user.clone()).attributes(&device)).await.unwrap();
    let old = world.auth().create_session(NewSession::new(user).attributes(&json!({"seen": "?"}))).await.unwrap();
    (session, old.token)
}

#[tokio::test]
async fn a_list_skips_sessions_whose_attributes_do_not_fit() {
    let world = World::new();
    let (session, old) = create_an_unreadable_session(&world).await;
    let auth = world.builder().session_attributes::<Device>().build().unwrap();
    let listed = auth.get_all_user_sessions(&session.user.id).await.unwrap();
    assert_eq!(listed.iter().map(|session| &session.id).collect::<Vec<_>>(), [&session.id]);
    let error = auth.validate_session(&old).await.unwrap_err();
    assert!(matches!(error, Error::Attributes(_)), "{error:?}");

    let reject = |_: &UserSchema| Err(AttributesError::Reserved { name: "x".into() });
    let strict = world.builder().user_attributes_with::<()>(reject).build().unwrap();
    let listed = strict.get_all_user_sessions(&session.user.id).await.unwrap();
    assert_eq!(listed.len(), 2, "a user with unreadable attributes still has sessions");
}

#[tokio::test]
async fn a_session_whose_attributes_do_not_fit_may_count_as_signed_out() {
    let world = World::new();
    let (session, old) = create_an_unreadable_session(&world).await;
    let builder = || world.builder().session_attributes::<Device>().sign_out_unreadable_sessions(true);
    let auth = builder().build().unwrap();
    for result in [auth.validate_session(&old).await, auth.get_session(&old).await] {
        assert!(matches!(result, Err(Error::InvalidSessionId { .. })), "{result:?}");
    }
    world.adapter.fail_as("get_first_session_and_user", AdapterErrorKind::Decode);
    let result = auth.validate_session(&old).await;
    assert!(matches!(result, Err(Error::InvalidSessionId { .. })), "nor a corrupt value in the store");
    world.adapter.fail(None);
    assert!(world.adapter.store().get_session(&old.hashed_id()).await.unwrap().is_some(), "the row is kept");
    assert!(auth.validate_session(&session.token).await.is_ok());

    let reject = |_: &UserSchema| Err(AttributesError::Reserved { name: "x".into() });
    let strict = builder().user_attributes_with::<()>(reject).build().unwrap();
    let result = strict.validate_session(&session.token).await;
    assert!(matches!(result, Err(Error::InvalidSessionId { .. })), "an undecodable user counts as signed out, too");
    assert!(matches!(strict.get_user(&session.user.id).await, Err(Error::Attributes(_))));
}

#[tokio::test]
async fn no_session_is_kept_for_a_user_whose_attributes_do_not_fit() {
    let world = World::new();
    let user = a_user(&world.auth()).await;
    let reject = |_: &UserSchema| Err(AttributesError::Reserved { name: "x".into() });
    let auth = world.builder().user_attributes_with::<()>(reject).build().unwrap();
    assert!(matches!(auth.create_session(NewSession::new(user.clone())).await, Err(Error::Attributes(_))));
    assert!(world.adapter.store().get_sessions_by_user_id(&user).await.unwrap().is_empty());
}
