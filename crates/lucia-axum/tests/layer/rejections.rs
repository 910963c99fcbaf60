//! Tests of the responses to rejected requests.

use std::time::Duration;

use axum::{
    Extension, Router,
    body::Body,
    response::{IntoResponse, Redirect},
    routing::get,
};
use http::{Request, Response, StatusCode, header};
use lucia_auth::{
    AdapterError, AdapterErrorKind, Attributes, Error, KeyId, PasswordError, PasswordRejection,
    lucia_core::SessionUpdate,
};
use lucia_axum::{AuthLayer, AuthRejection, BearerSession, CurrentSession};

use crate::support::{World, send, text};

fn adapter(kind: AdapterErrorKind) -> AdapterError {
    AdapterError::new(kind)
}

fn malformed_key() -> Error {
    KeyId::new("a:b", "c").unwrap_err().into()
}

fn misfit() -> Error {
    SessionUpdate::default().with_attributes(Attributes::from([("id", 0)])).unwrap_err().into()
}

#[test]
fn errors_have_the_documented_status() {
    use AdapterErrorKind as Kind;
    for (error, status) in [
        (Error::NotAuthenticated, StatusCode::UNAUTHORIZED),
        (adapter(Kind::InvalidSessionId).into(), StatusCode::UNAUTHORIZED),
        (adapter(Kind::InvalidKeyId).into(), StatusCode::UNAUTHORIZED),
        (Error::InvalidPassword, StatusCode::UNAUTHORIZED),
        (Error::OutdatedPassword, StatusCode::UNAUTHORIZED),
        (Error::InvalidRequest, StatusCode::FORBIDDEN),
        (Error::ReauthenticationRequired, StatusCode::FORBIDDEN),
        (adapter(Kind::InvalidUserId).into(), StatusCode::NOT_FOUND),
        (adapter(Kind::DuplicateKeyId).into(), StatusCode::CONFLICT),
        (adapter(Kind::DuplicateUserId).into(), StatusCode::CONFLICT),
        (adapter(Kind::DuplicateSessionId).into(), StatusCode::CONFLICT),
        (adapter(Kind::DuplicateAttribute).into(), StatusCode::CONFLICT),
        (adapter(Kind::UnsupportedId).into(), StatusCode::UNPROCESSABLE_ENTITY),
        (Error::Password(PasswordError::Empty), StatusCode::UNPROCESSABLE_ENTITY),
        (Error::Password(PasswordError::TooLong { max: 8 }), StatusCode::UNPROCESSABLE_ENTITY),
        (Error::Password(PasswordRejection::Breached.into()), StatusCode::UNPROCESSABLE_ENTITY),
        (Error::Password(PasswordError::check_failed("timeout")), StatusCode::SERVICE_UNAVAILABLE),
        (Error::Password(PasswordError::Interrupted), StatusCode::INTERNAL_SERVER_ERROR),
        (malformed_key(), StatusCode::BAD_REQUEST),
        (Error::MalformedSessionToken, StatusCode::BAD_REQUEST),
        (Error::InvalidOneTimeToken, StatusCode::BAD_REQUEST),
        (misfit(), StatusCode::INTERNAL_SERVER_ERROR),
        (adapter(Kind::InvalidAttribute).into(), StatusCode::INTERNAL_SERVER_ERROR),
        (adapter(Kind::Unavailable).into(), StatusCode::SERVICE_UNAVAILABLE),
        (adapter(Kind::Backend).into(), StatusCode::INTERNAL_SERVER_ERROR),
    ] {
        let described = format!("{error:?}");
        let rejection = AuthRejection::from(error);
        assert_eq!(rejection.status(), status, "{described}");
        assert_eq!(rejection.into_response().status(), status, "{described}");
    }
}

type Failure = fn() -> Error;

/// Errors that a handler returns with `?`.
const FAILURES: [(&str, Failure); 8] = [
    ("/taken", || adapter(AdapterErrorKind::DuplicateKeyId).into()),
    ("/password", || Error::Password(PasswordError::TooLong { max: 1024 })),
    ("/short", || Error::Password(PasswordRejection::TooShort { min: 8 }.into())),
    ("/unchecked", || Error::Password(PasswordError::check_failed("api.example: timeout"))),
    ("/malformed", malformed_key),
    ("/wrong", || Error::InvalidPassword),
    ("/outage", || adapter(AdapterErrorKind::Unavailable).into()),
    ("/broken", || adapter(AdapterErrorKind::Backend).into()),
];

fn app(layer: AuthLayer) -> Router {
    let mut router = Router::new()
        .route("/account", get(|_: CurrentSession| async {}).post(|| async {}))
        .route("/api", get(|_: BearerSession| async {}));
    for (path, failure) in FAILURES {
        router = router.route(path, get(move || async move { Err::<(), _>(AuthRejection::from(failure())) }));
    }
    router.layer(layer)
}

async fn ask(app: &Router, path: &str, accept: &str) -> Response<Body> {
    send(app, Request::get(path).header(header::ACCEPT, accept)).await
}

