//! Tests of guarded routers.

use std::{convert::Infallible, sync::Arc};

use axum::{Router, body::Body, routing::get};
use http::{Request, Response, StatusCode, header, request::Builder};
use lucia_auth::{Auth, NewSession, NewUser, memory::MemoryAdapter};
use lucia_axum::{AnySession, AuthLayer, AuthRejection, BearerSession, CurrentSession, RequireSession};
use serde::{Deserialize, Serialize};
use tower::{Layer as _, ServiceBuilder, ServiceExt as _, limit::ConcurrencyLimit, service_fn};
use tower_http::catch_panic::CatchPanicLayer;

use crate::support::{DAY, World, send, set_cookies, text};

type Guard = RequireSession;

fn account() -> Router {
    Router::new().route("/account", get(|| async { "account" }))
}

/// Adds the layer that every guard needs.
fn with_layer(world: &World, router: Router) -> Router {
    router.layer(AuthLayer::new(world.auth.clone()))
}

async fn status(app: &Router, request: Builder) -> StatusCode {
    send(app, request).await.status()
}

#[tokio::test]
async fn a_guarded_route_requires_a_session() {
    let world = World::new().await;
    let guarded = || account().route_layer(Guard::new());
    for (path, router) in [
        ("/account", guarded()),
        ("/account", account().layer(Guard::new())),
        ("/account", Router::new().route("/account", get(|| async { "account" }).layer(Guard::new()))),
        ("/account", Router::new().merge(guarded()).route("/", get(|| async {}))),
        ("/app/account", Router::new().nest("/app", guarded())),
        ("/app/account", Router::new().nest("/app", account()).route_layer(Guard::new())),
        ("/app/account", Router::new().nest_service("/app", guarded())),
        ("/account", Router::new().fallback_service(guarded())),
    ] {
        let app = with_layer(&world, router);
        assert_eq!(text(send(&app, world.request("GET", path)).await).await, "account");
        let response = send(&app, Request::get(path).header(header::ACCEPT, "application/json")).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        assert!(response.headers().get_all(header::VARY).iter().any(|vary| vary == "cookie"));
        assert!(text(response).await.contains("AUTH_NOT_AUTHENTICATED"));
    }
}

#[tokio::test]
async fn a_route_layer_guards_routes_and_a_layer_also_the_fallback() {
    let world = World::new().await;
    let routes = with_layer(&world, account().route_layer(Guard::new()));
    assert_eq!(status(&routes, Request::get("/unknown")).await, StatusCode::NOT_FOUND);
    let all = with_layer(&world, account().fallback(|| async { "fallback" }).layer(Guard::new()));
    assert_eq!(status(&all, Request::get("/unknown")).await, StatusCode::UNAUTHORIZED);
    assert_eq!(text(send(&all, world.request("GET", "/unknown")).await).await, "fallback");
    let later = account().route_layer(Guard::new()).route("/later", get(|| async {}));
    let later = with_layer(&world, later);
    assert_eq!(status(&later, Request::get("/account")).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&later, Request::get("/later")).await, StatusCode::OK);
}

#[tokio::test]
async fn guards_and_extractors_share_one_read() {
    let world = World::new().await;
    let handler = |_: CurrentSession, _: AnySession| async {};
    let guarded = Router::new().route("/", get(handler)).route_layer(Guard::new());
    let app = with_layer(&world, guarded.layer(Guard::new().accept_bearer_tokens()));
    assert_eq!(status(&app, world.request("GET", "/")).await, StatusCode::OK);
    assert_eq!(world.sessions.take_reads(), 1);
    assert_eq!(status(&app, Request::get("/")).await, StatusCode::UNAUTHORIZED);
    assert_eq!(world.sessions.take_reads(), 0);
}

