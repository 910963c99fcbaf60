use std::{sync::Arc, time::Duration};

use lucia_auth::{Argon2id, Error, HashedPassword, NewKey, NewUser, PasswordError, PasswordHasher, Verification};
use reqwest::{Response, StatusCode};
use serde_json::json;
use tokio::{sync::Mutex, task::JoinSet};

use crate::{
    mailbox::receive,
    server::Server,
    visitor::{PASSWORD, Visitor, alert, assert_redirect, problems},
};

/// The number of failures that an account may have in a quarter of an hour.
const LIMIT: usize = 10;

async fn guess(server: &Server, name: &str) -> Response {
    Visitor::of(server).sign_in(name, "a guess of mine").await
}

#[tokio::test]
async fn too_many_guesses_are_answered_by_429_and_the_time_to_wait() {
    let server = Server::start().await;
    Visitor::of(&server).sign_up("ada").await;
    let mut answers = Vec::new();
    // An account that does not exist is limited in the same way.
    for name in ["ada", "nobody", "nobody@example.com"] {
        for _ in 0..LIMIT {
            assert_eq!(guess(&server, name).await.status(), StatusCode::BAD_REQUEST);
        }
        let refused = guess(&server, name).await;
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS, "{name}");
        let retry_after = refused.headers()["retry-after"].to_str().unwrap().to_owned();
        answers.push((retry_after, refused.text().await.unwrap().replace(name, "NAME")));
    }
    assert_eq!(answers[0].0, "901", "a window of a quarter of an hour, and its last millisecond");
    assert_eq!(alert(&answers[0].1), "Too many attempts. Try again in 15 minutes.");
    assert!(answers[0].1.contains("choose a new password</a> by mail"), "{}", answers[0].1);
    answers.dedup();
    assert_eq!(answers.len(), 1);

    let correct = Visitor::of(&server).sign_in("ada", PASSWORD).await;
    assert_eq!(correct.status(), StatusCode::TOO_MANY_REQUESTS, "the password is not verified");
    server.clock.advance(Duration::from_secs(901));
    assert_redirect(&Visitor::of(&server).sign_in("ada", PASSWORD).await, "/account");
}

#[tokio::test]
async fn the_limit_of_an_account_is_the_same_for_its_name_and_its_address() {
    let server = Server::start().await;
    Visitor::of(&server).sign_up("ada").await;
    for attempt in 0..LIMIT {
        let name = ["ada", "ada@example.com", "Ada", " ADA@example.com"][attempt % 4];
        assert_eq!(guess(&server, name).await.status(), StatusCode::BAD_REQUEST);
    }
    for name in ["ada", "ada@example.com"] {
        assert_eq!(guess(&server, name).await.status(), StatusCode::TOO_MANY_REQUESTS, "{name}");
    }
}

#[tokio::test]
async fn a_known_device_signs_in_while_strangers_guess() {
    let server = Server::start().await;
    let ada = Visitor::of(&server);
    ada.sign_up("ada").await;
    assert_redirect(&ada.sign_in("ada", PASSWORD).await, "/account");
    ada.post("/sign-out", &[]).await;
    for _ in 0..=LIMIT {
        guess(&server, "ada").await;
    }
    assert_eq!(guess(&server, "ada").await.status(), StatusCode::TOO_MANY_REQUESTS);
    // By its address, too.
    for name in ["ada", "ada@example.com"] {
        assert_redirect(&ada.sign_in(name, PASSWORD).await, "/account");
    }
    // A device may not guess without end, either.
    for _ in 0..LIMIT {
        assert_eq!(ada.sign_in("ada", "a guess of mine").await.status(), StatusCode::BAD_REQUEST);
    }
    assert_eq!(ada.sign_in("ada", PASSWORD).await.status(), StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_stolen_session_does_not_allow_endless_guesses_of_the_password() {
    let server = Server::start().await;
    let thief = Visitor::of(&server);
    thief.sign_up("ada").await;
    for _ in 0..LIMIT {
        assert_eq!(thief.post("/account/delete", &[("password", "a guess")]).await.status(), StatusCode::BAD_REQUEST);
    }
    for (path, field, id) in [
        ("/account/delete", "password", "delete_password"),
        ("/account/password", "current_password", "current_password"),
    ] {
        let refused = thief.post(path, &[(field, PASSWORD)]).await;
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS, "{path}");
        assert!(refused.headers().contains_key("retry-after"));
        let page = refused.text().await.unwrap();
        assert!(alert(&page).starts_with("Too many attempts."), "{page}");
        assert_eq!(problems(&page), [(id, alert(&page))], "it is shown at its form");
    }
    assert!(thief.is_signed_in().await);
}

#[tokio::test]
async fn nobody_finds_out_by_signing_up_which_of_many_names_belong_to_an_address() {
    let server = Server::start().await;
    Visitor::of(&server).sign_up("ada").await;
    let visitor = Visitor::of(&server);
    // The account's own sign-up is the first.
    for attempt in 1..LIMIT {
        let response = visitor.try_sign_up(&format!("name{attempt}"), "ada@example.com", PASSWORD).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    }
    let refused = visitor.try_sign_up("name", "ada@example.com", PASSWORD).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key("retry-after"));
    let page = refused.text().await.unwrap();
    assert!(alert(&page).starts_with("Too many attempts."), "{page}");
    for typed in [r#"value="name""#, r#"value="ada@example.com""#] {
        assert!(page.contains(typed), "what was typed is kept: {page}");
    }
}

