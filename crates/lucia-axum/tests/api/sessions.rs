use std::time::Duration;

use http::StatusCode;

use crate::client::{Answer, Api, As};

const ADA: &str = "ada@example.com";

fn devices(list: &Answer) -> Vec<&str> {
    list.json.as_array().unwrap().iter().map(|session| session["device"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn devices_are_listed_and_signed_out_by_their_handle() {
    let api = Api::new();
    api.sign_up(ADA).await;
    let phone = api.token(ADA, "phone").await;
    api.clock.advance(Duration::from_secs(60));
    let tablet = api.token(ADA, "tab\u{7}let").await;
    let list = api.get("/v1/sessions", As::App(&phone)).await;
    assert_eq!(devices(&list), ["tablet", "phone"]);
    assert_eq!(list.json[1]["is_current"], true);
    for token in [&phone, &tablet] {
        assert!(!list.json.to_string().contains(token.as_str()), "a listing has no tokens");
    }

    let path = format!("/v1/sessions/{}", list.json[0]["handle"].as_str().unwrap());
    assert_eq!(api.delete(&path, As::App(&phone)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(api.get("/v1/me", As::App(&tablet)).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(devices(&api.get("/v1/sessions", As::App(&phone)).await), ["phone"]);
    assert_eq!(api.delete(&path, As::App(&phone)).await.json["code"], "UNKNOWN_SESSION");
    for strange in ["x", "%ff", "0000000000000000", &phone] {
        let answer = api.delete(&format!("/v1/sessions/{strange}"), As::App(&phone)).await;
        assert!(answer.status.is_client_error(), "{strange}");
    }
    assert_eq!(devices(&api.get("/v1/sessions", As::App(&phone)).await), ["phone"]);
}

#[tokio::test]
async fn the_sessions_of_others_can_be_neither_seen_nor_ended() {
    let api = Api::new();
    api.sign_up(ADA).await;
    api.sign_up("eve@example.com").await;
    let (ada, eve) = (api.token(ADA, "ada's").await, api.token("eve@example.com", "eve's").await);
    let handle = api.get("/v1/sessions", As::App(&ada)).await.json[0]["handle"].as_str().unwrap().to_owned();
    assert_eq!(devices(&api.get("/v1/sessions", As::App(&eve)).await), ["eve's"]);
    let answer = api.delete(&format!("/v1/sessions/{handle}"), As::App(&eve)).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(api.get("/v1/me", As::App(&ada)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_further_device_signs_the_oldest_out() {
    let api = Api::new();
    api.sign_up(ADA).await;
    let mut tokens = Vec::new();
    for device in 0..21 {
        tokens.push(api.token(ADA, &device.to_string()).await);
        api.clock.advance(Duration::from_secs(1));
    }
    let list = api.get("/v1/sessions", As::App(tokens.last().unwrap())).await;
    assert_eq!(devices(&list).len(), 20);
    assert_eq!(api.get("/v1/me", As::App(&tokens[0])).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(api.get("/v1/me", As::App(&tokens[1])).await.status, StatusCode::OK);
}