#[tokio::test]
async fn bearer_tokens_are_accepted_where_the_guard_says_so() {
    let world = World::new().await;
    let cookies_only = with_layer(&world, account().route_layer(Guard::new()));
    assert_eq!(status(&cookies_only, world.bearer("GET", "/account")).await, StatusCode::UNAUTHORIZED);
    assert_eq!(world.sessions.take_reads(), 0);

    let api = Router::new()
        .route("/any", get(|session: AnySession| async move { session.user.id.to_string() }))
        .route("/token", get(|session: BearerSession| async move { session.user.id.to_string() }))
        .route_layer(Guard::new().accept_bearer_tokens());
    let app = with_layer(&world, api);
    for request in [
        world.bearer("GET", "/any"),
        world.bearer("GET", "/token"),
        world.request("GET", "/any"),
        world.request("GET", "/any").header(header::AUTHORIZATION, "Basic cHJveHk6"),
    ] {
        assert_eq!(text(send(&app, request).await).await, "ada");
        assert_eq!(world.sessions.take_reads(), 1);
    }
    for invalid in ["Bearer unknown", "bearer a b"] {
        for request in [Request::get("/any"), world.request("GET", "/any")] {
            let response = send(&app, request.header(header::AUTHORIZATION, invalid)).await;
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "the cookie does not replace an invalid token");
            assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer error=\"invalid_token\"");
        }
    }
    let vary: Vec<_> = send(&app, Request::get("/any")).await.headers().get_all(header::VARY).iter().cloned().collect();
    assert!(vary.iter().any(|name| name == "cookie") && vary.iter().any(|name| name == "authorization"), "{vary:?}");
}

#[tokio::test]
async fn an_outage_is_a_503_for_every_guard() {
    let world = World::new().await;
    world.sessions.set_down(true);
    for guard in [
        Guard::new(),
        Guard::new().redirect_to("/sign-in"),
        Guard::new().accept_bearer_tokens().authorize(|_| unreachable!("there is no session")),
    ] {
        let app = with_layer(&world, account().route_layer(guard));
        let request = world.request("GET", "/account").header(header::ACCEPT, "text/html");
        let response = send(&app, request.header("sec-fetch-mode", "navigate")).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(set_cookies(&response).is_empty());
    }
}

#[derive(Serialize, Deserialize)]
struct Profile {
    role: String,
}

/// Returns an application whose route requires two roles, and the cookies of users with these roles.
async fn roles<const N: usize>(roles: [&str; N]) -> (Router, [String; N]) {
    let auth = Auth::builder(MemoryAdapter::new()).user_attributes::<Profile>().build().unwrap();
    let cookies = roles.map(|role| {
        let auth = auth.clone();
        async move {
            let user = auth.create_user(NewUser::new().attributes(&Profile { role: role.to_owned() })).await.unwrap();
            let session = auth.create_session(NewSession::new(user.id)).await.unwrap();
            auth.create_session_cookie(Some(&session)).to_string().split(';').next().unwrap().to_owned()
        }
    });
    let has = |role: &'static str| {
        move |session: &lucia_auth::Session<Profile>| session.user.attributes.role.split('+').any(|has| has == role)
    };
    let guard =
        RequireSession::<Profile>::new().redirect_to("/sign-in").authorize(has("admin")).authorize(has("staff"));
    let app = account().route_layer(guard).layer(AuthLayer::new(auth));
    let mut values = Vec::new();
    for cookie in cookies {
        values.push(cookie.await);
    }
    (app, values.try_into().unwrap())
}

