mod candidates;
mod cookies;
mod headers;
mod origins;
mod sign_out;

use std::sync::Arc;

use http::{Request, Version, request::Builder};
use lucia_auth::{Auth, AuthRequest, Error, NewSession, Session, SetCookie, UnixMillis};

use crate::support::{DAY, World, a_user};

const ORIGIN: &str = "https://example.com";

async fn a_session(auth: &Auth) -> Session {
    auth.create_session(NewSession::new(a_user(auth).await)).await.unwrap()
}

fn get(session: &Session) -> Builder {
    Request::get("/").header("host", "example.com").header("cookie", format!("auth_session={}", session.token.as_str()))
}

fn page_load(session: &Session) -> Builder {
    get(session).header("sec-fetch-mode", "navigate")
}

fn post(session: &Session, origin: &str) -> Builder {
    Request::post("/")
        .header("host", "example.com")
        .header("origin", origin)
        .header("cookie", format!("auth_session={}", session.token.as_str()))
}

fn handle(auth: &Auth, request: Builder) -> AuthRequest {
    auth.handle_request(&request.body(()).unwrap())
}

fn is_blank(cookie: Option<&SetCookie>) -> bool {
    cookie.is_some_and(|cookie| cookie.value().is_empty() && cookie.expires() == Some(UnixMillis::EPOCH))
}

#[tokio::test]
async fn the_store_is_read_once_and_only_on_demand() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    world.adapter.take_calls();
    let request = handle(&auth, get(&session));
    assert!(world.adapter.take_calls().is_empty());
    let (one, two) = tokio::join!(request.validate(), request.validate());
    assert!(Arc::ptr_eq(&one.unwrap().unwrap(), &two.unwrap().unwrap()));
    request.clone().validate().await.unwrap();
    assert_eq!(world.adapter.take_calls(), ["get_first_session_and_user"]);
    request.forget_validation();
    request.validate().await.unwrap();
    assert_eq!(world.adapter.take_calls(), ["get_first_session_and_user"]);
}

#[tokio::test]
async fn c9_cookie_and_bearer_token_are_validated_separately() {
    let world = World::new();
    let auth = world.auth();
    let (by_cookie, by_token) = (a_session(&auth).await, a_session(&auth).await);
    let bearer = format!("Bearer {}", by_token.token.as_str());
    world.adapter.take_calls();

    let request = handle(&auth, get(&by_cookie).header("authorization", &bearer));
    for _ in 0..2 {
        assert_eq!(request.validate_bearer_token().await.unwrap().unwrap().id, by_token.id);
        assert_eq!(request.validate().await.unwrap().unwrap().id, by_cookie.id);
    }
    assert_eq!(world.adapter.take_calls().len(), 2);

    let foreign = handle(&auth, post(&by_cookie, "https://evil.example").header("authorization", &bearer));
    assert!(foreign.validate_bearer_token().await.unwrap().is_some());
    assert!(foreign.validate().await.unwrap().is_none());
}

#[tokio::test]
async fn a_bearer_token_is_renewed_without_a_cookie() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    world.clock.advance(2 * DAY);
    let request =
        handle(&auth, Request::get("/").header("authorization", format!("bearer {}", session.token.as_str())));
    assert!(request.validate_bearer_token().await.unwrap().unwrap().fresh);
    assert!(request.pending_cookie().is_none());
    let twice = Request::get("/").header("authorization", "Bearer a").header("authorization", "Bearer b");
    assert!(handle(&auth, twice).validate_bearer_token().await.unwrap().is_none());
}

#[tokio::test]
async fn c32_every_header_is_optional() {
    let world = World::new();
    let auth = world.auth();
    let nobody = handle(&auth, Request::get("/"));
    assert!(nobody.validate().await.unwrap().is_none());
    assert!(nobody.validate_bearer_token().await.unwrap().is_none());

    // HTTP/2 has the host in the URI instead of a header.
    let session = a_session(&auth).await;
    let cookie = format!("auth_session={}", session.token.as_str());
    let http2 = |host: &str| Request::post(format!("https://{host}/account")).version(Version::HTTP_2);
    let own = handle(&auth, http2("example.com").header("origin", ORIGIN).header("cookie", &cookie));
    assert_eq!(own.validate().await.unwrap().unwrap().id, session.id);
    let foreign = handle(&auth, http2("other.example").header("origin", ORIGIN).header("cookie", &cookie));
    assert!(foreign.validate().await.unwrap().is_none());
    let without_origin = handle(&auth, http2("example.com").header("cookie", &cookie));
    assert!(without_origin.validate().await.unwrap().is_none());
}

#[tokio::test]
async fn c16_a_request_with_a_session_of_a_deleted_user_is_signed_out() {
    let world = World::split();
    let auth = world.auth();
    let session = a_session(&auth).await;
    world.adapter.store().delete_user(&session.user.id).await.unwrap();
    let request = handle(&auth, get(&session).header("authorization", format!("Bearer {}", session.token.as_str())));
    assert!(request.validate().await.unwrap().is_none());
    assert!(request.pending_cookie().is_none());
    assert!(request.validate_bearer_token().await.unwrap().is_none());
}

#[tokio::test]
async fn an_outage_is_an_error_and_the_next_call_retries() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    let request = handle(&auth, get(&session));
    world.adapter.fail(Some("get_first_session_and_user"));
    assert!(request.validate().await.unwrap_err().is_unavailable());
    assert!(request.pending_cookie().is_none(), "an outage must not sign users out");
    world.adapter.fail(None);
    assert!(request.validate().await.unwrap().is_some());
}

#[test]
fn not_authenticated_has_the_code_of_lucia_js() {
    assert_eq!(Error::NotAuthenticated.code(), "AUTH_NOT_AUTHENTICATED");
}
