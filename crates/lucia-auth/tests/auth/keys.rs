use lucia_auth::{
    AdapterErrorKind, Auth, Error, HashedPassword, NewKey, NewSession, NewUser, PasswordError, PasswordHasher,
    Verification, VerifiedKey,
    lucia_core::{InvalidKeyId, KeyId, KeySchema, KeyUpdate},
};
use tokio::runtime::Handle;

use crate::support::{World, a_user};

fn ada() -> NewKey {
    NewKey::with_password(("username", "ada"), "correct horse")
}

async fn use_key(auth: &Auth, id: (&str, &str), password: Option<&str>) -> Result<VerifiedKey, Error> {
    match password {
        Some(password) => auth.use_key_with_password(id, password).await,
        None => auth.use_key(id).await,
    }
}

#[tokio::test]
async fn a_key_signs_in() {
    let auth = World::new().auth();
    let user = auth.create_user(NewUser::new().key(ada())).await.unwrap().id;
    let key = auth.use_key_with_password(("username", "ada"), "correct horse").await.unwrap();
    assert_eq!((&key.id, &key.user_id, key.password_defined), (&KeyId::new("username", "ada").unwrap(), &user, true));
    assert_eq!(auth.get_key(&key.id).await.unwrap(), *key);
    assert_eq!(auth.get_key(key.id.clone()).await.unwrap(), key.into_key());
}

#[tokio::test]
async fn a_key_without_a_password_signs_in_without_one_only() {
    let auth = World::new().auth();
    auth.create_user(NewUser::new().key(NewKey::new(("github", "1")))).await.unwrap();
    assert!(auth.use_key(("github", "1")).await.is_ok());
    for password in ["", "x"] {
        assert!(matches!(auth.use_key_with_password(("github", "1"), password).await, Err(Error::InvalidPassword)));
    }
}

/// Whatever is wrong, one password is hashed, and one question tells that the sign-in failed.
#[tokio::test]
async fn c14_every_failing_sign_in_costs_the_same() {
    let world = World::new();
    let auth = world.auth();
    let id = auth.create_user(NewUser::new().key(ada())).await.unwrap().id;
    auth.create_key(&id, NewKey::new(("github", "1"))).await.unwrap();
    let bcrypt = KeySchema::new(KeyId::new("username", "old").unwrap(), id.clone())
        .with_hashed_password(HashedPassword::new("$2b$10$abc"));
    world.adapter.store().set_key(&bcrypt).await.unwrap();
    let broken = KeySchema::new(KeyId::new("username", "broken").unwrap(), id)
        .with_hashed_password(HashedPassword::new("nonsense"));
    world.adapter.store().set_key(&broken).await.unwrap();
    world.hasher.take();

    for (provider, user, password, code) in [
        ("username", "nobody", Some("correct horse"), "AUTH_INVALID_KEY_ID"),
        ("username", "nobody", None, "AUTH_INVALID_KEY_ID"),
        ("username", "ada", Some("wrong"), "AUTH_INVALID_PASSWORD"),
        ("username", "ada", Some(""), "AUTH_INVALID_PASSWORD"),
        ("username", "ada", None, "AUTH_INVALID_PASSWORD"),
        ("username", "broken", Some("correct horse"), "AUTH_INVALID_PASSWORD"),
        ("github", "1", Some("x"), "AUTH_INVALID_PASSWORD"),
        ("username", "old", Some("x"), "AUTH_OUTDATED_PASSWORD"),
    ] {
        let error = use_key(&auth, (provider, user), password).await.unwrap_err();
        assert_eq!(error.code(), code, "{provider}:{user}");
        assert!(error.is_invalid_credentials());
        assert_eq!(world.hasher.take(), 1, "{provider}:{user} {password:?}");
    }
}

