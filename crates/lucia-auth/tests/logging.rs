//! Tests that `Auth` logs no secret.
//!
//! This test has a separate process, because `tracing` caches the interest in a callsite: one that another thread
//! reached while the recorder was being installed could stay disabled.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

#[expect(dead_code, reason = "shared with the tests of `Auth`")]
mod support;

use std::sync::{Arc, Mutex};

use http::Request;
use lucia_auth::{Client, NewKey, NewSession, NewToken, NewUser, TokenPurpose, Tokens, memory::MemoryAdapter};
use tracing::{
    Event, Id, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use support::{DAY, World};

/// Records the fields of every event and span of this crate.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<String>>);

impl Visit for &Recorder {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.lock().unwrap().push_str(&format!("{field}={value:?}\n"));
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("lucia")
    }
    fn new_span(&self, attributes: &span::Attributes<'_>) -> Id {
        attributes.record(&mut &*self);
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, values: &span::Record<'_>) {
        values.record(&mut &*self);
    }
    fn event(&self, event: &Event<'_>) {
        assert!(*event.metadata().level() >= Level::INFO, "no warning or error");
        event.record(&mut &*self);
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// Neither the log nor any `Debug` output contains a secret.
#[tokio::test]
async fn c19_no_secret_is_logged() {
    let recorder = Recorder::default();
    tracing::subscriber::set_global_default(recorder.clone()).unwrap();
    let world = World::new();
    let auth = world.builder().rehash_on_use(true).build().unwrap();
    let new = NewUser::new().id("ada-id").key(NewKey::with_password(("username", "ada"), "correct horse"));
    let mut debugged = format!("{new:?} {auth:?} {:?}", world.builder());
    let user = auth.create_user(new).await.unwrap().id;
    for password in [Some("correct horse"), Some("battery staple"), None] {
        let used = match password {
            Some(password) => auth.use_key_with_password(("username", "ada"), password).await,
            None => auth.use_key(("username", "ada")).await,
        };
        debugged += &format!("{used:?}");
    }
    let client = Client::new().address([203, 0, 113, 7].into());
    let key = auth.use_key_with_password(("username", "ada"), "correct horse").client(&client).await.unwrap();
    let cookie = auth.device_cookie(&client, &key).unwrap();
    let client = client.device(cookie.value());
    debugged += &format!("{client:?} {cookie:?} {:?}", auth.attempt("code", "ada", &client).await);
    for _ in 0..12 {
        let guess = auth.use_key_with_password(("username", "nobody"), "battery staple").client(&client);
        debugged += &format!("{guess:?} ");
        debugged += &format!("{:?}", guess.await);
    }
    auth.update_key_password(("username", "ada"), Some("new horse")).await.unwrap();
    let session = auth.create_session(NewSession::new(user.clone()).token("secret-session")).await.unwrap();
    world.clock.advance(2 * DAY);
    let request =
        Request::post("/").header("origin", "https://evil.example").header("cookie", "auth_session=secret-session");
    let request = auth.handle_request(&request.body(()).unwrap());
    request.validate().await.unwrap();
    debugged += &format!("{session:?} {request:?}");
    auth.validate_session(&session.token).await.unwrap();
    let recent = world.builder().session_authenticated_at("authenticated_at").build().unwrap();
    for password in ["battery staple", "new horse"] {
        let confirming = recent.confirm_password(&session, password);
        debugged += &format!("{confirming:?} ");
        match confirming.await {
            Ok(confirmed) => recent.invalidate_session(&confirmed.id).await.unwrap(),
            Err(error) => debugged += &format!("{error:?}"),
        }
    }
    let session = auth.create_session(NewSession::new(user.clone()).token("secret-session")).await.unwrap();
    let rotated = auth.rotate_session(&session.id).await.unwrap();
    auth.invalidate_session(&rotated.id).await.unwrap();
    debugged += &format!("{:?}", auth.get_session(&rotated.token).await);

    let tokens = Tokens::new(auth.clone(), MemoryAdapter::without_foreign_keys());
    let reset = NewToken::for_key(TokenPurpose::PASSWORD_RESET, ("username", "ada")).bound_to("secret-binding");
    debugged += &format!("{reset:?} {tokens:?}");
    let first = tokens.issue(reset.clone()).await.unwrap();
    let peeked = tokens.peek(TokenPurpose::PASSWORD_RESET, first.as_str()).await;
    let code = tokens.issue_code(reset.clone()).await.unwrap();
    let wrong = if code.as_str() == "123456" { "654321" } else { "123456" };
    let tried = tokens.redeem_code(TokenPurpose::PASSWORD_RESET, &user, wrong).await;
    let redeemed = tokens.redeem_code(TokenPurpose::PASSWORD_RESET, &user, code.as_str()).await;
    debugged += &format!("{first:?} {peeked:?} {code:?} {tried:?} {redeemed:?}");
    let link = tokens.issue(reset).await.unwrap();
    debugged += &format!("{:?}", tokens.reset_password(link.as_str(), "another horse").await);
    debugged += &format!("{:?}", tokens.redeem(TokenPurpose::PASSWORD_RESET, link.as_str()).await);

    world.adapter.fail(Some("get_first_session_and_user"));
    debugged += &format!("{:?}", auth.get_session(&rotated.token).await);
    auth.delete_user(&user).await.unwrap();

    let logged = recorder.0.lock().unwrap().clone();
    assert!(logged.contains("ada-id") && logged.contains("AUTH_INVALID_PASSWORD"), "nothing was logged: {logged}");
    for secret in [
        "horse",
        "staple",
        "plain:",
        "secret-",
        rotated.id.as_str(),
        "203.0.113",
        "nobody",
        cookie.value(),
        first.as_str(),
        link.as_str(),
    ] {
        assert!(!logged.contains(secret), "{secret} in the log: {logged}");
        assert!(!debugged.contains(secret), "{secret} in Debug: {debugged}");
    }
}
