//! Tests of what only a recently authenticated user may do.

use std::{sync::Arc, time::Duration};

use axum::{Router, body::Body, response::Redirect, routing::any};
use http::{Request, Response, StatusCode, header, request::Builder};
use lucia_auth::{
    Auth, ManualClock, NewKey, NewSession, NewUser, Session, SplitAdapter, UnixMillis, memory::MemoryAdapter,
};
use lucia_axum::{AuthLayer, AuthRejection, AuthRequest, RecentSession, RequireSession};

use crate::{
    sessions::Sessions,
    support::{World, send, set_cookies, text},
};

const MINUTE: Duration = Duration::from_secs(60);

type Guard = RequireSession;

/// An application with a session whose user has a password.
struct Site {
    auth: Auth,
    session: Session,
    sessions: Arc<Sessions>,
    clock: Arc<ManualClock>,
}

impl Site {
    async fn new() -> Self {
        let (sessions, clock) =
            (Arc::new(Sessions::new()), Arc::new(ManualClock::new(UnixMillis::new(1_700_000_000_000))));
        let adapter = SplitAdapter::new(MemoryAdapter::new(), Arc::clone(&sessions));
        let builder = Auth::builder(adapter).clock(Arc::clone(&clock)).session_authenticated_at("authenticated_at");
        let auth = builder.build().unwrap();
        let key = NewKey::with_password(("username", "ada"), "correct horse");
        let user = auth.create_user(NewUser::new().id("ada").key(key)).await.unwrap();
        let session = auth.create_session(NewSession::new(user.id)).await.unwrap();
        sessions.take_reads();
        Self { auth, session, sessions, clock }
    }

    /// Guards one page with the extractor, the others with `guard`.
    fn app(&self, guard: Guard) -> Router {
        let confirm = |request: AuthRequest| async move {
            request.confirm_password("correct horse").await?;
            Ok::<_, AuthRejection>(Redirect::to("/page"))
        };
        Router::new()
            .route("/{*path}", any(|| async { "page" }))
            .route_layer(guard)
            .route("/extracted", any(|session: RecentSession<60>| async move { session.user.id.to_string() }))
            .route("/confirm", any(confirm))
            .layer(AuthLayer::new(self.auth.clone()))
    }

    fn request(&self, path: &str) -> Builder {
        let cookie = format!("auth_session={}", self.session.token.as_str());
        Request::get(path).header("host", "example.com").header(header::COOKIE, cookie)
    }
}

fn recent() -> Guard {
    Guard::new().redirect_to("/sign-in").authenticated_within(MINUTE).redirect_to_confirm("/confirm")
}

fn page_load(request: Builder) -> Builder {
    request.header("sec-fetch-mode", "navigate")
}

fn location(response: &Response<Body>) -> &str {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    response.headers()[header::LOCATION].to_str().unwrap()
}

#[tokio::test]
async fn a_recent_session_is_let_through_with_one_read() {
    let site = Site::new().await;
    let app = site.app(recent());
    site.clock.advance(MINUTE);
    for (path, expected) in [("/page", "page"), ("/extracted", "ada")] {
        assert_eq!(text(send(&app, site.request(path)).await).await, expected);
        assert_eq!(site.sessions.take_reads(), 1);
    }
}