#[tokio::test]
async fn a_session_must_satisfy_all_predicates() {
    let (app, [both, admin, staff]) = roles(["admin+staff", "admin", "staff"]).await;
    for (cookie, expected) in [(both, StatusCode::OK), (admin, StatusCode::FORBIDDEN), (staff, StatusCode::FORBIDDEN)] {
        let request = || Request::get("/account").header(header::COOKIE, &cookie);
        assert_eq!(status(&app, request()).await, expected);
        assert_eq!(status(&app, request().header("sec-fetch-mode", "navigate")).await, expected, "no redirect");
    }
    assert_eq!(status(&app, Request::get("/account")).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_403_has_the_headers_of_the_request() {
    let world = World::new().await;
    let app =
        with_layer(&world, account().route_layer(Guard::new().authorize(|session| session.user.id == "root".into())));
    world.clock.advance(2 * DAY);
    let request = world.request("GET", "/account").header(header::ACCEPT, "application/json");
    let response = send(&app, request).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(set_cookies(&response).len(), 1, "the session was renewed");
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    assert!(response.headers().get_all(header::VARY).iter().any(|vary| vary == "cookie"));
    let body: serde_json::Value = serde_json::from_str(&text(response).await).unwrap();
    assert_eq!((&body["code"], &body["status"]), (&"AUTH_FORBIDDEN".into(), &403.into()));
}

#[tokio::test]
async fn a_guard_keeps_the_headers_of_its_route() {
    let world = World::new().await;
    let page = || async { ([("cache-control", "private, max-age=60"), ("vary", "origin")], "page") };
    let app = with_layer(&world, Router::new().route("/", get(page)).route_layer(Guard::new()));
    let response = send(&app, world.request("GET", "/")).await;
    assert_eq!(response.headers()[header::CACHE_CONTROL], "private, max-age=60");
    assert_eq!(response.headers().get_all(header::VARY).iter().collect::<Vec<_>>(), ["origin", "cookie"]);
    world.clock.advance(2 * DAY);
    let renewed = send(&app, world.request("GET", "/")).await;
    assert_eq!(set_cookies(&renewed).len(), 1);
    assert_eq!(renewed.headers()[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn a_guard_without_its_layer_is_a_500() {
    let world = World::new().await;
    let guarded = || account().route_layer(Guard::new().redirect_to("/sign-in"));
    let other = account().route_layer(RequireSession::<Profile>::new().accept_bearer_tokens());
    let inside_out = with_layer(&world, account()).layer(Guard::new());
    for app in [guarded(), with_layer(&world, other), inside_out] {
        let response = send(&app, world.request("GET", "/account").header("sec-fetch-mode", "navigate")).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let reason = text(response).await;
        assert!(reason.contains("AuthLayer") && !reason.contains("Profile"), "{reason}");
    }
}

#[tokio::test]
async fn the_hook_renders_the_rejections_of_guards() {
    let world = World::new().await;
    let layer = AuthLayer::new(world.auth.clone()).render_rejections(|rejection, _| match rejection {
        AuthRejection::Forbidden => Response::new(Body::from("the page for 403")),
        _ => Response::new(Body::from("another page")),
    });
    let app = account().route_layer(Guard::new().authorize(|_| false)).layer(layer);
    assert_eq!(text(send(&app, world.request("GET", "/account")).await).await, "the page for 403");
    assert_eq!(text(send(&app, Request::get("/account")).await).await, "another page");
}

/// A guard between layers that change the body type cannot write axum's body.
#[tokio::test]
async fn rejections_of_any_body_type_are_rendered() {
    let world = World::new().await;
    let layers = || ServiceBuilder::new().layer(Guard::new()).layer(CatchPanicLayer::new());
    let app = with_layer(&world, account().route_layer(layers()));
    let response = send(&app, Request::get("/account")).await;
    assert_eq!((response.status(), text(response).await.as_str()), (StatusCode::UNAUTHORIZED, "nobody is signed in"));

    let service = service_fn(|_: Request<()>| async { Ok::<_, Infallible>(Response::new("page".to_owned())) });
    let service = AuthLayer::new(world.auth.clone()).layer(Guard::new().layer(service));
    let signed_in = service.clone().oneshot(world.request("GET", "/").body(()).unwrap()).await.unwrap();
    assert_eq!(signed_in.body(), "page");
    let response = service.oneshot(Request::new(())).await.unwrap();
    assert_eq!((response.status(), response.body().as_str()), (StatusCode::UNAUTHORIZED, ""));
}

/// A service may be called only after it was ready, and its clone is not.
#[tokio::test]
async fn the_service_that_was_ready_is_called() {
    let world = World::new().await;
    let limited = ConcurrencyLimit::new(account(), 1);
    let service = AuthLayer::new(world.auth.clone()).layer(Guard::new().layer(limited));
    let request = || world.request("GET", "/account").body(Body::empty()).unwrap();
    assert_eq!(service.oneshot(request()).await.unwrap().status(), StatusCode::OK);
}

#[test]
fn settings_are_shown() {
    let guard = Guard::default().accept_bearer_tokens().redirect_to("/sign-in").authorize(|_| true);
    let shown = format!("{:?}", Arc::new(guard.layer("inner")));
    assert!(shown.contains("accept_bearer_tokens: true") && shown.contains("/sign-in"), "{shown}");
}
