use std::{
    error::Error as _,
    sync::{Arc, Mutex},
};

use lucia_auth::{
    Auth, BuildError, Error, HashedPassword, NewKey, NewUser, PasswordCheck, PasswordContext, PasswordError,
    PasswordRejection, PasswordRules,
    lucia_core::{KeyId, KeySchema, async_trait},
};
use serde_json::json;

use crate::support::{World, a_user};

pub(crate) fn user(password: &str) -> NewUser {
    NewUser::new().key(NewKey::with_password(("username", "ada"), password))
}

pub(crate) fn rejection(error: Error) -> PasswordRejection {
    match error {
        Error::Password(PasswordError::Rejected(rejection)) => rejection,
        error => panic!("not a rejection: {error:?}"),
    }
}

pub(crate) async fn rejected(auth: &Auth, password: &str) -> PasswordRejection {
    rejection(auth.create_user(user(password)).await.unwrap_err())
}

/// Tries to set a password in each of the ways, and returns the errors. Expects that nothing was hashed or written.
pub(crate) async fn set_everywhere(world: &World, auth: &Auth, password: &str) -> Vec<Error> {
    let id = a_user(auth).await;
    auth.create_key(&id, NewKey::new(("username", "grace"))).await.unwrap();
    world.adapter.take_calls();
    world.hasher.take();
    let errors = vec![
        auth.create_user(user(password)).await.unwrap_err(),
        auth.create_key(&id, NewKey::with_password(("username", "ada"), password)).await.unwrap_err(),
        auth.update_key_password(("username", "grace"), Some(password)).await.unwrap_err(),
    ];
    assert_eq!(world.adapter.take_calls(), ["get_user", "get_key"]);
    assert_eq!(world.hasher.take(), 0);
    auth.delete_user(&id).await.unwrap();
    errors
}

#[tokio::test]
async fn a_short_password_cannot_be_set() {
    let world = World::new();
    let auth = world.auth();
    for error in set_everywhere(&world, &auth, "7 chars").await {
        assert_eq!(error.code(), "AUTH_UNACCEPTABLE_PASSWORD");
        assert!(!error.is_unavailable() && !error.is_invalid_credentials());
        let shown = error.source().unwrap().to_string();
        assert_eq!(shown, "the password must have at least 8 characters");
        assert_eq!(rejection(error), PasswordRejection::TooShort { min: 8 });
    }
    auth.create_user(user("8  chars")).await.unwrap();

    let world = World::new();
    let auth = world.builder().password_rules(PasswordRules::new().min_length(15)).build().unwrap();
    assert_eq!(rejected(&auth, "fourteen chars").await, PasswordRejection::TooShort { min: 15 });
    auth.create_user(user("fifteen   chars")).await.unwrap();
}

#[tokio::test]
async fn the_length_is_counted_in_code_points_after_normalisation() {
    let auth = World::new().auth();
    // Fourteen code points that normalise to seven, and eight of four bytes each.
    assert_eq!(rejected(&auth, &"e\u{301}".repeat(7)).await, PasswordRejection::TooShort { min: 8 });
    assert_eq!(rejected(&auth, &"🐎".repeat(7)).await, PasswordRejection::TooShort { min: 8 });
    for password in ["e\u{301}".repeat(8), "🐎".repeat(8), "\u{fdfa}".to_owned()] {
        let id = auth.create_user(user(&password)).await.unwrap().id;
        auth.use_key_with_password(("username", "ada"), &password).await.unwrap();
        auth.delete_user(&id).await.unwrap();
    }
}

