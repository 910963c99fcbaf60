//! Tests of what every set of features provides: keys without passwords, sessions, and listed trusted origins.

use lucia_auth::{
    Attempt, Auth, AuthRequest, BuildError, Client, Csrf, Error, HashPlainSessions, HashedPassword, InvalidThrottleKey,
    KeyId, KeySchema, ManualClock, NewKey, NewSession, NewToken, NewUser, OneTimeToken, PreparedSession, PreparedUser,
    Redeemed, Session, SessionInfo, Throttle, ThrottleKey, TokenInfo, TokenPurpose, Tokens, UnixMillis,
    UserAdapter as _, http::Request, memory::MemoryAdapter,
};
use serde_json::json;

#[tokio::test]
async fn a_key_without_a_password_signs_in() {
    let auth = Auth::builder(MemoryAdapter::new()).build().unwrap();
    let user = auth.create_user(NewUser::new().key(NewKey::new(("github", "583231")))).await.unwrap();
    let key = auth.use_key(("github", "583231")).await.unwrap();
    assert_eq!(key.user_id, user.id);
    let session = auth.create_session(NewSession::for_key(&key)).await.unwrap();
    assert_eq!(auth.validate_session(&session.token).await.unwrap().user, user);

    assert!(matches!(auth.use_key(("github", "1")).await, Err(Error::InvalidKeyId { .. })));
    assert!(matches!(auth.use_key(("git:hub", "1")).await, Err(Error::MalformedKeyId(_))));
    auth.update_key_provider_user_id(&key.id, "583232").await.unwrap();
    let changed = auth.create_session(NewSession::for_key(&key)).await;
    assert!(matches!(changed, Err(Error::InvalidKeyId { .. })), "the key was renamed since it was verified");
}

#[tokio::test]
async fn a_key_with_a_password_does_not_sign_in_without_it() {
    let adapter = MemoryAdapter::new();
    let auth = Auth::builder(adapter.clone()).build().unwrap();
    let user = auth.create_user(NewUser::new()).await.unwrap();
    for (name, hash) in [("ada", "s2:salt:00ff"), ("eve", "")] {
        let key = KeySchema::new(KeyId::new("username", name).unwrap(), user.id.clone());
        adapter.set_key(&key.with_hashed_password(HashedPassword::new(hash))).await.unwrap();
        assert!(matches!(auth.use_key(("username", name)).await, Err(Error::InvalidPassword)), "{name}");
    }
}

#[tokio::test]
async fn the_json_of_a_session_contains_neither_its_token_nor_its_id() {
    let auth = Auth::builder(MemoryAdapter::new()).clock(ManualClock::new(UnixMillis::EPOCH)).build().unwrap();
    let user = auth.create_user(NewUser::new().id("u1").key(NewKey::new(("github", "583231")))).await.unwrap();
    let session = auth.create_session(NewSession::new(user.id.clone()).token("secret")).await.unwrap();
    let expected = json!({
        "user": { "id": "u1", "attributes": {} },
        "handle": session.handle().to_string(),
        "active_period_expires_at": 86_400_000,
        "idle_period_expires_at": 1_296_000_000,
        "state": "active",
        "fresh": false,
        "created_at": null,
        "authenticated_at": null,
        "attributes": {},
    });
    assert_eq!(serde_json::to_value(&session).unwrap(), expected);
    let mut listed = serde_json::to_value(&auth.get_all_user_sessions(&user.id).await.unwrap()[0]).unwrap();
    listed["user"] = json!({ "id": listed["user_id"].take(), "attributes": {} });
    assert_eq!((&listed["user"], &listed["handle"]), (&expected["user"], &expected["handle"]));
    assert!(!serde_json::to_string(&(&session, &listed)).unwrap().contains("secret"));
    let key = auth.get_key(("github", "583231")).await.unwrap();
    let expected = json!({ "id": "github:583231", "user_id": "u1", "password_defined": false });
    assert_eq!(serde_json::to_value(&key).unwrap(), expected);
}

#[test]
fn types_are_shared_between_threads() {
    const fn shared<T: Send + Sync>() {}
    shared::<(Auth, AuthRequest, Tokens, Throttle, ThrottleKey, Client, Attempt<'_>)>();
    shared::<(NewToken, OneTimeToken, Redeemed, TokenInfo, TokenPurpose)>();
    shared::<(Session, SessionInfo, PreparedSession, PreparedUser, HashPlainSessions<'_, MemoryAdapter>)>();
    shared::<(Error, BuildError, InvalidThrottleKey)>();
}

#[cfg(feature = "password")]
#[test]
fn checks_of_passwords_are_sent_between_threads() {
    use lucia_auth::{ConfirmPassword, PasswordError, PasswordRejection, PasswordRules, UseKey};

    const fn awaited_anywhere<T: IntoFuture<IntoFuture: Send>>() {}
    const fn shared<T: Send + Sync>() {}
    awaited_anywhere::<UseKey<'_>>();
    awaited_anywhere::<ConfirmPassword<'_>>();
    shared::<(PasswordRules, PasswordRejection, PasswordError)>();
}

#[test]
fn listed_origins_are_trusted() {
    let csrf = Csrf::new().trusted_origins(["https://admin.example.com"]);
    let auth = Auth::builder(MemoryAdapter::new()).csrf_protection(csrf).build().unwrap();
    let from = |origin| {
        let request = Request::post("/").header("host", "example.com").header("origin", origin).body(()).unwrap();
        auth.validate_request_origin(&request).is_ok()
    };
    for origin in ["https://example.com", "https://EXAMPLE.com:443", "https://admin.example.com"] {
        assert!(from(origin), "{origin}");
    }
    for origin in ["https://other.example.com", "https://example.com.evil", "http://example.com", "null", "https://"] {
        assert!(!from(origin), "{origin}");
    }
}

#[cfg(not(feature = "public-suffix"))]
#[test]
fn patterns_of_origins_require_the_list_of_suffixes() {
    use lucia_auth::{BuildError, InvalidCsrf};

    let csrf = Csrf::new().trusted_origins(["https://*.example.com"]);
    let error = Auth::builder(MemoryAdapter::new()).csrf_protection(csrf).build().unwrap_err();
    let BuildError::Csrf(InvalidCsrf::UncheckedPattern { pattern, .. }) = &error else { panic!("{error:?}") };
    assert_eq!(pattern, "https://*.example.com");
}
