use std::time::Duration;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header},
    middleware::from_extractor,
    routing::get,
};
use lucia_axum::{AuthLayer, AuthRequest, BearerSession, CurrentSession};
use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutLayer};

use crate::support::{DAY, World, send, set_cookies};

const THEME: &str = "theme=dark; Expires=Wed, 21 Oct 2026 07:28:00 GMT";
const TOUR: &str = "tour=seen, twice; Expires=Thu, 22 Oct 2026 07:28:00 GMT";

async fn with_cookies(_: Option<CurrentSession>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.append(header::SET_COOKIE, HeaderValue::from_static(THEME));
    headers.append(header::SET_COOKIE, HeaderValue::from_static(TOUR));
    headers
}

fn app(world: &World) -> Router {
    Router::new()
        .route("/", get(with_cookies))
        .route("/sign-out", get(|request: AuthRequest| async move { request.set_session(None) }))
        .layer(AuthLayer::new(world.auth.clone()))
}

#[tokio::test]
async fn c33_other_cookies_are_unchanged() {
    let world = World::new().await;
    let app = app(&world);
    let response = send(&app, world.request("GET", "/")).await;
    assert_eq!(set_cookies(&response), [THEME, TOUR], "an active session sets no cookie");

    world.clock.advance(2 * DAY);
    let response = send(&app, world.request("GET", "/")).await;
    let cookies = set_cookies(&response);
    assert_eq!(cookies[..2], [THEME, TOUR]);
    assert_eq!(cookies.len(), 3);
    assert!(cookies[2].starts_with(&format!("auth_session={};", world.session.token.as_str())), "renewed");
}

/// The response may be late, and the client may have a newer cookie by then.
#[tokio::test]
async fn an_expired_session_keeps_its_cookie() {
    let world = World::new().await;
    let app = app(&world);
    world.clock.advance(16 * DAY);
    let response = send(&app, world.request("GET", "/")).await;
    assert_eq!(set_cookies(&response), [THEME, TOUR]);
}

#[tokio::test]
async fn signing_out_deletes_the_cookie() {
    let world = World::new().await;
    let response = send(&app(&world), world.request("GET", "/sign-out")).await;
    assert!(set_cookies(&response)[0].starts_with("auth_session=;"));
}

#[tokio::test]
async fn nested_layers_set_one_cookie() {
    let world = World::new().await;
    world.clock.advance(2 * DAY);
    let app = app(&world).layer(from_extractor::<CurrentSession>()).layer(AuthLayer::new(world.auth.clone()));
    let response = send(&app, world.request("GET", "/")).await;
    assert_eq!(set_cookies(&response).len(), 3);
    assert_eq!(world.sessions.take_reads(), 1, "both layers share one request");
}

/// Without `Vary`, nginx served the page of one user to another.
#[tokio::test]
async fn responses_vary_by_the_headers_that_were_read() {
    let world = World::new().await;
    let app = Router::new()
        .route("/asset", get(|| async { "same for all" }))
        .route("/page", get(|_: Option<CurrentSession>| async { ([("cache-control", "public, max-age=60")], "yours") }))
        .route("/api", get(|_: Option<BearerSession>| async { "yours" }))
        .layer(AuthLayer::new(world.auth.clone()));
    for (path, vary) in [("/asset", vec![]), ("/page", vec!["cookie"]), ("/api", vec!["authorization"])] {
        for request in [world.request("GET", path), Request::get(path)] {
            let response = send(&app, request).await;
            let found: Vec<_> =
                response.headers().get_all(header::VARY).iter().map(|vary| vary.to_str().unwrap()).collect();
            assert_eq!(found, vary, "{path}");
        }
    }
    let cache_control =
        |response: &Response<Body>| response.headers()[header::CACHE_CONTROL].to_str().unwrap().to_owned();
    let page = send(&app, world.request("GET", "/page")).await;
    assert_eq!(cache_control(&page), "public, max-age=60", "no cookie is set");
    world.clock.advance(2 * DAY);
    let renewed = send(&app, world.request("GET", "/page")).await;
    assert_eq!((cache_control(&renewed).as_str(), set_cookies(&renewed).len()), ("no-store", 1));
}

/// Layers inside `AuthLayer` may replace the response of a request that renewed its session.
#[tokio::test(start_paused = true)]
async fn responses_of_timeouts_and_panics_set_the_cookie_of_a_renewed_session() {
    let world = World::new().await;
    let app = Router::new()
        .route("/panic", get(panic_once_validated))
        .route("/hang", get(hang_once_validated))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_millis(20)))
        .layer(CatchPanicLayer::new())
        .layer(AuthLayer::new(world.auth.clone()));
    for (path, status) in [("/panic", StatusCode::INTERNAL_SERVER_ERROR), ("/hang", StatusCode::REQUEST_TIMEOUT)] {
        world.clock.advance(2 * DAY);
        let response = send(&app, world.request("GET", path)).await;
        assert_eq!(response.status(), status);
        assert_eq!(set_cookies(&response).len(), 1, "{path}");
    }
}

async fn panic_once_validated(_: CurrentSession) {
    panic!("the handler panics");
}

async fn hang_once_validated(_: CurrentSession) {
    std::future::pending().await
}
