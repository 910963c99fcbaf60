use std::{sync::atomic::Ordering, time::Duration};

use lucia_auth::{
    AttributesError, AuthBuilder, BuildError, Error, NewKey, NewSession, NewUser, SessionPeriods, UserId,
    lucia_core::{KeyId, KeySchema, SessionSchema, UserSchema},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::{DAY, NOW, World, a_user};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Profile {
    username: String,
    bio: Option<String>,
}

#[tokio::test]
async fn ids_are_random_lower_case_letters_and_digits() {
    let auth = World::new().auth();
    let (one, two) = (a_user(&auth).await, a_user(&auth).await);
    assert_ne!(one, two);
    for id in [one, two] {
        assert_eq!(id.as_str().len(), 15);
        assert!(id.as_str().bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()), "{id}");
    }
}

#[tokio::test]
async fn ids_may_be_generated_by_the_application() {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let generate = move || UserId::new(format!("00000000-0000-7000-8000-{:012}", next.fetch_add(1, Ordering::SeqCst)));
    let auth = World::new().builder().user_id(generate).build().unwrap();
    assert_eq!(a_user(&auth).await.as_str(), "00000000-0000-7000-8000-000000000000");
    assert_eq!(a_user(&auth).await.as_str(), "00000000-0000-7000-8000-000000000001");
    let named = auth.create_user(NewUser::new().id("u1")).await.unwrap();
    assert_eq!(named.id.as_str(), "u1");
}

#[tokio::test]
async fn c27_create_user_returns_what_later_reads_return() {
    let auth = World::new().builder().user_attributes::<Profile>().build().unwrap();
    let profile = Profile { username: "ada".into(), bio: None };
    let created = auth.create_user(NewUser::new().id("u1").attributes(&profile)).await.unwrap();
    assert_eq!(created.attributes, profile);
    assert_eq!(auth.get_user(&created.id).await.unwrap(), created);
}

#[tokio::test]
async fn a_user_whose_attributes_do_not_fit_the_type_is_not_stored() {
    let world = World::new();
    let auth = world.builder().user_attributes::<Profile>().build().unwrap();
    let error = auth.create_user(NewUser::new().id("u1").attributes(&json!({"username": 7}))).await.unwrap_err();
    assert!(
        matches!(&error, Error::Attributes(AttributesError::Mismatch { name, .. }) if name == "username"),
        "{error:?}"
    );
    assert_eq!(error.code(), "AUTH_INVALID_ATTRIBUTES");
    assert!(world.adapter.take_calls().is_empty());
}

#[tokio::test]
async fn c8_reserved_user_attributes_are_rejected() {
    let world = World::new();
    let auth = world.auth();
    let user = auth.create_user(NewUser::new().attributes(&json!({"id": "u2"}))).await;
    assert!(matches!(user, Err(Error::Attributes(AttributesError::Reserved { .. }))));
    let id = a_user(&auth).await;
    world.adapter.take_calls();
    let update = auth.update_user_attributes(&id, &json!({"id": "u2"})).await;
    assert!(matches!(update, Err(Error::Attributes(AttributesError::Reserved { .. }))));
    assert!(world.adapter.take_calls().is_empty());
}

#[tokio::test]
async fn updates_are_partial_and_may_set_null() {
    let auth = World::new().builder().user_attributes::<Profile>().build().unwrap();
    let profile = Profile { username: "ada".into(), bio: Some("first".into()) };
    let id = auth.create_user(NewUser::new().attributes(&profile)).await.unwrap().id;
    let updated = auth.update_user_attributes(&id, &json!({"bio": null})).await.unwrap();
    assert_eq!(updated.attributes, Profile { username: "ada".into(), bio: None });
    assert!(matches!(auth.update_user_attributes(&"no".into(), &json!({})).await, Err(Error::InvalidUserId { .. })));
}

#[tokio::test]
async fn attributes_may_be_computed_from_the_row() {
    let auth =
        World::new().builder().user_attributes_with(|row: &UserSchema| Ok(row.id.as_str().len())).build().unwrap();
    assert_eq!(auth.create_user(NewUser::new().id("four")).await.unwrap().attributes, 4);
}

#[tokio::test]
async fn a_duplicate_key_leaves_no_user() {
    let world = World::new();
    let auth = world.auth();
    let key = || NewKey::with_password(("username", "ada"), "correct horse");
    auth.create_user(NewUser::new().id("u1").key(key())).await.unwrap();
    let error = auth.create_user(NewUser::new().id("u2").key(key())).await.unwrap_err();
    assert_eq!(error.code(), "AUTH_DUPLICATE_KEY_ID");
    assert!(matches!(auth.get_user(&"u2".into()).await, Err(Error::InvalidUserId { .. })));
    let error = auth.create_user(NewUser::new().id("u1").key(NewKey::new(("github", "1")))).await.unwrap_err();
    assert!(matches!(error, Error::DuplicateUserId { .. }));
    assert!(matches!(auth.get_key(("github", "1")).await, Err(Error::InvalidKeyId { .. })));
}