#[tokio::test]
async fn a_session_that_is_not_recent_is_a_403_and_nobody_signed_in_a_401() {
    let site = Site::new().await;
    let app = site.app(recent());
    site.clock.advance(MINUTE + Duration::from_millis(1));
    for path in ["/page", "/extracted"] {
        let response = send(&app, site.request(path).header(header::ACCEPT, "application/json")).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        let body: serde_json::Value = serde_json::from_str(&text(response).await).unwrap();
        assert_eq!(body["code"], "AUTH_REAUTHENTICATION_REQUIRED");
        assert_eq!(body["detail"], "the user must authenticate again");
        assert_eq!(send(&app, Request::get(path)).await.status(), StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn page_loads_are_redirected_to_the_page_that_can_help() {
    let site = Site::new().await;
    let app = site.app(recent());
    site.clock.advance(2 * MINUTE);
    let response = send(&app, page_load(site.request("/page?tab=2"))).await;
    assert_eq!(location(&response), "/confirm?next=/page%3Ftab%3D2");
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    assert_eq!(location(&send(&app, page_load(Request::get("/page"))).await), "/sign-in?next=/page");
    let post = Request::post("/page").header("host", "example.com").header("origin", "https://example.com");
    let cookie = format!("auth_session={}", site.session.token.as_str());
    assert_eq!(send(&app, post.header(header::COOKIE, cookie)).await.status(), StatusCode::FORBIDDEN, "a form");

    let without_page = site.app(Guard::new().redirect_to("/sign-in").authenticated_within(MINUTE));
    assert_eq!(send(&without_page, page_load(site.request("/page"))).await.status(), StatusCode::FORBIDDEN);
    let confirmation = site.app(Guard::new().authenticated_within(MINUTE).redirect_to_confirm("/page"));
    assert_eq!(send(&confirmation, page_load(site.request("/page"))).await.status(), StatusCode::FORBIDDEN, "a loop");
}

#[tokio::test]
async fn a_confirmed_password_opens_the_page() {
    let site = Site::new().await;
    let app = site.app(recent());
    site.clock.advance(2 * MINUTE);
    let response = send(&app, site.request("/confirm")).await;
    assert_eq!(location(&response), "/page");
    let cookie = set_cookies(&response)[0].split(';').next().unwrap().to_owned();
    assert!(!cookie.contains(site.session.token.as_str()));
    for path in ["/page", "/extracted"] {
        let request = Request::get(path).header("host", "example.com").header(header::COOKIE, &cookie);
        assert_eq!(send(&app, request).await.status(), StatusCode::OK);
        assert_eq!(send(&app, site.request(path)).await.status(), StatusCode::UNAUTHORIZED, "the old token");
    }
    assert_eq!(send(&app, Request::get("/confirm")).await.status(), StatusCode::UNAUTHORIZED);
}

/// Whoever may not do it need not confirm anything.
#[tokio::test]
async fn a_predicate_counts_before_the_time() {
    let site = Site::new().await;
    site.clock.advance(2 * MINUTE);
    let app = site.app(recent().authorize(|_| false));
    let response = send(&app, page_load(site.request("/page"))).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(text(response).await, "the user is not allowed to do this");
}

#[tokio::test]
async fn bearer_tokens_can_be_recent_too() {
    let site = Site::new().await;
    let app = site.app(recent().accept_bearer_tokens());
    let request = || {
        let token = format!("Bearer {}", site.session.token.as_str());
        Request::get("/page").header(header::AUTHORIZATION, token)
    };
    assert_eq!(send(&app, request()).await.status(), StatusCode::OK);
    site.clock.advance(2 * MINUTE);
    assert_eq!(send(&app, request()).await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_outage_is_a_503_and_not_a_confirmation() {
    let site = Site::new().await;
    let app = site.app(recent());
    site.sessions.set_down(true);
    for path in ["/page", "/extracted", "/confirm"] {
        let response = send(&app, page_load(site.request(path))).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
    }
}

/// Otherwise every user would be sent to the confirmation page again and again.
#[tokio::test]
async fn a_missing_option_is_a_500() {
    let world = World::new().await;
    let app = Router::new()
        .route("/page", any(|| async { "page" }))
        .route_layer(recent())
        .route("/extracted", any(|_: RecentSession<60>| async {}))
        .layer(AuthLayer::new(world.auth.clone()));
    for path in ["/page", "/extracted"] {
        let response = send(&app, page_load(world.request("GET", path))).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(text(response).await, "internal authentication error");
    }
}

#[test]
#[should_panic = "is not a path of this origin"]
fn the_confirmation_page_is_of_this_origin() {
    drop(Guard::new().redirect_to_confirm("//evil.example"));
}