#[tokio::test]
async fn existing_passwords_keep_signing_in() {
    let world = World::new();
    let rules = PasswordRules::new().check(Recorder::default().reject(PasswordRejection::Breached));
    let auth = world.builder().password_rules(rules).rehash_on_use(true).build().unwrap();
    let id = a_user(&auth).await;
    for (name, hash) in [("ada", "plain:short"), ("grace", "old:short")] {
        let key = KeySchema::new(KeyId::new("username", name).unwrap(), id.clone());
        world.adapter.store().set_key(&key.with_hashed_password(HashedPassword::new(hash))).await.unwrap();
        auth.use_key_with_password(("username", name), "short").await.unwrap();
        let row = world.adapter.store().get_key(&KeyId::new("username", name).unwrap()).await.unwrap().unwrap();
        assert_eq!(row.hashed_password.unwrap().as_str(), "plain:short");
        let key = auth.update_key_provider_user_id(("username", name), &format!("new {name}")).await.unwrap();
        auth.update_key_password(&key.id, None).await.unwrap();
    }
}

#[tokio::test]
async fn without_rules_any_password_but_an_empty_one_can_be_set() {
    let auth = World::new().builder().password_rules(PasswordRules::none()).build().unwrap();
    assert!(matches!(auth.create_user(user("")).await, Err(Error::Password(PasswordError::Empty))));
    for password in ["a", "ada"] {
        let id = auth.create_user(user(password)).await.unwrap().id;
        auth.delete_user(&id).await.unwrap();
    }
}

#[test]
fn build_rejects_rules_that_no_password_complies_with() {
    let builder =
        |min| World::new().builder().max_password_length(64).password_rules(PasswordRules::new().min_length(min));
    assert_eq!(builder(65).build().unwrap_err(), BuildError::NoAcceptablePassword);
    builder(64).build().unwrap();
}

#[tokio::test]
async fn a_password_is_not_a_word_of_its_context() {
    let world = World::new();
    let rules = PasswordRules::new().words(["Example Shop"]).words_from_attributes(["email", "name", "age", "no"]);
    let auth = world.builder().password_rules(rules).build().unwrap();
    let profile = json!({"email": "ada.lovelace@mail.test", "name": "Ada King Noel", "age": 36});
    let id = auth.create_user(NewUser::new().id("u1").attributes(&profile)).await.unwrap().id;
    let grace = || ("username", "grace-hopper");
    auth.create_key(&id, NewKey::new(grace())).await.unwrap();
    for password in [
        "grace-hopper",
        "Grace Hopper!",
        "ＧＲＡＣＥＨＯＰＰＥＲ",
        "Example Shop",
        "exampleshop",
        "ada.lovelace@mail.test",
        "AdaLovelace",
        "lovelace",
        "mail.test",
        "ada king noel",
    ] {
        let key = NewKey::with_password(("username", "grace-hopper"), password);
        let new = NewUser::new().key(key.clone()).attributes(&profile);
        for result in [
            auth.create_user(new).await.map(drop),
            auth.create_key(&id, key).await.map(drop),
            auth.update_key_password(grace(), Some(password)).await.map(drop),
        ] {
            assert_eq!(rejection(result.unwrap_err()), PasswordRejection::ContextWord, "{password}");
        }
    }
    // NIST compares the entire password only.
    for password in ["grace-hopper's", "lovelace lovelace", "36363636", "!!!!!!!!"] {
        auth.update_key_password(grace(), Some(password)).await.unwrap();
    }
}

#[tokio::test]
async fn a_change_of_password_reads_the_user_for_their_attributes_only() {
    for (rules, calls) in [
        (PasswordRules::new().words(["Acme"]), vec!["get_key", "update_key"]),
        (PasswordRules::new().words_from_attributes(["email"]), vec!["get_key", "get_user", "update_key"]),
    ] {
        let world = World::new();
        let auth = world.builder().password_rules(rules).build().unwrap();
        auth.create_user(user("correct horse")).await.unwrap();
        world.adapter.take_calls();
        auth.update_key_password(("username", "ada"), Some("battery staple")).await.unwrap();
        assert_eq!(world.adapter.take_calls(), calls);
    }
}

/// A check that records what it is called with, and answers as told.
#[derive(Clone, Debug, Default)]
struct Recorder {
    calls: Arc<Mutex<Vec<String>>>,
    rejection: Option<PasswordRejection>,
    outage: Option<&'static str>,
}