#[tokio::test]
async fn c15_an_empty_password_is_refused_where_it_is_set() {
    let world = World::new();
    let auth = world.auth();
    let empty = || NewKey::with_password(("username", "ada"), "");
    let refused = |error: Error| matches!(error, Error::Password(PasswordError::Empty));
    assert!(refused(auth.create_user(NewUser::new().id("u1").key(empty())).await.unwrap_err()));
    assert!(matches!(auth.get_user(&"u1".into()).await, Err(Error::InvalidUserId { .. })));
    let id = auth.create_user(NewUser::new().key(ada())).await.unwrap().id;
    assert!(refused(auth.create_key(&id, NewKey::with_password(("email", "a@b"), "")).await.unwrap_err()));
    assert!(refused(auth.update_key_password(("username", "ada"), Some("")).await.unwrap_err()));
    assert!(auth.use_key_with_password(("username", "ada"), "correct horse").await.is_ok());
}

/// Some store wrote an empty text where a hash belongs.
#[tokio::test]
async fn c15_an_empty_hash_lets_nobody_in() {
    let world = World::new();
    let auth = world.auth();
    let id = a_user(&auth).await;
    let row = KeySchema::new(KeyId::new("username", "eve").unwrap(), id).with_hashed_password(HashedPassword::new(""));
    world.adapter.store().set_key(&row).await.unwrap();
    assert!(!auth.get_key(("username", "eve")).await.unwrap().password_defined);
    world.hasher.take();
    for password in [None, Some(""), Some("correct horse")] {
        let refused = use_key(&auth, ("username", "eve"), password).await;
        assert!(matches!(refused, Err(Error::InvalidPassword)), "{password:?}");
        assert_eq!(world.hasher.take(), 1, "{password:?}");
    }
}

#[tokio::test]
async fn c28_a_malformed_provider_is_a_typed_error_everywhere() {
    let auth = World::new().auth();
    let id = a_user(&auth).await;
    for (provider, expected) in [("a:b", InvalidKeyId::ColonInProviderId), ("", InvalidKeyId::EmptyProviderId)] {
        let malformed = |error: Error| matches!(error, Error::MalformedKeyId(found) if found == expected);
        assert!(malformed(auth.use_key_with_password((provider, "1"), "x").await.unwrap_err()));
        assert!(malformed(auth.get_key((provider, "1")).await.unwrap_err()));
        assert!(malformed(auth.delete_key((provider, "1")).await.unwrap_err()));
        assert!(malformed(auth.create_key(&id, NewKey::new((provider, "1"))).await.unwrap_err()));
        assert!(malformed(auth.create_user(NewUser::new().key(NewKey::new((provider, "1")))).await.unwrap_err()));
        assert!(malformed(auth.update_key_password((provider, "1"), None).await.unwrap_err()));
        assert!(malformed(auth.update_key_provider_user_id((provider, "1"), "2").await.unwrap_err()));
    }
}

#[tokio::test]
async fn a_provider_user_id_may_hold_colons() {
    let auth = World::new().auth();
    auth.create_user(NewUser::new().key(NewKey::new(("saml", "urn:x:1")))).await.unwrap();
    let key = auth.get_key(("saml", "urn:x:1")).await.unwrap();
    assert_eq!((key.id.provider_id(), key.id.provider_user_id()), ("saml", "urn:x:1"));
}

#[tokio::test]
async fn s9_a_key_needs_a_user_whatever_the_store_thinks() {
    let auth = World::split().auth();
    assert!(matches!(auth.create_key(&"nobody".into(), ada()).await, Err(Error::InvalidUserId { .. })));
    assert!(matches!(auth.get_all_user_keys(&"nobody".into()).await, Err(Error::InvalidUserId { .. })));
}

#[tokio::test]
async fn passwords_are_set_and_removed() {
    let auth = World::new().auth();
    let id = auth.create_user(NewUser::new().key(ada())).await.unwrap().id;
    assert!(auth.update_key_password(("username", "ada"), Some("battery staple")).await.unwrap().password_defined);
    assert!(auth.use_key_with_password(("username", "ada"), "correct horse").await.is_err());
    assert!(auth.use_key_with_password(("username", "ada"), "battery staple").await.is_ok());
    assert!(!auth.update_key_password(("username", "ada"), None).await.unwrap().password_defined);
    assert!(auth.use_key(("username", "ada")).await.is_ok());
    assert_eq!(auth.get_all_user_keys(&id).await.unwrap().len(), 1);
    assert!(matches!(auth.update_key_password(("username", "nobody"), None).await, Err(Error::InvalidKeyId { .. })));
}

