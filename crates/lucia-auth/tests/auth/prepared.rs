//! Tests of rows that the application inserts itself.

use lucia_auth::{
    Auth, AuthBuilder, Error, NewKey, NewSession, NewUser, PasswordError, SessionIds,
    lucia_core::{Attributes, UserSchema},
};
use serde::Deserialize;
use serde_json::json;

use crate::support::{DAY, NOW, World, a_user};

const PASSWORD: &str = "correct horse";

fn ada() -> NewUser {
    NewUser::new().id("ada").key(NewKey::with_password(("username", "ada"), PASSWORD))
}

#[tokio::test]
async fn prepared_rows_sign_in_like_those_of_auth() {
    for world in [World::new(), World::split()] {
        let auth = world.auth();
        let user = auth.prepare_user(ada()).await.unwrap();
        let key =
            auth.prepare_key(&user.row, NewKey::with_password(("email", "ada@example.com"), PASSWORD)).await.unwrap();
        let session = auth.prepare_session(NewSession::new("ada")).unwrap();
        assert!(world.adapter.take_calls().is_empty(), "nothing is stored or read");

        let store = world.adapter.store();
        store.set_user(&user.row, user.key.as_ref()).await.unwrap();
        store.set_key(&key).await.unwrap();
        store.set_session(&session.row).await.unwrap();
        let session = auth.complete_session(session, &user.row).await.unwrap();
        assert_eq!(session.user, auth.transform_database_user(&user.row).unwrap());
        assert_eq!(auth.validate_session(&session.token).await.unwrap(), session);
        assert_eq!(session.id, session.token.hashed_id());
        for id in [("username", "ada"), ("email", "ada@example.com")] {
            assert_eq!(auth.use_key_with_password(id, PASSWORD).await.unwrap().user_id, "ada".into());
        }
        assert_eq!(auth.transform_database_key(&key), auth.get_key(("email", "ada@example.com")).await.unwrap());
    }
}

#[derive(Deserialize)]
struct Named {
    #[expect(dead_code, reason = "it must be there")]
    name: String,
}

#[tokio::test]
async fn what_auth_refuses_is_not_prepared() {
    let world = World::new();
    let auth = world.auth();
    let with = |password| NewUser::new().key(NewKey::with_password(("username", "ada"), password));
    let refused = |result: Result<_, Error>| matches!(result, Err(Error::Password(error)) if error.is_unacceptable());
    assert!(refused(auth.prepare_user(with("short")).await.map(drop)));
    assert!(matches!(auth.prepare_user(with("")).await, Err(Error::Password(PasswordError::Empty))));
    let row = UserSchema::new("ada");
    assert!(refused(auth.prepare_key(&row, NewKey::with_password(("username", "ada"), "short")).await.map(drop)));
    assert!(matches!(auth.prepare_key(&row, NewKey::new(("a:b", "c"))).await, Err(Error::MalformedKeyId(_))));
    let reserved = json!({"id": "eve"});
    assert!(matches!(auth.prepare_user(ada().attributes(&reserved)).await, Err(Error::Attributes(_))));
    let reserved = json!({"user_id": "eve"});
    assert!(matches!(auth.prepare_session(NewSession::new("ada").attributes(&reserved)), Err(Error::Attributes(_))));
    for token in ["", "a b", &"0".repeat(64)] {
        assert!(matches!(auth.prepare_session(NewSession::new("ada").token(token)), Err(Error::MalformedSessionToken)));
    }
    let auth: Auth<Named, Named> =
        world.builder().user_attributes::<Named>().session_attributes::<Named>().build().unwrap();
    world.hasher.take();
    assert!(matches!(auth.prepare_user(ada()).await, Err(Error::Attributes(_))));
    assert_eq!(world.hasher.take(), 0, "a user who cannot be read is not worth a hash");
    assert!(matches!(auth.prepare_session(NewSession::new("ada")), Err(Error::Attributes(_))));
}

