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
async fn a_key_without_a_password_accepts_no_password() {
    let auth = World::new().auth();
    auth.create_user(NewUser::new().key(NewKey::new(("github", "1")))).await.unwrap();
    assert!(auth.use_key(("github", "1")).await.is_ok());
    for password in ["", "x"] {
        assert!(matches!(auth.use_key_with_password(("github", "1"), password).await, Err(Error::InvalidPassword)));
    }
}

/// Whatever is wrong, one password is hashed, and `is_invalid_credentials` returns `true`.
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
async fn c15_an_empty_password_cannot_be_set() {
    let world = World::new();
    let auth = world.auth();
    let empty = || NewKey::with_password(("username", "ada"), "");
    let rejected = |error: Error| matches!(error, Error::Password(PasswordError::Empty));
    assert!(rejected(auth.create_user(NewUser::new().id("u1").key(empty())).await.unwrap_err()));
    assert!(matches!(auth.get_user(&"u1".into()).await, Err(Error::InvalidUserId { .. })));
    let id = auth.create_user(NewUser::new().key(ada())).await.unwrap().id;
    assert!(rejected(auth.create_key(&id, NewKey::with_password(("email", "a@b"), "")).await.unwrap_err()));
    assert!(rejected(auth.update_key_password(("username", "ada"), Some("")).await.unwrap_err()));
    assert!(auth.use_key_with_password(("username", "ada"), "correct horse").await.is_ok());
}

/// A store may contain an empty text instead of a hash.
#[tokio::test]
async fn c15_an_empty_hash_matches_no_password() {
    let world = World::new();
    let auth = world.auth();
    let id = a_user(&auth).await;
    let row = KeySchema::new(KeyId::new("username", "eve").unwrap(), id).with_hashed_password(HashedPassword::new(""));
    world.adapter.store().set_key(&row).await.unwrap();
    assert!(!auth.get_key(("username", "eve")).await.unwrap().password_defined);
    world.hasher.take();
    for password in [None, Some(""), Some("correct horse")] {
        let rejected = use_key(&auth, ("username", "eve"), password).await;
        assert!(matches!(rejected, Err(Error::InvalidPassword)), "{password:?}");
        assert_eq!(world.hasher.take(), 1, "{password:?}");
    }
}

