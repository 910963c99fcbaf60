//! Tests the application of `json-api.md`.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use axum::{
    body::{Body, to_bytes},
    http::{Request, Response},
};
use lucia_auth::memory::MemoryAdapter;
use tower::ServiceExt as _;

include!("application.rs");

const GUIDE: &str = include_str!("../../json-api.md");
const ADA: &str = r#"{"email":" Ada@example.com","password":"correct horse battery"}"#;
const ORIGIN: (&str, &str) = ("origin", "http://127.0.0.1:3000");

#[test]
fn the_guide_shows_the_application() {
    assert!(GUIDE.contains(&format!("```rust\n{}```", include_str!("application.rs"))));
}

#[test]
fn the_guide_lists_every_dependency() {
    let manifest = GUIDE.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    for krate in
        ["adapter-prisma-compatible", "axum", "lucia-auth", "lucia-axum", "serde", "tokio", "tracing-subscriber"]
    {
        assert!(manifest.contains(&format!("\n{krate} = ")), "{krate} is missing");
    }
}

fn in_memory() -> Router {
    app(Auth::builder(MemoryAdapter::new()).user_attributes().env(Env::Dev).build().unwrap())
}

async fn send(app: &Router, call: &str, headers: &[(&str, &str)], body: &str) -> Response<Body> {
    let (method, path) = call.split_once(' ').unwrap();
    let request = Request::builder().method(method).uri(path).header("host", "127.0.0.1:3000");
    let request = request.header("content-type", "application/json");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    app.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap()
}

async fn text(response: Response<Body>) -> String {
    String::from_utf8(to_bytes(response.into_body(), 10_000).await.unwrap().into()).unwrap()
}

#[tokio::test]
async fn an_app_signs_in_with_a_token_and_without_an_origin() {
    let app = in_memory();
    assert_eq!(send(&app, "POST /v1/users", &[], ADA).await.status(), 201);
    assert_eq!(send(&app, "POST /v1/users", &[], ADA).await.status(), 409);
    let wrong = ADA.replace("horse", "house");
    assert_eq!(send(&app, "POST /v1/tokens", &[], &wrong).await.status(), 401);

    let issued = send(&app, "POST /v1/tokens", &[], ADA).await;
    assert_eq!(issued.status(), 201);
    assert!(!issued.headers().contains_key("set-cookie"));
    let issued = text(issued).await;
    let token = issued.strip_prefix(r#"{"token":""#).unwrap().strip_suffix(r#""}"#).unwrap();
    let bearer = format!("Bearer {token}");
    let bearer = [("authorization", bearer.as_str())];
    assert_eq!(text(send(&app, "GET /v1/me", &bearer, "").await).await, r#"{"email":"ada@example.com"}"#);
    assert_eq!(send(&app, "DELETE /v1/session", &bearer, "").await.status(), 204);
    assert_eq!(send(&app, "GET /v1/me", &bearer, "").await.status(), 401);
}

#[tokio::test]
async fn a_browser_gets_a_cookie_for_requests_of_its_own_site_only() {
    let app = in_memory();
    assert_eq!(send(&app, "POST /v1/users", &[], ADA).await.status(), 201);
    for headers in [&[][..], &[("origin", "https://evil.example")]] {
        assert_eq!(send(&app, "POST /v1/session", headers, ADA).await.status(), 403, "{headers:?}");
    }
    let started = send(&app, "POST /v1/session", &[ORIGIN], ADA).await;
    assert_eq!(started.status(), 204);
    let cookie = started.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    assert!(text(started).await.is_empty(), "scripts do not get the token");
    let cookie = ("cookie", cookie.as_str());
    assert_eq!(send(&app, "GET /v1/me", &[cookie], "").await.status(), 200);
    for headers in [&[cookie][..], &[cookie, ("origin", "https://evil.example")]] {
        assert_eq!(send(&app, "DELETE /v1/session", headers, "").await.status(), 403, "{headers:?}");
    }
    let ended = send(&app, "DELETE /v1/session", &[cookie, ORIGIN], "").await;
    assert_eq!(ended.status(), 204);
    assert!(ended.headers()["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(send(&app, "GET /v1/me", &[cookie], "").await.status(), 401);
}