#[tokio::test]
async fn a_key_is_renamed_with_its_password() {
    let auth = World::new().auth();
    let id = auth.create_user(NewUser::new().key(ada())).await.unwrap().id;
    auth.create_key(&id, NewKey::new(("username", "grace"))).await.unwrap();
    let taken = auth.update_key_provider_user_id(("username", "ada"), "grace").await;
    assert!(matches!(taken, Err(Error::DuplicateKeyId { .. })));
    let key = auth.update_key_provider_user_id(("username", "ada"), "lovelace").await.unwrap();
    assert_eq!((key.id.provider_user_id(), key.password_defined), ("lovelace", true));
    assert!(auth.use_key_with_password(("username", "lovelace"), "correct horse").await.is_ok());
    assert!(matches!(auth.get_key(("username", "ada")).await, Err(Error::InvalidKeyId { .. })));
    let unknown = auth.update_key_provider_user_id(("username", "ada"), "byron").await;
    assert!(matches!(unknown, Err(Error::InvalidKeyId { .. })));
}

async fn with_an_old_hash(world: &World) {
    let id = a_user(&world.auth()).await;
    let row = KeySchema::new(KeyId::new("username", "ada").unwrap(), id)
        .with_hashed_password(HashedPassword::new("old:correct horse"));
    world.adapter.store().set_key(&row).await.unwrap();
}

async fn stored_hash(world: &World) -> String {
    let row = world.adapter.store().get_key(&KeyId::new("username", "ada").unwrap()).await.unwrap().unwrap();
    row.hashed_password.unwrap().as_str().to_owned()
}

#[tokio::test]
async fn an_outdated_hash_is_replaced_if_so_configured() {
    let world = World::new();
    with_an_old_hash(&world).await;
    let auth = world.auth();
    auth.use_key_with_password(("username", "ada"), "correct horse").await.unwrap();
    assert_eq!(stored_hash(&world).await, "old:correct horse", "off by default: Lucia JS may still read it");

    let auth = world.builder().rehash_on_use(true).build().unwrap();
    assert!(auth.use_key_with_password(("username", "ada"), "wrong").await.is_err());
    assert_eq!(stored_hash(&world).await, "old:correct horse");
    auth.use_key_with_password(("username", "ada"), "correct horse").await.unwrap();
    assert_eq!(stored_hash(&world).await, "plain:correct horse");
}

/// The password is changed or rehashed while it is checked: the stored hash decides.
#[tokio::test]
async fn a_rehash_that_conflicts_verifies_what_is_stored() {
    let world = World::new();
    with_an_old_hash(&world).await;
    let auth = world.builder().rehash_on_use(true).build().unwrap();
    world.adapter.fail_as("update_key", AdapterErrorKind::Conflict);
    let error = auth.use_key_with_password(("username", "ada"), "correct horse").await.unwrap_err();
    assert!(matches!(error, Error::Adapter(_)), "a store that never comes to an end: {error:?}");
    assert_eq!(stored_hash(&world).await, "old:correct horse");
    world.adapter.fail(Some("update_key"));
    assert!(auth.use_key_with_password(("username", "ada"), "correct horse").await.unwrap_err().is_unavailable());
}

/// Changes the stored password whenever it is asked for a hash, as somebody else may do in that very moment.
#[derive(Debug)]
struct Meddler {
    world: World,
    password: &'static str,
    runtime: Handle,
}

impl PasswordHasher for Meddler {
    fn hash(&self, password: &str) -> Result<HashedPassword, PasswordError> {
        let changed = HashedPassword::new(format!("plain:{}", self.password));
        let changed = KeyUpdate::default().with_hashed_password(Some(changed));
        let id = KeyId::new("username", "ada").unwrap();
        self.runtime.block_on(self.world.adapter.store().update_key(&id, &changed)).unwrap();
        self.world.hasher.hash(password)
    }

    fn verify(&self, password: &str, hash: &HashedPassword) -> Result<Verification, PasswordError> {
        self.world.hasher.verify(password, hash)
    }
}

