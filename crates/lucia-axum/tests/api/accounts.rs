use axum::body::Body;
use http::{Method, StatusCode, header};
use serde_json::json;

use crate::client::{Api, As, PASSWORD};

#[tokio::test]
async fn an_account_is_created_once() {
    let api = Api::new();
    let account = json!({ "email": " Ada@Example.com ", "name": "Ada", "password": PASSWORD });
    let created = api.post("/v1/accounts", As::Nobody, account.clone()).await;
    assert_eq!(created.status, StatusCode::CREATED);
    assert_eq!((&created.json["email"], &created.json["name"]), (&json!("ada@example.com"), &json!("Ada")));
    assert!(created.json.get("password").is_none());

    let refused = api.post("/v1/accounts", As::Nobody, account).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert_eq!(refused.headers[header::CONTENT_TYPE], "application/problem+json");
    assert_eq!(refused.json["field"], "email");
}

#[tokio::test]
async fn a_bad_field_is_named() {
    let api = Api::new();
    let long = "a".repeat(300);
    for (field, email, name, password) in [
        ("email", "", "Ada", PASSWORD),
        ("email", "ada", "Ada", PASSWORD),
        ("email", "ada@", "Ada", PASSWORD),
        ("email", "a b@example.com", "Ada", PASSWORD),
        ("email", "ada@example.com@example.com", "Ada", PASSWORD),
        ("email", &format!("{long}@example.com"), "Ada", PASSWORD),
        ("name", "ada@example.com", " ", PASSWORD),
        ("name", "ada@example.com", &long, PASSWORD),
        ("name", "ada@example.com", "A\u{0}da", PASSWORD),
        ("password", "ada@example.com", "Ada", "short"),
        ("password", "ada@example.com", "Ada", &"a".repeat(2_000)),
    ] {
        let account = json!({ "email": email, "name": name, "password": password });
        let answer = api.post("/v1/accounts", As::Nobody, account).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}: {answer:?}");
        assert_eq!(answer.json["field"], field, "{answer:?}");
    }
    let answer = api.post("/v1/tokens", As::Nobody, json!({ "email": "ada@example.com", "password": "short" })).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "nothing was stored");
}

#[tokio::test]
async fn a_body_that_is_not_the_expected_json_is_a_problem() {
    let api = Api::new();
    let json = Some("application/json");
    for (body, content_type, status) in [
        ("{", json, StatusCode::BAD_REQUEST),
        ("", json, StatusCode::BAD_REQUEST),
        ("{}", json, StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"email":1,"name":"","password":""}"#, json, StatusCode::UNPROCESSABLE_ENTITY),
        ("email=a", Some("application/x-www-form-urlencoded"), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("{}", None, StatusCode::UNSUPPORTED_MEDIA_TYPE),
    ] {
        for (path, client) in
            [("/v1/accounts", As::Nobody), ("/v1/tokens", As::Nobody), ("/v1/session", As::Browser(None))]
        {
            let answer = api.send(Method::POST, path, client, Body::from(body), content_type).await;
            assert_eq!(answer.status, status, "{path} {body}");
            assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json");
        }
    }
    let large = Body::from(vec![b' '; 20_000]);
    let answer = api.send(Method::POST, "/v1/accounts", As::Nobody, large, json).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(api.get("/v1/nothing", As::Nobody).await.json["code"], "NOT_FOUND");
}