impl Recorder {
    fn reject(&self, rejection: PasswordRejection) -> Self {
        Self { rejection: Some(rejection), ..self.clone() }
    }

    fn fail(&self, outage: &'static str) -> Self {
        Self { outage: Some(outage), ..self.clone() }
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }
}

#[async_trait]
impl PasswordCheck for Recorder {
    async fn check(&self, password: &str, context: &PasswordContext<'_>) -> Result<(), PasswordError> {
        let words: Vec<_> = context.words().collect();
        self.calls.lock().unwrap().push(format!("{} {password} {words:?}", context.key_id()));
        match (&self.rejection, self.outage) {
            (Some(rejection), _) => Err(rejection.clone().into()),
            (None, Some(outage)) => Err(PasswordError::check_failed(outage)),
            (None, None) => Ok(()),
        }
    }
}

#[tokio::test]
async fn checks_see_the_normalised_password_and_its_context() {
    let recorder = Recorder::default();
    let rules = PasswordRules::new().words(["Acme"]).words_from_attributes(["name"]).check(recorder.clone());
    let auth = World::new().builder().password_rules(rules).build().unwrap();
    let key = |password| NewKey::with_password(("email", "a.lovelace@x.test"), password);
    let name = json!({"name": "Ａda K."});
    assert!(auth.create_user(NewUser::new().key(key("short")).attributes(&name)).await.is_err());
    assert!(recorder.take().is_empty(), "a password that is rejected anyway needs no check");
    auth.create_user(NewUser::new().key(key("cafe\u{301} cafe\u{301}")).attributes(&name)).await.unwrap();
    let words = r#"["a.lovelace@x.test", "a.lovelace", "x.test", "lovelace", "test", "acme", "ada k.", "ada"]"#;
    assert_eq!(recorder.take(), [format!("email:a.lovelace@x.test café café {words}")]);
}

#[tokio::test]
async fn the_first_check_that_rejects_decides() {
    let recorder = Recorder::default();
    let own = PasswordRejection::Other("choose a password of the office".into());
    let rules = PasswordRules::new()
        .check(recorder.clone())
        .check(recorder.reject(own.clone()))
        .check(recorder.reject(PasswordRejection::Breached));
    let world = World::new();
    let auth = world.builder().password_rules(rules).build().unwrap();
    for error in set_everywhere(&world, &auth, "correct horse").await {
        assert_eq!(error.source().unwrap().to_string(), "choose a password of the office");
        assert_eq!(rejection(error), own);
    }
    assert_eq!(recorder.take().len(), 3 * 2);
}

#[tokio::test]
async fn a_check_that_fails_keeps_the_password_from_being_set() {
    let world = World::new();
    let rules = PasswordRules::new().check(Recorder::default().fail("connection refused"));
    let auth = world.builder().password_rules(rules).build().unwrap();
    for error in set_everywhere(&world, &auth, "correct horse").await {
        assert!(error.is_unavailable() && !error.is_invalid_credentials());
        assert_eq!(error.code(), "UNKNOWN_ERROR");
        let failed = error.source().unwrap();
        assert_eq!(failed.to_string(), "the password could not be checked");
        assert_eq!(failed.source().unwrap().to_string(), "connection refused");
        assert!(failed.downcast_ref::<PasswordError>().is_some_and(|error| !error.is_unacceptable()));
    }
}

#[tokio::test]
async fn a_password_is_not_checked_for_a_user_that_does_not_exist() {
    let recorder = Recorder::default();
    let rules = PasswordRules::new().check(recorder.clone());
    let auth = World::split().builder().password_rules(rules).build().unwrap();
    let key = NewKey::with_password(("username", "ada"), "correct horse");
    assert!(matches!(auth.create_key(&"nobody".into(), key).await, Err(Error::InvalidUserId { .. })));
    let changed = auth.update_key_password(("username", "ada"), Some("correct horse")).await;
    assert!(matches!(changed, Err(Error::InvalidKeyId { .. })));
    assert!(recorder.take().is_empty());
}
