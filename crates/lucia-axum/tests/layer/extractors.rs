use axum::{
    Router,
    response::Redirect,
    routing::{any, get},
};
use http::{Request, StatusCode, header};
use lucia_axum::{AnySession, AuthLayer, AuthRejection, AuthRequest, BearerSession, CurrentSession};

use crate::support::{World, send, text};

fn app(world: &World) -> Router {
    Router::new()
        .route("/public", get(|| async { "hello" }))
        .route("/account", get(|session: CurrentSession| async move { session.user.id.to_string() }))
        .route("/home", get(|session: Option<CurrentSession>| async move { format!("{}", session.is_some()) }))
        .route("/api", get(|session: BearerSession| async move { session.user.id.to_string() }))
        .route(
            "/thrice",
            get(|_: CurrentSession, _: Option<CurrentSession>, request: AuthRequest| async move {
                request.validate().await.map(|_| "ok").map_err(AuthRejection::from)
            }),
        )
        .route(
            "/custom",
            get(|session: Result<CurrentSession, AuthRejection>| async move {
                session.map(|_| "in").map_err(|_| Redirect::to("/sign-in"))
            }),
        )
        .layer(AuthLayer::new(world.auth.clone()))
}

#[tokio::test]
async fn the_extractors_return_the_session() {
    let world = World::new().await;
    let app = app(&world);
    for request in [world.request("GET", "/account"), world.bearer("GET", "/api")] {
        let response = send(&app, request).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(text(response).await, "ada");
    }
    assert_eq!(text(send(&app, world.request("GET", "/home")).await).await, "true");
}

#[tokio::test]
async fn a_request_without_a_session_gets_a_401() {
    let world = World::new().await;
    let app = app(&world);
    for path in ["/account", "/api"] {
        assert_eq!(send(&app, Request::get(path)).await.status(), StatusCode::UNAUTHORIZED);
    }
    assert_eq!(
        send(&app, world.request("GET", "/api")).await.status(),
        StatusCode::UNAUTHORIZED,
        "a cookie is not a token"
    );
    assert_eq!(send(&app, world.bearer("GET", "/account")).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(text(send(&app, Request::get("/home")).await).await, "false");
    let custom = send(&app, Request::get("/custom")).await;
    assert_eq!(
        (custom.status(), custom.headers()[header::LOCATION].to_str().unwrap()),
        (StatusCode::SEE_OTHER, "/sign-in")
    );
}

/// A token decides alone: a client whose token has expired does not become the user of its cookie.
#[tokio::test]
async fn any_session_is_that_of_the_token_or_else_that_of_the_cookie() {
    let world = World::new().await;
    let app = Router::new()
        .route("/", any(|session: AnySession| async move { session.user.id.to_string() }))
        .route("/home", any(|session: Option<AnySession>| async move { format!("{}", session.is_some()) }))
        .layer(AuthLayer::new(world.auth.clone()));
    let request = |path| world.request("POST", path).header(header::ORIGIN, "https://example.com");
    let with = |path, authorization| request(path).header(header::AUTHORIZATION, authorization);
    for path in ["/", "/home"] {
        for (request, challenge) in [
            (request(path), None),
            (with(path, "Basic cHJveHk6"), None),
            (world.bearer("POST", path), None),
            (with(path, "Bearer unknown"), Some("Bearer error=\"invalid_token\"")),
            (with(path, "bearer a b"), Some("Bearer error=\"invalid_token\"")),
            (world.request("POST", path).header(header::ORIGIN, "https://evil.example"), Some("Bearer")),
            (Request::post(path), Some("Bearer")),
        ] {
            let shown = format!("{request:?}");
            let response = send(&app, request).await;
            assert!(world.sessions.take_reads() <= 1, "{shown}");
            let found =
                response.headers().get(header::WWW_AUTHENTICATE).map(|value| value.to_str().unwrap().to_owned());
            match path {
                "/" => assert_eq!(found.as_deref(), challenge, "{shown}"),
                _ => assert_eq!(text(response).await, challenge.is_none().to_string(), "{shown}"),
            }
        }
    }
}

#[tokio::test]
async fn the_store_is_read_once_and_only_for_extractors() {
    let world = World::new().await;
    let app = app(&world);
    for (path, reads) in [("/public", 0), ("/account", 1), ("/thrice", 1)] {
        assert_eq!(send(&app, world.request("GET", path)).await.status(), StatusCode::OK);
        assert_eq!(world.sessions.take_reads(), reads, "{path}");
    }
}

#[tokio::test]
async fn an_outage_is_a_503_and_keeps_the_cookie() {
    let world = World::new().await;
    let app = app(&world);
    world.sessions.set_down(true);
    for path in ["/account", "/home", "/thrice"] {
        let response = send(&app, world.request("GET", path)).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert!(response.headers().get(header::SET_COOKIE).is_none(), "{path}");
        assert!(!text(response).await.contains(world.session.id.as_str()));
    }
    assert_eq!(send(&app, world.bearer("GET", "/api")).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(send(&app, world.request("GET", "/public")).await.status(), StatusCode::OK);
    world.sessions.set_down(false);
    assert_eq!(send(&app, world.request("GET", "/account")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_route_without_the_layer_gets_a_500() {
    let world = World::new().await;
    let app = Router::new().route("/", get(|_: Option<CurrentSession>| async {}));
    let response = send(&app, world.request("GET", "/")).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(text(response).await.contains("AuthLayer"));
}
