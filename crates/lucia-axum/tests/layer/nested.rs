//! Tests of nested layers with different `Auth`s.

use axum::{Router, routing::get};
use http::{Request, StatusCode};
use lucia_auth::{Auth, Csrf, NewSession, NewUser, SessionCookie, memory::MemoryAdapter};
use lucia_axum::{AuthLayer, AuthRequest, CurrentSession};

use crate::support::{DAY, World, send, set_cookies, text};

/// Returns an `Auth` of administrators, with a separate store and cookie and the same types of attributes, and a
/// session.
async fn admins(world: &World) -> (Auth, lucia_auth::Session) {
    let auth = Auth::builder(MemoryAdapter::new())
        .clock(std::sync::Arc::clone(&world.clock))
        .session_cookie(SessionCookie::new().name("admin_session"))
        .csrf_protection(Csrf::new().trusted_origins(["https://admin.example"]))
        .build()
        .unwrap();
    let user = auth.create_user(NewUser::new().id("root")).await.unwrap();
    let session = auth.create_session(NewSession::new(user.id)).await.unwrap();
    (auth, session)
}

fn app(world: &World, admins: &Auth) -> Router {
    let who = |session: CurrentSession| async move { session.user.id.to_string() };
    let admin = Router::new()
        .route("/admin", get(who))
        .route("/admin/out", get(|request: AuthRequest| async move { request.sign_out().await.unwrap() }))
        .layer(AuthLayer::new(admins.clone()));
    Router::new().route("/account", get(who)).merge(admin).layer(AuthLayer::new(world.auth.clone()))
}

#[tokio::test]
async fn each_auth_has_its_own_request() {
    let world = World::new().await;
    let (admins, admin) = admins(&world).await;
    let app = app(&world, &admins);
    assert_eq!(
        send(&app, world.request("GET", "/admin")).await.status(),
        StatusCode::UNAUTHORIZED,
        "the cookie of a user is not valid for administrators"
    );
    let bearer = send(&app, world.bearer("GET", "/admin")).await;
    assert_eq!(bearer.status(), StatusCode::UNAUTHORIZED);
    let cookie = format!("admin_session={}", admin.token.as_str());
    let both = || world.request("GET", "/admin").header("cookie", &cookie);
    assert_eq!(text(send(&app, both()).await).await, "root");
    assert_eq!(text(send(&app, world.request("GET", "/account")).await).await, "ada");
    let other = send(&app, Request::get("/account").header("cookie", &cookie)).await;
    assert_eq!(other.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn each_auth_sets_its_own_cookie() {
    let world = World::new().await;
    let (admins, admin) = admins(&world).await;
    let app = app(&world, &admins);
    let cookie = format!("admin_session={}", admin.token.as_str());
    world.clock.advance(2 * DAY);
    let renewed = send(&app, world.request("GET", "/admin").header("cookie", &cookie)).await;
    let names: Vec<_> =
        set_cookies(&renewed).iter().map(|cookie| cookie.split('=').next().unwrap().to_owned()).collect();
    assert_eq!(names, ["admin_session"], "the session of the user was not requested");
    let out = send(&app, world.request("GET", "/admin/out").header("cookie", &cookie)).await;
    let cookies = set_cookies(&out);
    assert!(cookies.len() == 1 && cookies[0].starts_with("admin_session=;"), "{cookies:?}");
    assert_eq!(send(&app, world.request("GET", "/account")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn each_auth_has_its_own_trusted_origins() {
    let world = World::new().await;
    let (admins, _) = admins(&world).await;
    let app = Router::new()
        .route("/", axum::routing::post(|| async { "done" }))
        .layer(AuthLayer::new(admins).reject_foreign_origins())
        .layer(AuthLayer::new(world.auth.clone()));
    for (origin, status) in [("https://admin.example", StatusCode::OK), ("https://evil.example", StatusCode::FORBIDDEN)]
    {
        assert_eq!(send(&app, world.request("POST", "/").header("origin", origin)).await.status(), status, "{origin}");
    }
}
