use axum::{Router, body::Body};
use http::{Method, StatusCode};
use lucia_auth::{Env, Throttle, ThrottleKey};
use serde_json::{Value, json};

use crate::{
    app,
    client::{Answer, As, PASSWORD, credentials, send},
    databases::Databases,
};

async fn post(router: &Router, path: &str, body: Value) -> Answer {
    send(router, Method::POST, path, As::Nobody, Body::from(body.to_string()), Some("application/json")).await
}

#[tokio::test]
async fn postgres_has_the_users_and_redis_the_sessions() {
    let databases = Databases::create().await;
    let stores = app::open_stores(&databases.postgres(), databases.redis(), false).await.unwrap();
    let throttle = Throttle::new(stores.counters, ThrottleKey::generate().unwrap());
    let router = app::router(&app::auth(stores.accounts).throttle(throttle).env(Env::Dev).build().unwrap());

    let account = json!({ "email": "ada@example.com", "name": "Ada", "password": PASSWORD });
    assert_eq!(post(&router, "/v1/accounts", account.clone()).await.status, StatusCode::CREATED);
    assert_eq!(post(&router, "/v1/accounts", account).await.status, StatusCode::CONFLICT);
    let issued = post(&router, "/v1/tokens", credentials("ada@example.com", PASSWORD)).await;
    let token = issued.json["token"].as_str().unwrap();
    let me = send(&router, Method::GET, "/v1/me", As::App(token), Body::empty(), None).await;
    assert_eq!(me.json["name"], "Ada");
    let list = send(&router, Method::GET, "/v1/sessions", As::App(token), Body::empty(), None).await;
    assert_eq!(list.json[0]["device"], "Unknown device");
    let out = send(&router, Method::DELETE, "/v1/session", As::App(token), Body::empty(), None).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    let me = send(&router, Method::GET, "/v1/me", As::App(token), Body::empty(), None).await;
    assert_eq!(me.status, StatusCode::UNAUTHORIZED);
    drop(router);
    databases.drop().await;
}