fn header_of(response: &Response<Body>, name: header::HeaderName) -> Option<&str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn the_body_has_the_accepted_type() {
    let world = World::new().await;
    let app = app(AuthLayer::new(world.auth.clone()));
    for (path, status, code, detail) in [
        ("/account", 401, "AUTH_NOT_AUTHENTICATED", "nobody is signed in"),
        ("/taken", 409, "AUTH_DUPLICATE_KEY_ID", "a key with this provider user id already exists"),
        ("/password", 422, "AUTH_UNACCEPTABLE_PASSWORD", "the password is longer than 1024 bytes"),
        ("/short", 422, "AUTH_UNACCEPTABLE_PASSWORD", "the password must have at least 8 characters"),
        ("/unchecked", 503, "AUTH_UNAVAILABLE", "the service is temporarily unavailable"),
        ("/wrong", 401, "AUTH_INVALID_CREDENTIALS", "wrong credentials"),
        ("/outage", 503, "AUTH_UNAVAILABLE", "the service is temporarily unavailable"),
        ("/broken", 500, "UNKNOWN_ERROR", "internal authentication error"),
    ] {
        let response = ask(&app, path, "application/json").await;
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(header_of(&response, header::CONTENT_TYPE), Some("application/problem+json"));
        let title = response.status().canonical_reason();
        let body: serde_json::Value = serde_json::from_str(&text(response).await).unwrap();
        let expected = serde_json::json!({
            "type": "about:blank", "title": title, "status": status, "detail": detail, "code": code,
        });
        assert_eq!(body, expected, "{path}");

        let response = ask(&app, path, "text/html,*/*;q=0.8").await;
        assert_eq!(header_of(&response, header::CONTENT_TYPE), Some("text/plain; charset=utf-8"));
        assert_eq!(text(response).await, detail);
    }
    let malformed = ask(&app, "/malformed", "*/*").await;
    assert_eq!(malformed.status(), StatusCode::BAD_REQUEST);
    assert!(text(malformed).await.contains(':'), "the body names the malformed part");
}

#[tokio::test]
async fn a_foreign_origin_gets_a_one_line_message() {
    let world = World::new().await;
    let app = app(AuthLayer::new(world.auth.clone()).reject_foreign_origins());
    let foreign = || world.request("POST", "/account").header("origin", "https://evil.example");
    let response = send(&app, foreign()).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(text(response).await, "the request does not come from an origin of this site");
    let json = send(&app, foreign().header(header::ACCEPT, "application/json")).await;
    assert!(text(json).await.contains("AUTH_INVALID_REQUEST"));
}

#[tokio::test]
async fn a_401_has_a_challenge() {
    let world = World::new().await;
    let app = app(AuthLayer::new(world.auth.clone()));
    for (request, challenge) in [
        (Request::get("/account"), "Bearer"),
        (Request::get("/api"), "Bearer"),
        (Request::get("/wrong"), "Bearer"),
        (Request::get("/api").header("authorization", "Bearer unknown"), "Bearer error=\"invalid_token\""),
        (Request::get("/api").header("authorization", "Bearer a b"), "Bearer error=\"invalid_token\""),
        (Request::get("/api").header("authorization", "Basic YWRhOng="), "Bearer"),
        (
            Request::get("/api").header("authorization", "Basic YWRhOng=").header("authorization", "Bearer unknown"),
            "Bearer error=\"invalid_token\"",
        ),
        (Request::get("/api").header("authorization", "BearerX unknown"), "Bearer"),
    ] {
        let response = send(&app, request.header(header::ACCEPT, "application/json")).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(header_of(&response, header::WWW_AUTHENTICATE), Some(challenge));
    }
    let taken = ask(&app, "/taken", "*/*").await;
    assert_eq!(header_of(&taken, header::WWW_AUTHENTICATE), None);
}

#[tokio::test]
async fn one_hook_renders_all_rejections() {
    let world = World::new().await;
    let layer = AuthLayer::new(world.auth.clone()).reject_foreign_origins().render_rejections(|rejection, headers| {
        assert!(!headers.contains_key(header::COOKIE) && !headers.contains_key(header::AUTHORIZATION));
        let german = headers.get(header::ACCEPT_LANGUAGE).is_some_and(|language| language == "de");
        match rejection {
            AuthRejection::NotAuthenticated => Redirect::to("/sign-in").into_response(),
            rejection => (rejection.status(), if german { "Fehler" } else { "error" }).into_response(),
        }
    });
    let app = app(layer.clone());
    let nested = app.clone().layer(AuthLayer::new(world.auth.clone()));
    let outer = self::app(AuthLayer::new(world.auth.clone())).layer(layer);
    for app in [app, nested, outer] {
        let response = send(&app, Request::get("/account")).await;
        assert_eq!(
            (response.status(), header_of(&response, header::LOCATION)),
            (StatusCode::SEE_OTHER, Some("/sign-in"))
        );
        assert_eq!(header_of(&response, header::WWW_AUTHENTICATE), None);
        let taken = world.request("GET", "/taken").header("authorization", "Bearer x");
        let response = send(&app, taken.header(header::ACCEPT_LANGUAGE, "de")).await;
        assert_eq!((response.status(), text(response).await.as_str()), (StatusCode::CONFLICT, "Fehler"));
        let foreign = world.request("POST", "/account").header("origin", "https://evil.example");
        let response = send(&app, foreign).await;
        assert_eq!((response.status(), text(response).await.as_str()), (StatusCode::FORBIDDEN, "error"));
    }
}

