use std::{
    error::Error as _,
    future::poll_fn,
    pin::pin,
    sync::{Mutex, mpsc},
    task::Poll,
};

use lucia_auth::{HashedPassword, PasswordError, PasswordHasher, PasswordRejection, PasswordRules, Verification};
use serde_json::json;
use tokio::sync::mpsc::UnboundedSender;

use crate::{
    password_rules::{rejected, rejection, set_everywhere, user},
    support::World,
};

fn rules() -> PasswordRules {
    PasswordRules::new().min_guesses(100_000_000)
}

#[tokio::test]
async fn passwords_that_are_easy_to_guess_cannot_be_set() {
    let world = World::new();
    let auth = world.builder().password_rules(rules()).build().unwrap();
    for error in set_everywhere(&world, &auth, "password1234").await {
        assert_eq!(error.source().unwrap().to_string(), "the password is too easy to guess");
        assert_eq!(rejection(error), PasswordRejection::Guessable);
    }
    for password in
        ["qwertyuiop[]", "P4$$w0rd!", "abcdefgh", "aaaaaaaaaaaaaaaaaaaaaaaa", "10.12.1815", "ｐａｓｓｗｏｒｄ"]
    {
        assert_eq!(rejected(&auth, password).await, PasswordRejection::Guessable, "{password}");
    }
    for password in ["correct horse", "xkF9a-qP", "καλό άλογο εδώ"] {
        let id = auth.create_user(user(password)).await.unwrap().id;
        auth.delete_user(&id).await.unwrap();
    }
    World::new().auth().create_user(user("password1234")).await.unwrap();
}

#[tokio::test]
async fn passwords_that_are_easy_to_guess_from_their_context_cannot_be_set() {
    let rules = rules().words(["Quizzaciously"]).words_from_attributes(["name"]);
    let auth = World::new().builder().password_rules(rules).build().unwrap();
    for password in ["ada12345", "quizzaciously1", "Br0nnikovska", "AksvokinnorB1"] {
        let new = user(password).attributes(&json!({"name": "Olga Bronnikovska"}));
        let error = auth.create_user(new).await.unwrap_err();
        assert_eq!(rejection(error), PasswordRejection::ContextWord, "{password}");
    }
    let new = user("Br0nnikovska").attributes(&json!({"name": "Ada"}));
    auth.create_user(new).await.unwrap();
}

/// A longer text of digits and signs that can replace letters would take a second.
#[tokio::test]
async fn only_the_first_characters_are_judged() {
    let auth = World::new().builder().password_rules(rules()).build().unwrap();
    let start = "a".repeat(32);
    assert_eq!(rejected(&auth, &format!("{start}xkF9a-qP and more")).await, PasswordRejection::Guessable);
    auth.create_user(user(&format!("xkF9a-qP {start}"))).await.unwrap();
}

/// A hasher that reports the start of a hash, and ends it on demand.
#[derive(Debug)]
struct Held {
    started: UnboundedSender<()>,
    release: Mutex<mpsc::Receiver<()>>,
}

impl PasswordHasher for Held {
    fn hash(&self, password: &str) -> Result<HashedPassword, PasswordError> {
        self.started.send(()).map_err(PasswordError::hasher)?;
        self.release.lock().unwrap().recv().map_err(PasswordError::hasher)?;
        Ok(HashedPassword::new(password))
    }

    fn verify(&self, _: &str, _: &HashedPassword) -> Result<Verification, PasswordError> {
        Ok(Verification::Invalid)
    }
}

/// An estimate takes up to some hashes' time, so it must not run on an async worker.
#[tokio::test]
async fn the_estimate_waits_for_a_thread_for_hashing() {
    let (started, mut starts) = tokio::sync::mpsc::unbounded_channel();
    let (release, released) = mpsc::channel();
    let hasher = Held { started, release: Mutex::new(released) };
    let auth =
        World::new().builder().password_rules(rules()).password_hash(hasher).hash_concurrency(1).build().unwrap();
    let hashing = tokio::spawn({
        let auth = auth.clone();
        async move { auth.create_user(user("correct horse")).await }
    });
    starts.recv().await.unwrap();
    let mut waiting = pin!(rejected(&auth, "password1234"));
    poll_fn(|context| {
        assert!(waiting.as_mut().poll(context).is_pending(), "estimated beside the only hash");
        Poll::Ready(())
    })
    .await;
    release.send(()).unwrap();
    assert_eq!(waiting.await, PasswordRejection::Guessable);
    hashing.await.unwrap().unwrap();
}
