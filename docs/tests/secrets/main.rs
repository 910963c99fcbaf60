//! Tests that the output of no public type contains a secret: a session id, a password, a hash, a cookie or a token.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod shown;
mod public_types;
mod rows;
mod key_value;
mod throttle;
mod tokens;
mod auth;
mod requests;
mod sql;
mod redis;
mod over_http;

use self::{public_types::public_types, shown::Shown};

const SESSION_ID: &str = "secret0session0id";
const PASSWORD: &str = "secret password";
const HASH: &str = "secret:hash";
const TOKEN: &str = "secret-token";

#[tokio::test]
async fn no_public_type_shows_a_secret() {
    let mut shown = Shown::default();
    rows::show(&mut shown).await;
    key_value::show(&mut shown).await;
    auth::show(&mut shown).await;
    requests::show(&mut shown).await;
    requests::errors(&mut shown).await;
    sql::show(&mut shown).await;
    sql::drivers(&mut shown);
    redis::show(&mut shown).await;
    over_http::client(&mut shown);
    over_http::stores(&mut shown).await;
    over_http::objects(&mut shown).await;
    for (name, text) in &shown.texts {
        for secret in shown.secrets.iter().map(String::as_str).chain(["secret", "$argon2"]) {
            assert!(!text.to_lowercase().contains(secret), "{name} shows a secret: {text}");
        }
    }
    let missing: Vec<_> = public_types().into_iter().filter(|name| !shown.texts.contains_key(name)).collect();
    assert!(missing.is_empty(), "types that this test does not show: {missing:?}");
}