#[tokio::test]
async fn too_many_attempts_have_a_retry_after_header() {
    let world = World::new().await;
    let limited = |retry_after| move || async move { Err::<(), _>(AuthRejection::TooManyAttempts { retry_after }) };
    let app = Router::new()
        .route("/", get(limited(Duration::from_millis(1_500))))
        .route("/whole", get(limited(Duration::from_secs(2))))
        .route("/never", get(limited(Duration::MAX)))
        .layer(AuthLayer::new(world.auth.clone()));
    let nested = app.clone().layer(AuthLayer::new(world.auth.clone()));
    for accept in ["application/json", "*/*"] {
        for app in [&app, &nested] {
            let response = ask(app, "/", accept).await;
            assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
            assert_eq!(header_of(&response, header::RETRY_AFTER), Some("2"));
            let vary: Vec<_> = response.headers().get_all(header::VARY).iter().collect();
            assert_eq!(vary, ["accept"]);
        }
    }
    assert_eq!(header_of(&ask(&app, "/whole", "*/*").await, header::RETRY_AFTER), Some("2"));
    let never = ask(&app, "/never", "*/*").await;
    assert_eq!(header_of(&never, header::RETRY_AFTER), Some(u64::MAX.to_string().as_str()));
}

/// A handler, or a layer between it and `AuthLayer`, may have changed the response of a rejection.
#[tokio::test]
async fn a_rejection_changed_by_an_inner_layer_is_not_rendered() {
    async fn compress(mut response: Response<Body>) -> Response<Body> {
        response.headers_mut().insert(header::CONTENT_ENCODING, "gzip".parse().unwrap());
        response
    }
    async fn replace(mut response: Response<Body>) -> Response<Body> {
        *response.body_mut() = Body::from("a page");
        response
    }
    let world = World::new().await;
    let handler = || get(|_: CurrentSession| async {});
    let hide = get(|| async { (StatusCode::NOT_FOUND, AuthRejection::NotAuthenticated) });
    let app = Router::new()
        .route("/hidden", hide)
        .merge(Router::new().route("/compressed", handler()).layer(axum::middleware::map_response(compress)))
        .merge(Router::new().route("/page", handler()).layer(axum::middleware::map_response(replace)))
        .layer(AuthLayer::new(world.auth.clone()));
    for (path, status, body) in [
        ("/hidden", StatusCode::NOT_FOUND, "nobody is signed in"),
        ("/compressed", StatusCode::UNAUTHORIZED, "nobody is signed in"),
        ("/page", StatusCode::UNAUTHORIZED, "a page"),
    ] {
        let response = ask(&app, path, "application/json").await;
        assert_eq!((response.status(), text(response).await.as_str()), (status, body), "{path}");
    }
}

/// A hook's cookies and variants are some more, beside those of layers within. What describes the old body goes with
/// it.
#[tokio::test]
async fn a_hook_replaces_only_the_body_of_inner_layers() {
    let world = World::new().await;
    let layer = AuthLayer::new(world.auth.clone()).render_rejections(|rejection, _| {
        let headers = [
            (header::SET_COOKIE, "seen=1"),
            (header::VARY, "accept-language"),
            (header::SERVER, "hook"),
            (header::WWW_AUTHENTICATE, "Bearer realm=\"hook\""),
        ];
        (rejection.status(), Extension("hook"), headers).into_response()
    });
    let inner = |mut response: Response<Body>| async {
        response.extensions_mut().insert(1_u8);
        for (name, value) in [
            (header::SET_COOKIE, "inner=1"),
            (header::VARY, "origin"),
            (header::SERVER, "inner"),
            (header::CONTENT_LENGTH, "19"),
        ] {
            response.headers_mut().append(name, value.parse().unwrap());
        }
        response
    };
    let app = Router::new()
        .route("/account", get(|_: CurrentSession| async {}))
        .layer(axum::middleware::map_response(inner))
        .layer(layer);
    let response = send(&app, Request::get("/account")).await;
    let all = |name| response.headers().get_all(name).iter().map(|value| value.to_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(all(header::SET_COOKIE), ["inner=1", "seen=1"]);
    assert_eq!(all(header::VARY), ["origin", "accept-language", "cookie"]);
    assert_eq!(all(header::SERVER), ["hook"]);
    assert_eq!(all(header::WWW_AUTHENTICATE), ["Bearer realm=\"hook\""]);
    assert_eq!(all(header::CONTENT_LENGTH), ["0"]);
    assert!(all(header::CONTENT_TYPE).is_empty());
    let extensions = response.extensions();
    assert_eq!((extensions.get::<u8>(), extensions.get::<&str>()), (Some(&1), Some(&"hook")));
}