async fn stored(world: &World, user: &str) -> usize {
    world.adapter.store().get_sessions_by_user_id(&user.into()).await.unwrap().len()
}

fn limited(world: &World) -> AuthBuilder {
    world.builder().session_created_at("created_at").max_sessions_per_user(2)
}

#[tokio::test]
async fn the_limit_of_sessions_counts_when_a_session_is_completed() {
    let world = World::new();
    let auth = limited(&world).build().unwrap();
    let user = UserSchema::new(a_user(&auth).await);
    for _ in 0..2 {
        auth.create_session(NewSession::new(user.id.clone())).await.unwrap();
        world.clock.advance(DAY / 24);
    }
    let prepared = auth.prepare_session(NewSession::new(user.id.clone())).unwrap();
    assert_eq!(prepared.row.attributes(), &Attributes::from([("created_at", NOW.saturating_add(DAY / 12).get())]));
    world.adapter.store().set_session(&prepared.row).await.unwrap();
    assert_eq!(stored(&world, user.id.as_str()).await, 3, "not yet");
    let session = auth.complete_session(prepared, &user).await.unwrap();
    assert_eq!(stored(&world, user.id.as_str()).await, 2);
    assert!(auth.validate_session(&session.token).await.is_ok(), "the oldest went");
}

#[tokio::test]
async fn a_session_that_cannot_be_completed_is_deleted() {
    for why in ["another user", "an unreadable user", "an outage", "a changed password", "a deleted key"] {
        let world = World::new();
        let auth: Auth<serde_json::Value> = limited(&world)
            .user_attributes_with(|user| match user.id.as_str() {
                "ada" if user.attributes().contains("unreadable") => {
                    user.attributes().deserialize::<Vec<()>>().map(|_| json!({}))
                }
                _ => Ok(json!({})),
            })
            .build()
            .unwrap();
        auth.create_user(ada()).await.unwrap();
        let key = auth.use_key_with_password(("username", "ada"), PASSWORD).await.unwrap();
        let prepared = auth.prepare_session(NewSession::for_key(&key)).unwrap();
        world.adapter.store().set_session(&prepared.row).await.unwrap();
        let mut row = UserSchema::new("ada");
        match why {
            "another user" => row = UserSchema::new("eve"),
            "an unreadable user" => row = row.with_attributes(Attributes::from([("unreadable", 1)])).unwrap(),
            "an outage" => world.adapter.fail(Some("delete_oldest_sessions")),
            "a changed password" => {
                auth.update_key_password(("username", "ada"), Some("another horse")).await.unwrap();
            }
            _ => auth.delete_key(("username", "ada")).await.unwrap(),
        }
        let error = auth.complete_session(prepared, &row).await.unwrap_err();
        let expected = match why {
            "another user" => matches!(error, Error::InvalidUserId { .. }),
            "an unreadable user" => matches!(error, Error::Attributes(_)),
            "an outage" => error.is_unavailable(),
            "a changed password" => matches!(error, Error::InvalidPassword),
            _ => matches!(error, Error::InvalidKeyId { .. }),
        };
        assert!(expected, "{why}: {error:?}");
        assert_eq!(stored(&world, "ada").await, 0, "{why}");
    }
}

#[tokio::test]
async fn a_prepared_session_has_the_form_that_is_configured() {
    let world = World::new();
    for (ids, stored) in [
        (SessionIds::Plain, "chosen".to_owned()),
        (SessionIds::Hashed, lucia_auth::SessionToken::new("chosen").hashed_id().into_string()),
    ] {
        let auth = world.builder().session_ids(ids).session_authenticated_at("authenticated_at").build().unwrap();
        let prepared = auth.prepare_session(NewSession::new("ada").token("chosen")).unwrap();
        assert_eq!(prepared.row.id.as_str(), stored);
        assert_eq!(prepared.row.attributes(), &Attributes::from([("authenticated_at", NOW.get())]));
        let shown = format!("{prepared:?}");
        assert!(!shown.contains("chosen") && !shown.contains(&stored), "{shown}");
    }
}