#[tokio::test]
async fn a_sign_up_with_an_unacceptable_password_tells_nothing_and_does_not_count() {
    let server = Server::start().await;
    Visitor::of(&server).sign_up("ada").await;
    let visitor = Visitor::of(&server);
    for (username, email) in [("ada", "ada@example.com"), ("eve", "ada@example.com"), ("eve", "eve@example.com")] {
        for _ in 0..=LIMIT {
            let short = visitor.try_sign_up(username, email, "short").await;
            assert_eq!(short.status(), StatusCode::BAD_REQUEST);
            let page = short.text().await.unwrap();
            assert_eq!(problems(&page), [("password", "The password must have at least 8 characters.")]);
        }
    }
}

/// Ends no hash until the gate is open.
#[derive(Debug)]
struct Gated(Arc<Mutex<()>>);

impl PasswordHasher for Gated {
    fn hash(&self, password: &str) -> Result<HashedPassword, PasswordError> {
        let _open = self.0.blocking_lock();
        Argon2id::default().hash(password)
    }

    fn verify(&self, password: &str, hash: &HashedPassword) -> Result<Verification, PasswordError> {
        Argon2id::default().verify(password, hash)
    }
}

#[tokio::test]
async fn a_sign_up_while_the_queue_of_hashes_is_full_tells_nothing_and_does_not_count() {
    let gate = Arc::new(Mutex::new(()));
    let server = Server::start_with_hasher(Gated(Arc::clone(&gate))).await;
    Visitor::of(&server).sign_up("ada").await;
    let closed = gate.lock().await;
    let mut waiting = JoinSet::new();
    let refused = loop {
        let (auth, username) = (server.auth.clone(), waiting.len().to_string());
        let attributes = json!({ "username": username, "email": "", "email_verified": false });
        let key = NewKey::with_password(("username", username), PASSWORD);
        waiting.spawn(async move { auth.create_user(NewUser::new().key(key).attributes(&attributes)).await });
        tokio::task::yield_now().await;
        if let Some(ended) = waiting.try_join_next() {
            break ended.unwrap();
        }
    };
    assert!(matches!(refused, Err(Error::Busy { .. })), "{refused:?}");

    let visitor = Visitor::of(&server);
    for (username, email) in [("ada", "ada@example.com"), ("eve", "ada@example.com"), ("eve", "eve@example.com")] {
        for _ in 0..=LIMIT {
            let busy = visitor.try_sign_up(username, email, PASSWORD).await;
            assert_eq!(busy.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert!(busy.headers().contains_key("retry-after"));
            assert_eq!(alert(&busy.text().await.unwrap()), "Too many people are signing in. Try again in a moment.");
        }
    }
    waiting.abort_all();
    drop(closed);
}

#[tokio::test]
async fn a_refused_form_for_an_address_is_shown_again_with_it() {
    let server = Server::start().await;
    let ada = Visitor::of(&server);
    ada.sign_up("ada").await;
    receive(&ada, "ada@example.com", "Confirm your e-mail address").await;
    for attempt in 0..LIMIT {
        let sent = ada.post("/account/email", &[("email", &format!("new{attempt}@example.com"))]).await;
        assert_redirect(&sent, "/account?notice=link-sent");
        let sent_again = ada.post("/account/email/verify", &[]).await;
        assert_redirect(&sent_again, "/account?notice=link-too-early");
    }
    for (path, form) in [("/account/email", r#"value="new@example.com""#), ("/account/email/verify", r#"id="resend""#)]
    {
        let refused = ada.post(path, &[("email", "new@example.com")]).await;
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS, "{path}");
        assert!(refused.headers().contains_key("retry-after"));
        let page = refused.text().await.unwrap();
        assert!(alert(&page).starts_with("Too many attempts.") && page.contains(form), "{page}");
        assert!(path == "/account/email" || page.contains(r#"id="resend-error""#), "{page}");
    }
}