#[tokio::test]
async fn deleting_a_user_deletes_keys_and_sessions() {
    let world = World::split();
    let auth = world.auth();
    let id = auth.create_user(NewUser::new().key(NewKey::new(("github", "1")))).await.unwrap().id;
    let session = auth.create_session(NewSession::new(id.clone())).await.unwrap();
    auth.delete_user(&id).await.unwrap();
    auth.delete_user(&id).await.unwrap();
    assert!(matches!(auth.get_user(&id).await, Err(Error::InvalidUserId { .. })));
    assert!(matches!(auth.get_key(("github", "1")).await, Err(Error::InvalidKeyId { .. })));
    assert!(world.adapter.store().get_session(&session.id).await.unwrap().is_none());
}

/// A session and a key that appear between the first and the last step of the deletion are still deleted.
#[tokio::test]
async fn c17_a_sign_in_during_the_deletion_leaves_no_session_and_no_key() {
    let world = World::split();
    let auth = world.auth();
    let id = a_user(&auth).await;
    world.adapter.fail(Some("delete_user"));
    assert!(auth.delete_user(&id).await.unwrap_err().is_unavailable());
    world.adapter.fail(None);

    let session = auth.create_session(NewSession::new(id.clone())).await.unwrap();
    let key = KeySchema::new(KeyId::new("github", "1").unwrap(), id.clone());
    world.adapter.store().set_key(&key).await.unwrap();
    auth.delete_user(&id).await.unwrap();
    let calls = world.adapter.take_calls();
    let position = |method| calls.iter().rposition(|call| *call == method).unwrap();
    assert!(position("delete_sessions_by_user_id") > position("delete_user"), "{calls:?}");
    assert!(position("get_keys_by_user_id") > position("delete_user"), "{calls:?}");
    assert!(auth.get_session(&session.token).await.is_err());
}

/// Concurrent sign-ins and one deletion, in any order, leave no session.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn c17_no_session_survives_a_parallel_deletion() {
    for round in 0..50 {
        let world = World::split();
        let auth = world.auth();
        let id = a_user(&auth).await;
        let sign_ins: Vec<_> = (0..4)
            .map(|_| {
                let (auth, id) = (auth.clone(), id.clone());
                tokio::spawn(async move { auth.create_session(NewSession::new(id)).await.map(|session| session.id) })
            })
            .collect();
        auth.delete_user(&id).await.unwrap();
        for sign_in in sign_ins {
            let _ = sign_in.await.unwrap();
        }
        let left = world.adapter.store().get_sessions_by_user_id(&id).await.unwrap();
        assert!(left.is_empty(), "round {round}: {} sessions left", left.len());
    }
}

#[tokio::test]
async fn an_error_of_an_adapter_names_the_operation() {
    let world = World::new();
    world.adapter.fail(Some("get_user"));
    let Err(Error::Adapter(error)) = world.auth().get_user(&"u1".into()).await else {
        panic!("expected an error of the adapter");
    };
    assert_eq!(error.to_string(), "get_user: the store is unavailable");
    assert_eq!(error.operation(), Some("get_user"));
}

#[tokio::test]
async fn rows_read_by_the_application_can_be_transformed() {
    let auth = World::new().auth();
    let user = UserSchema::new("u1");
    let session = SessionSchema::new("s1", "u1", NOW, NOW);
    assert_eq!(auth.transform_database_user(&user).unwrap().id, UserId::new("u1"));
    assert_eq!(
        auth.transform_database_session(&"s1".into(), &session, &user, false).unwrap().idle_period_expires_at,
        NOW
    );
}

/// `build` returns an error for a wrong setting instead of ending the process, and accepts a boxed adapter.
#[tokio::test]
async fn c24_c34_build_accepts_any_adapter_and_rejects_wrong_settings() {
    let boxed: Box<dyn lucia_auth::Adapter> = Box::new(lucia_auth::memory::MemoryAdapter::new());
    let builder: AuthBuilder = lucia_auth::Auth::builder(boxed);
    assert!(matches!(builder.session_created_at("user_id").build(), Err(BuildError::SessionAttribute { .. })));
    let zero = SessionPeriods { active: Duration::ZERO, idle: Duration::from_micros(900) };
    let builder = || World::new().builder();
    for (builder, option) in [
        (builder().hash_concurrency(0), "hash_concurrency"),
        (builder().max_password_length(0), "max_password_length"),
        (builder().session_expires_in(zero), "session_expires_in"),
        (builder().absolute_session_lifetime(Duration::ZERO), "absolute_session_lifetime"),
        (builder().max_sessions_per_user(0), "max_sessions_per_user"),
    ] {
        let error = builder.build().unwrap_err().to_string();
        assert!(error.starts_with(&format!("`{option}` must be at least")), "{error}");
    }
    for builder in [builder().absolute_session_lifetime(DAY), builder().max_sessions_per_user(1)] {
        assert!(matches!(builder.build(), Err(BuildError::NoSessionCreatedAt { .. })));
    }
    let renewed_by_each_request = SessionPeriods { active: Duration::ZERO, idle: DAY };
    builder().session_expires_in(renewed_by_each_request).build().unwrap();
}
