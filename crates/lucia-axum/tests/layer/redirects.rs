//! Tests of redirects to the sign-in page.

use axum::{Router, body::Body, routing::any};
use http::{Request, Response, StatusCode, Uri, header, request::Builder};
use lucia_axum::{AuthLayer, RequireSession, next_path};

use crate::support::{DAY, World, send, set_cookies};

type Guard = RequireSession;

fn app(world: &World, guard: Guard) -> Router {
    Router::new()
        .route("/{*path}", any(|| async { "page" }))
        .route_layer(guard)
        .layer(AuthLayer::new(world.auth.clone()))
}

fn page_load(uri: &str) -> Builder {
    Request::get(uri).header("sec-fetch-mode", "navigate").header("host", "example.com")
}

/// Returns the location of a redirect, and `None` for a 401.
fn location(response: &Response<Body>) -> Option<&str> {
    match response.status() {
        StatusCode::SEE_OTHER => Some(response.headers()[header::LOCATION].to_str().unwrap()),
        status => {
            assert_eq!(status, StatusCode::UNAUTHORIZED);
            assert!(!response.headers().contains_key(header::LOCATION));
            None
        }
    }
}

#[tokio::test]
async fn page_loads_are_redirected_and_other_requests_are_not() {
    let world = World::new().await;
    let app = app(&world, Guard::new().redirect_to("/sign-in"));
    let html = "text/html,application/xhtml+xml,*/*;q=0.8";
    let request = |method: &str| Request::builder().method(method).uri("/account").header("host", "example.com");
    for (request, redirected) in [
        (request("GET").header("sec-fetch-mode", "navigate"), true),
        (request("HEAD").header("sec-fetch-mode", "navigate"), true),
        (request("GET").header(header::ACCEPT, html), true),
        (request("GET"), false),
        (request("GET").header(header::ACCEPT, "*/*"), false),
        (request("GET").header(header::ACCEPT, "application/json"), false),
        (request("GET").header("sec-fetch-mode", "cors").header(header::ACCEPT, html), false),
        (request("GET").header("sec-fetch-mode", "no-cors"), false),
        (request("POST").header("sec-fetch-mode", "navigate").header(header::ACCEPT, html), false),
        (request("DELETE").header(header::ACCEPT, html), false),
        (request("GET").header("sec-fetch-mode", "navigate").header(header::COOKIE, "auth_session=unknown"), true),
    ] {
        let response = send(&app, request).await;
        assert_eq!(location(&response), redirected.then_some("/sign-in?next=/account"));
        if redirected {
            assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
            assert_eq!(response.headers()[header::VARY], "cookie");
        }
    }
    let signed_in = send(&app, world.request("GET", "/account").header("sec-fetch-mode", "navigate")).await;
    assert_eq!(signed_in.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_location_has_the_path_and_the_query() {
    let world = World::new().await;
    let app = app(&world, Guard::new().redirect_to("/sign-in"));
    for (uri, expected) in [
        ("/a/b-c_d.e~f", "/sign-in?next=/a/b-c_d.e~f"),
        ("/orders?page=2&sort=a+b", "/sign-in?next=/orders%3Fpage%3D2%26sort%3Da%2Bb"),
        ("/caf%C3%A9?q=%26", "/sign-in?next=/caf%25C3%25A9%3Fq%3D%2526"),
        ("/search?q=\\d'", "/sign-in?next=/search%3Fq%3D%5Cd%27"),
        ("/%2F/evil.example", "/sign-in?next=/%252F/evil.example"),
        ("http://evil.example/account?x", "/sign-in?next=/account%3Fx"),
    ] {
        let response = send(&app, page_load(uri)).await;
        assert_eq!(location(&response), Some(expected), "{uri}");
        let found: Uri = expected.parse().unwrap();
        let query = url::form_urlencoded::parse(found.query().unwrap().as_bytes()).next().unwrap();
        let original: Uri = uri.parse().unwrap();
        assert_eq!(next_path(&query.1), Some(original.path_and_query().unwrap().as_str()), "{uri}");
    }
}

#[tokio::test]
async fn the_location_never_names_another_origin() {
    let world = World::new().await;
    let app = app(&world, Guard::new().redirect_to("/sign-in"));
    let long = format!("/{}", "a".repeat(2_048));
    for uri in
        ["//evil.example", "//evil.example/x", "/\\evil.example", "/a\\b", "http://a.example//b", &long, "/caf\u{e9}"]
    {
        assert_eq!(location(&send(&app, page_load(uri)).await), Some("/sign-in"), "{uri}");
    }
    let longest = &long[..2_048];
    assert_eq!(location(&send(&app, page_load(longest)).await), Some(format!("/sign-in?next={longest}").as_str()));
}

#[tokio::test]
async fn the_path_of_a_nested_router_is_complete() {
    let world = World::new().await;
    let guarded =
        || Router::new().route("/account", any(|| async {})).route_layer(Guard::new().redirect_to("/sign-in"));
    let layer = || AuthLayer::new(world.auth.clone());
    for app in [
        Router::new().nest("/app/{tenant}", guarded()).layer(layer()),
        Router::new().nest("/app/{tenant}", guarded().layer(layer())),
        Router::new().nest("/app", Router::new().nest("/{tenant}", guarded())).layer(layer()),
        Router::new().nest_service("/app/7", guarded()).layer(layer()),
    ] {
        let response = send(&app, page_load("/app/7/account?tab=2")).await;
        assert_eq!(location(&response), Some("/sign-in?next=/app/7/account%3Ftab%3D2"));
    }
}

#[tokio::test]
async fn a_guarded_sign_in_page_is_not_redirected_to_itself() {
    let world = World::new().await;
    for page in ["/sign-in", "/sign-in?lang=de"] {
        let app = app(&world, Guard::new().redirect_to(page));
        for uri in ["/sign-in", "/sign-in?next=/account"] {
            assert_eq!(location(&send(&app, page_load(uri)).await), None, "{page} {uri}");
        }
        assert!(location(&send(&app, page_load("/sign-in/help")).await).is_some());
    }
}

#[tokio::test]
async fn the_sign_in_page_may_have_a_query() {
    let world = World::new().await;
    let app = app(&world, Guard::new().redirect_to("/sign-in?lang=de"));
    assert_eq!(location(&send(&app, page_load("/a")).await), Some("/sign-in?lang=de&next=/a"));
    assert_eq!(location(&send(&app, page_load("//a")).await), Some("/sign-in?lang=de"));
}

#[tokio::test]
async fn an_expired_session_keeps_its_cookie() {
    let world = World::new().await;
    let app = app(&world, Guard::new().redirect_to("/sign-in"));
    world.clock.advance(16 * DAY);
    let response = send(&app, world.request("GET", "/account").header("sec-fetch-mode", "navigate")).await;
    assert!(location(&response).is_some() && set_cookies(&response).is_empty());
}

#[test]
fn only_a_path_of_this_origin_is_a_sign_in_page() {
    for page in ["https://id.example/sign-in", "//id.example", "sign-in", "", "/sign in", "/sign-in#form", "/\u{e9}"] {
        let rejected = std::panic::catch_unwind(|| Guard::new().redirect_to(page));
        let message = *rejected.unwrap_err().downcast::<String>().unwrap();
        assert!(message.contains(&format!("{page:?}")) && message.contains("\"/sign-in\""), "{message}");
    }
}
