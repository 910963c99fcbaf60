use axum::{
    Router,
    http::{HeaderMap, HeaderValue, header},
    routing::get,
};
use lucia_axum::{AuthHandle, AuthLayer, CurrentSession};

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
        .route("/sign-out", get(|request: AuthHandle| async move { request.set_session(None) }))
        .layer(AuthLayer::new(world.auth.clone()))
}

#[tokio::test]
async fn c33_other_cookies_stay_as_they_are() {
    let world = World::new().await;
    let app = app(&world);
    let response = send(&app, world.request("GET", "/")).await;
    assert_eq!(set_cookies(&response), [THEME, TOUR], "an active session sets none");

    world.clock.advance(2 * DAY);
    let response = send(&app, world.request("GET", "/")).await;
    let cookies = set_cookies(&response);
    assert_eq!(cookies[..2], [THEME, TOUR]);
    assert_eq!(cookies.len(), 3);
    assert!(cookies[2].starts_with(&format!("auth_session={};", world.session.session_id.as_str())), "renewed");
}

#[tokio::test]
async fn a_dead_session_is_removed_from_the_client() {
    let world = World::new().await;
    let app = app(&world);
    world.clock.advance(16 * DAY);
    let response = send(&app, world.request("GET", "/")).await;
    let cookies = set_cookies(&response);
    assert!(cookies[2].starts_with("auth_session=;") && cookies[2].contains("Expires=Thu, 01 Jan 1970"), "{cookies:?}");
}

#[tokio::test]
async fn signing_out_removes_the_cookie() {
    let world = World::new().await;
    let response = send(&app(&world), world.request("GET", "/sign-out")).await;
    assert!(set_cookies(&response)[0].starts_with("auth_session=;"));
}

#[tokio::test]
async fn a_layer_within_a_layer_sets_one_cookie() {
    let world = World::new().await;
    world.clock.advance(2 * DAY);
    let app = app(&world).layer(AuthLayer::new(world.auth.clone()));
    let response = send(&app, world.request("GET", "/")).await;
    assert_eq!(set_cookies(&response).len(), 3);
    assert_eq!(world.sessions.take_reads(), 1);
}
