use std::{sync::Arc, time::Duration};

use http::{StatusCode, header};
use lucia_auth::{SplitAdapter, memory::MemoryAdapter};

use crate::{
    client::{Api, As, PASSWORD, credentials},
    unreliable::Sessions,
};

const ADA: &str = "ada@example.com";
const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn an_app_signs_in_with_a_token_and_out() {
    let api = Api::new();
    api.sign_up(ADA).await;
    let issued = api.post("/v1/tokens", As::Nobody, credentials("ADA@example.com", PASSWORD)).await;
    assert_eq!(issued.status, StatusCode::CREATED);
    assert_eq!(issued.json["account"]["email"], ADA);
    assert!(issued.cookie("auth_session").is_none(), "an app has no cookies");
    let token = issued.json["token"].as_str().unwrap();

    let me = api.get("/v1/me", As::App(token)).await;
    assert_eq!((me.status, me.json["email"].as_str()), (StatusCode::OK, Some(ADA)));
    assert_eq!(api.delete("/v1/session", As::App(token)).await.status, StatusCode::NO_CONTENT);
    let me = api.get("/v1/me", As::App(token)).await;
    assert_eq!(me.status, StatusCode::UNAUTHORIZED);
    assert_eq!(me.headers[header::WWW_AUTHENTICATE], "Bearer error=\"invalid_token\"");
    assert_eq!(me.json["code"], "AUTH_INVALID_TOKEN");
    assert_eq!(api.get("/v1/me", As::Nobody).await.json["code"], "AUTH_NOT_AUTHENTICATED");
}

#[tokio::test]
async fn a_browser_signs_in_with_a_cookie_and_out() {
    let api = Api::new();
    api.sign_up(ADA).await;
    let answer = api.post("/v1/session", As::Browser(None), credentials(ADA, PASSWORD)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.json.get("token").is_none(), "scripts must not see it");
    let cookie = answer.cookie("auth_session").unwrap();
    assert!(answer.cookie("auth_device").is_some());
    let (_, token) = cookie.split_once('=').unwrap();
    assert!(!answer.json.to_string().contains(token));

    let me = api.get("/v1/me", As::Browser(Some(&cookie))).await;
    assert_eq!((me.status, me.json["email"].as_str()), (StatusCode::OK, Some(ADA)));
    let out = api.delete("/v1/session", As::Browser(Some(&cookie))).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert_eq!(out.cookie("auth_session").unwrap(), "auth_session=");
    assert_eq!(api.get("/v1/me", As::Browser(Some(&cookie))).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_browser_that_signs_in_again_leaves_its_old_session() {
    let api = Api::new();
    api.sign_up(ADA).await;
    let old = api.cookie(ADA).await;
    let answer = api.post("/v1/session", As::Browser(Some(&old)), credentials(ADA, PASSWORD)).await;
    let new = answer.cookie("auth_session").unwrap();
    assert_eq!(api.get("/v1/me", As::Browser(Some(&old))).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(api.get("/v1/me", As::Browser(Some(&new))).await.status, StatusCode::OK);
}

#[tokio::test]
async fn another_site_can_neither_sign_in_nor_out() {
    let api = Api::new();
    api.sign_up(ADA).await;
    let cookie = api.cookie(ADA).await;
    let out = api.delete("/v1/session", As::OtherSite(&cookie)).await;
    assert_eq!((out.status, out.json["code"].as_str()), (StatusCode::FORBIDDEN, Some("AUTH_INVALID_REQUEST")));
    let sign_in = api.post("/v1/session", As::OtherSite(&cookie), credentials(ADA, PASSWORD)).await;
    assert_eq!(sign_in.status, StatusCode::FORBIDDEN);
    assert_eq!(api.get("/v1/me", As::Browser(Some(&cookie))).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_failed_sign_in_does_not_reveal_who_has_an_account() {
    let api = Api::new();
    api.sign_up(ADA).await;
    let mut answers = Vec::new();
    for (email, password) in [(ADA, "wrong password"), ("nobody@example.com", PASSWORD), ("ada", PASSWORD), ("", "")] {
        for (path, client) in [("/v1/tokens", As::Nobody), ("/v1/session", As::Browser(None))] {
            let answer = api.post(path, client, credentials(email, password)).await;
            assert!(answer.headers.get(header::SET_COOKIE).is_none());
            answers.push((answer.status, answer.json));
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(answers[0].0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_session_expires_unless_it_is_used_and_ends_after_ninety_days() {
    let api = Api::new();
    api.sign_up(ADA).await;
    let (used, unused) = (api.token(ADA, "used").await, api.token(ADA, "unused").await);
    for day in 1..=9 {
        api.clock.advance(10 * DAY + Duration::from_secs(1));
        let expected = if day < 9 { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
        assert_eq!(api.get("/v1/me", As::App(&used)).await.status, expected, "after {day} times ten days");
    }
    assert_eq!(api.get("/v1/me", As::App(&unused)).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_outage_is_not_a_sign_out() {
    let sessions = Arc::new(Sessions::new());
    let api = Api::with_adapter(SplitAdapter::new(MemoryAdapter::new(), Arc::clone(&sessions)));
    api.sign_up(ADA).await;
    let (token, cookie) = (api.token(ADA, "app").await, api.cookie(ADA).await);
    sessions.set_down(true);
    for client in [As::App(&token), As::Browser(Some(&cookie))] {
        let answer = api.get("/v1/me", client).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.json["code"], "AUTH_UNAVAILABLE");
        assert!(answer.headers.get(header::SET_COOKIE).is_none());
    }
    sessions.set_down(false);
    assert!(sessions.take_reads() > 0);
    assert_eq!(api.get("/v1/me", As::App(&token)).await.status, StatusCode::OK);
}