#[tokio::test]
async fn c28_every_method_rejects_a_malformed_provider() {
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
async fn a_provider_user_id_may_contain_colons() {
    let auth = World::new().auth();
    auth.create_user(NewUser::new().key(NewKey::new(("saml", "urn:x:1")))).await.unwrap();
    let key = auth.get_key(("saml", "urn:x:1")).await.unwrap();
    assert_eq!((key.id.provider_id(), key.id.provider_user_id()), ("saml", "urn:x:1"));
}

#[tokio::test]
async fn s9_a_key_needs_a_user_even_without_foreign_keys() {
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

async fn store_an_old_hash(world: &World) {
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
async fn an_outdated_hash_is_replaced_only_if_configured() {
    let world = World::new();
    store_an_old_hash(&world).await;
    let auth = world.auth();
    auth.use_key_with_password(("username", "ada"), "correct horse").await.unwrap();
    assert_eq!(
        stored_hash(&world).await,
        "old:correct horse",
        "off by default, because Lucia JS may still read the hash"
    );

    let auth = world.builder().rehash_on_use(true).build().unwrap();
    assert!(auth.use_key_with_password(("username", "ada"), "wrong").await.is_err());
    assert_eq!(stored_hash(&world).await, "old:correct horse");
    auth.use_key_with_password(("username", "ada"), "correct horse").await.unwrap();
    assert_eq!(stored_hash(&world).await, "plain:correct horse");
}

/// The password is changed or rehashed while it is checked: the stored hash decides.
#[tokio::test]
async fn a_conflicting_rehash_verifies_the_stored_hash() {
    let world = World::new();
    store_an_old_hash(&world).await;
    let auth = world.builder().rehash_on_use(true).build().unwrap();
    world.adapter.fail_as("update_key", AdapterErrorKind::Conflict);
    let error = auth.use_key_with_password(("username", "ada"), "correct horse").await.unwrap_err();
    assert!(matches!(error, Error::Adapter(_)), "a store that always conflicts: {error:?}");
    assert_eq!(stored_hash(&world).await, "old:correct horse");
    world.adapter.fail(Some("update_key"));
    assert!(auth.use_key_with_password(("username", "ada"), "correct horse").await.unwrap_err().is_unavailable());
}

/// A hasher that changes the stored password before it hashes, as a concurrent request may do.
#[derive(Debug)]
struct ConcurrentChange {
    world: World,
    password: &'static str,
    runtime: Handle,
}

impl PasswordHasher for ConcurrentChange {
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
    store_an_old_hash(&world).await;
    let hasher = ConcurrentChange { world: world.clone(), password: "changed", runtime: Handle::current() };
    let auth = world.builder().password_hash(hasher).rehash_on_use(true).build().unwrap();
    let rejected = auth.use_key_with_password(("username", "ada"), "correct horse").await;
    assert!(matches!(rejected, Err(Error::InvalidPassword)), "the old password was accepted after its change");
    assert_eq!(stored_hash(&world).await, "plain:changed");
}

#[tokio::test]
async fn a_rehash_concurrent_with_another_of_the_same_password_signs_in() {
    let world = World::new();
    store_an_old_hash(&world).await;
    let hasher = ConcurrentChange { world: world.clone(), password: "correct horse", runtime: Handle::current() };
    let auth = world.builder().password_hash(hasher).rehash_on_use(true).build().unwrap();
    let key = auth.use_key_with_password(("username", "ada"), "correct horse").await.unwrap();
    assert!(auth.create_session(NewSession::for_key(&key)).await.is_ok(), "the verified key refers to the stored hash");
}

#[tokio::test]
async fn a_rehashed_key_signs_in() {
    let world = World::new();
    store_an_old_hash(&world).await;
    let auth = world.builder().rehash_on_use(true).build().unwrap();
    let key = auth.use_key_with_password(("username", "ada"), "correct horse").await.unwrap();
    assert!(auth.create_session(NewSession::for_key(&key)).await.is_ok());
}

/// The key may change between its verification and the creation of the session.
#[tokio::test]
async fn a_session_is_deleted_if_its_key_changed_after_the_verification() {
    for world in [World::new(), World::split()] {
        let auth = world.auth();
        let user = auth.create_user(NewUser::new().key(ada())).await.unwrap().id;
        let key = auth.use_key_with_password(("username", "ada"), "correct horse").await.unwrap();
        world.adapter.take_calls();
        assert!(auth.create_session(NewSession::for_key(&key)).await.is_ok());
        assert_eq!(
            world.adapter.take_calls(),
            ["set_session_and_get_user", "get_key"],
            "the session is stored before the key is read"
        );
        auth.update_key_password(("username", "ada"), Some("battery staple")).await.unwrap();
        auth.invalidate_all_user_sessions(&user).await.unwrap();
        let rejected = auth.create_session(NewSession::for_key(&key)).await.unwrap_err();
        assert!(matches!(rejected, Error::InvalidPassword), "{rejected:?}");
        auth.delete_key(("username", "ada")).await.unwrap();
        let rejected = auth.create_session(NewSession::for_key(&key)).await.unwrap_err();
        assert!(matches!(rejected, Error::InvalidKeyId { .. }), "{rejected:?}");
        // The key now belongs to another user.
        auth.create_user(NewUser::new().key(ada())).await.unwrap();
        assert!(auth.create_session(NewSession::for_key(&key)).await.unwrap_err().is_invalid_credentials());
        assert!(auth.get_all_user_sessions(&user).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_session_is_deleted_if_its_key_cannot_be_read() {
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
async fn an_outage_is_not_a_wrong_password() {
    let world = World::new();
    let auth = world.auth();
    auth.create_user(NewUser::new().key(ada())).await.unwrap();
    world.adapter.fail(Some("get_key"));
    let error = auth.use_key_with_password(("username", "ada"), "correct horse").await.unwrap_err();
    assert!(error.is_unavailable() && !error.is_invalid_credentials());
    assert_eq!(error.code(), "UNKNOWN_ERROR");
}
