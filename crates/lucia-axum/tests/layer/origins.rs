use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, routing::any};
use http::{Request, StatusCode};
use lucia_axum::{AuthLayer, BearerSession, CurrentSession};

use crate::support::{World, send, set_cookies, text};

fn app(layer: AuthLayer, runs: &Arc<AtomicUsize>) -> Router {
    let runs = Arc::clone(runs);
    let handler = |session: Option<CurrentSession>, token: Option<BearerSession>| async move {
        runs.fetch_add(1, Ordering::SeqCst);
        format!("{} {}", session.is_some(), token.is_some())
    };
    Router::new().route("/", any(handler)).layer(layer)
}

#[tokio::test]
async fn cookies_of_foreign_origins_are_ignored() {
    let world = World::new().await;
    let runs = Arc::default();
    let app = app(AuthLayer::new(world.auth.clone()), &runs);
    for (method, origin, expected) in [
        ("POST", "https://example.com", "true false"),
        ("POST", "https://evil.example", "false false"),
        ("POST", "null", "false false"),
        ("GET", "https://evil.example", "true false"),
    ] {
        let response = send(&app, world.request(method, "/").header("origin", origin)).await;
        assert!(set_cookies(&response).is_empty(), "another site must not sign users out");
        assert_eq!(text(response).await, expected, "{method} {origin}");
    }
    assert_eq!(text(send(&app, world.request("POST", "/")).await).await, "false false", "without an origin");
    assert_eq!(runs.load(Ordering::SeqCst), 5);
}

#[tokio::test]
async fn foreign_origins_are_rejected_before_the_handler() {
    let world = World::new().await;
    let runs = Arc::default();
    let app = app(AuthLayer::new(world.auth.clone()).reject_foreign_origins(), &runs);
    for request in [
        world.request("POST", "/").header("origin", "https://evil.example"),
        world.request("POST", "/").header("origin", "null"),
        world.request("DELETE", "/"),
        world.request("POST", "/").header("origin", "https://evil.example").header("authorization", "Bearer x"),
    ] {
        assert_eq!(send(&app, request).await.status(), StatusCode::FORBIDDEN);
    }
    assert_eq!(runs.load(Ordering::SeqCst), 0);
    assert_eq!(world.sessions.take_reads(), 0);

    let own = send(&app, world.request("POST", "/").header("origin", "https://example.com")).await;
    assert_eq!(text(own).await, "true false");
    let token = send(&app, world.bearer("POST", "/")).await;
    assert_eq!(text(token).await, "false true", "browsers do not send a token by themselves");
}

/// Browsers add the credentials of HTTP authentication by themselves, even to forms of other sites.
#[tokio::test]
async fn http_authentication_is_not_a_bearer_token() {
    let world = World::new().await;
    let runs = Arc::default();
    let app = app(AuthLayer::new(world.auth.clone()).reject_foreign_origins(), &runs);
    for credentials in ["Basic YWRhOnNlY3JldA==", "Negotiate YII", "Bearer", "Bearer "] {
        let request = Request::post("/")
            .header("host", "example.com")
            .header("origin", "https://evil.example")
            .header("authorization", credentials);
        assert_eq!(send(&app, request).await.status(), StatusCode::FORBIDDEN, "{credentials}");
    }
    assert_eq!(runs.load(Ordering::SeqCst), 0);
}

/// Some routes may be stricter than the rest of the application.
#[tokio::test]
async fn an_inner_layer_can_reject_foreign_origins() {
    let world = World::new().await;
    let runs = Arc::default();
    let strict = app(AuthLayer::new(world.auth.clone()).reject_foreign_origins(), &runs);
    let app = strict.layer(AuthLayer::new(world.auth.clone()));
    let foreign = send(&app, world.request("POST", "/").header("origin", "https://evil.example")).await;
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
    assert_eq!(runs.load(Ordering::SeqCst), 0);
    let own = send(&app, world.request("POST", "/").header("origin", "https://example.com")).await;
    assert_eq!(text(own).await, "true false");
}

/// HTTP/2 has the host in the URI.
#[tokio::test]
async fn the_host_may_be_in_the_uri() {
    let world = World::new().await;
    let app = app(AuthLayer::new(world.auth.clone()), &Arc::default());
    let request = world.request("POST", "https://app.example/").header("origin", "https://app.example");
    assert_eq!(text(send(&app, request).await).await, "true false");
}
