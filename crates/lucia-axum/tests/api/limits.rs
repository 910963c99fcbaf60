use std::time::Duration;

use http::{StatusCode, header};

use crate::client::{Api, As, PASSWORD, credentials};

#[tokio::test]
async fn guesses_are_limited_whether_the_account_exists_or_not() {
    let api = Api::new();
    api.sign_up("ada@example.com").await;
    let device = api.post("/v1/session", As::Browser(None), credentials("ada@example.com", PASSWORD)).await;
    let device = device.cookie("auth_device").unwrap();
    let mut refusals = Vec::new();
    for email in ["ada@example.com", "nobody@example.com"] {
        for _ in 0..10 {
            let answer = api.post("/v1/tokens", As::Nobody, credentials(email, "wrong password")).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        }
        let answer = api.post("/v1/tokens", As::Nobody, credentials(email, PASSWORD)).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "even with the right password");
        assert_eq!(answer.json["code"], "AUTH_TOO_MANY_ATTEMPTS");
        refusals.push((answer.headers[header::RETRY_AFTER].clone(), answer.json));
    }
    refusals.dedup();
    assert_eq!(refusals.len(), 1, "{refusals:?}");

    let known = api.post("/v1/session", As::Browser(Some(&device)), credentials("ada@example.com", PASSWORD)).await;
    assert_eq!(known.status, StatusCode::OK, "guesses of others do not lock a known device out");
    api.clock.advance(Duration::from_secs(15 * 60 + 1));
    api.token("ada@example.com", "a new phone").await;
}