#[tokio::test]
async fn a_rehash_never_overwrites_a_changed_password() {
    let world = World::new();
    with_an_old_hash(&world).await;
    let meddler = Meddler { world: world.clone(), password: "changed", runtime: Handle::current() };
    let auth = world.builder().password_hash(meddler).rehash_on_use(true).build().unwrap();
    let refused = auth.use_key_with_password(("username", "ada"), "correct horse").await;
    assert!(matches!(refused, Err(Error::InvalidPassword)), "the old password signed in after its change");
    assert_eq!(stored_hash(&world).await, "plain:changed");
}

#[tokio::test]
async fn a_rehash_beside_another_of_the_same_password_signs_in() {
    let world = World::new();
    with_an_old_hash(&world).await;
    let meddler = Meddler { world: world.clone(), password: "correct horse", runtime: Handle::current() };
    let auth = world.builder().password_hash(meddler).rehash_on_use(true).build().unwrap();
    let key = auth.use_key_with_password(("username", "ada"), "correct horse").await.unwrap();
    assert!(auth.create_session(NewSession::for_key(&key)).await.is_ok(), "the proof is of the hash that is stored");
}

#[tokio::test]
async fn a_rehashed_key_signs_in() {
    let world = World::new();
    with_an_old_hash(&world).await;
    let auth = world.builder().rehash_on_use(true).build().unwrap();
    let key = auth.use_key_with_password(("username", "ada"), "correct horse").await.unwrap();
    assert!(auth.create_session(NewSession::for_key(&key)).await.is_ok());
}

/// What happens between the verification and the session that is made with it.
#[tokio::test]
async fn a_session_is_taken_back_if_its_key_is_not_what_was_verified() {
    for world in [World::new(), World::split()] {
        let auth = world.auth();
        let user = auth.create_user(NewUser::new().key(ada())).await.unwrap().id;
        let key = auth.use_key_with_password(("username", "ada"), "correct horse").await.unwrap();
        world.adapter.take_calls();
        assert!(auth.create_session(NewSession::for_key(&key)).await.is_ok());
        assert_eq!(world.adapter.take_calls(), ["set_session_and_get_user", "get_key"], "stored first, then looked at");
        auth.update_key_password(("username", "ada"), Some("battery staple")).await.unwrap();
        auth.invalidate_all_user_sessions(&user).await.unwrap();
        let refused = auth.create_session(NewSession::for_key(&key)).await.unwrap_err();
        assert!(matches!(refused, Error::InvalidPassword), "{refused:?}");
        auth.delete_key(("username", "ada")).await.unwrap();
        let refused = auth.create_session(NewSession::for_key(&key)).await.unwrap_err();
        assert!(matches!(refused, Error::InvalidKeyId { .. }), "{refused:?}");
        // The key of another user by now.
        auth.create_user(NewUser::new().key(ada())).await.unwrap();
        assert!(auth.create_session(NewSession::for_key(&key)).await.unwrap_err().is_invalid_credentials());
        assert!(auth.get_all_user_sessions(&user).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_session_whose_key_cannot_be_looked_at_is_taken_back() {
    let world = World::new();
    let auth = world.auth();
    let user = auth.create_user(NewUser::new().key(ada())).await.unwrap().id;
    let key = auth.use_key_with_password(("username", "ada"), "correct horse").await.unwrap();
    world.adapter.fail(Some("get_key"));
    let error = auth.create_session(NewSession::for_key(&key)).await.unwrap_err();
    assert!(error.is_unavailable() && !error.is_invalid_credentials());
    world.adapter.fail(None);
    assert!(auth.get_all_user_sessions(&user).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_outage_is_never_a_wrong_password() {
    let world = World::new();
    let auth = world.auth();
    auth.create_user(NewUser::new().key(ada())).await.unwrap();
    world.adapter.fail(Some("get_key"));
    let error = auth.use_key_with_password(("username", "ada"), "correct horse").await.unwrap_err();
    assert!(error.is_unavailable() && !error.is_invalid_credentials());
    assert_eq!(error.code(), "UNKNOWN_ERROR");
}
