use std::sync::Arc;

use http::{Request, Version, request::Builder};
use lucia::{Auth, AuthRequest, Cookie, Csrf, Error, NewSession, NewUser, RequestContext, Session, SessionCookie};

use crate::support::{DAY, World, a_user};

const ORIGIN: &str = "https://example.com";

async fn a_session(auth: &Auth) -> Session {
    auth.create_session(NewSession::new(a_user(auth).await)).await.unwrap()
}

fn get(session: &Session) -> Builder {
    Request::get("/")
        .header("host", "example.com")
        .header("cookie", format!("auth_session={}", session.session_id.as_str()))
}

fn post(session: &Session, origin: &str) -> Builder {
    Request::post("/")
        .header("host", "example.com")
        .header("origin", origin)
        .header("cookie", format!("auth_session={}", session.session_id.as_str()))
}

fn handle(auth: &Auth, request: Builder) -> AuthRequest {
    auth.handle_request(&request.body(()).unwrap())
}

fn is_blank(cookie: Option<&Cookie<'_>>) -> bool {
    cookie.is_some_and(|cookie| cookie.value().is_empty() && cookie.expires_datetime().unwrap().unix_timestamp() == 0)
}

#[tokio::test]
async fn an_active_session_sets_no_cookie() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    let request = handle(&auth, get(&session));
    assert_eq!(request.validate().await.unwrap().as_deref(), Some(&session));
    assert!(request.pending_cookie().is_none());
}

#[tokio::test]
async fn c1_a_renewed_session_sets_its_cookie_again() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    world.clock.advance(2 * DAY);
    let request = handle(&auth, get(&session));
    let renewed = request.validate().await.unwrap().unwrap();
    let cookie = request.pending_cookie().expect("the old one would expire first");
    assert_eq!(cookie.value(), session.session_id.as_str());
    let seconds = renewed.idle_period_expires_at.get() / 1000;
    assert_eq!(cookie.expires_datetime().unwrap().unix_timestamp(), seconds);
    assert!(renewed.idle_period_expires_at > session.idle_period_expires_at);
}

#[tokio::test]
async fn a_dead_or_unknown_session_is_forgotten() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    world.clock.advance(16 * DAY);
    let request = handle(&auth, get(&session));
    assert!(request.validate().await.unwrap().is_none());
    assert!(is_blank(request.pending_cookie().as_ref()));
    assert!(request.session_id().is_none());
    let nobody = handle(&auth, Request::get("/"));
    assert!(nobody.validate().await.unwrap().is_none());
    assert!(nobody.pending_cookie().is_none());
}

#[tokio::test]
async fn the_store_is_asked_once_and_only_if_the_result_is() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    world.adapter.take_calls();
    let request = handle(&auth, get(&session));
    assert!(world.adapter.take_calls().is_empty());
    let (one, two) = tokio::join!(request.validate(), request.validate());
    assert!(Arc::ptr_eq(&one.unwrap().unwrap(), &two.unwrap().unwrap()));
    request.clone().validate().await.unwrap();
    assert_eq!(world.adapter.take_calls(), ["get_session_and_user"]);
    request.invalidate();
    request.validate().await.unwrap();
    assert_eq!(world.adapter.take_calls(), ["get_session_and_user"]);
}

#[tokio::test]
async fn c6_an_origin_that_is_none_is_refused_and_not_a_crash() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    world.adapter.take_calls();
    for origin in ["null", "", "garbage", "https://", "://", "https://evil.example", "file://"] {
        let request = handle(&auth, post(&session, origin));
        assert!(!request.has_trusted_origin(), "{origin}");
        assert!(request.validate().await.unwrap().is_none(), "{origin}");
        assert!(request.pending_cookie().is_none(), "a stranger must not sign anybody out: {origin}");
    }
    assert!(world.adapter.take_calls().is_empty());
    assert!(handle(&auth, post(&session, ORIGIN)).validate().await.unwrap().is_some());
}

#[tokio::test]
async fn c7_a_request_from_the_own_origin_is_valid() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    let request = |origin| post(&session, origin).body(()).unwrap();
    auth.validate_request_origin(&request(ORIGIN)).unwrap();
    let error = auth.validate_request_origin(&request("https://evil.example")).unwrap_err();
    assert_eq!(error.code(), "AUTH_INVALID_REQUEST");
    let off = world.builder().csrf_protection(Csrf::off()).build().unwrap();
    off.validate_request_origin(&request("https://evil.example")).unwrap();
    let (parts, ()) = request(ORIGIN).into_parts();
    auth.validate_request_origin(&parts).unwrap();
}

#[tokio::test]
async fn c9_cookie_and_bearer_token_do_not_mix() {
    let world = World::new();
    let auth = world.auth();
    let (by_cookie, by_token) = (a_session(&auth).await, a_session(&auth).await);
    let bearer = format!("Bearer {}", by_token.session_id.as_str());
    world.adapter.take_calls();

    let request = handle(&auth, get(&by_cookie).header("authorization", &bearer));
    for _ in 0..2 {
        assert_eq!(request.validate_bearer_token().await.unwrap().unwrap().session_id, by_token.session_id);
        assert_eq!(request.validate().await.unwrap().unwrap().session_id, by_cookie.session_id);
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
        handle(&auth, Request::get("/").header("authorization", format!("bearer {}", session.session_id.as_str())));
    assert!(request.validate_bearer_token().await.unwrap().unwrap().fresh);
    assert!(request.pending_cookie().is_none());
    let twice = Request::get("/").header("authorization", "Bearer a").header("authorization", "Bearer b");
    assert!(handle(&auth, twice).validate_bearer_token().await.unwrap().is_none());
}

#[tokio::test]
async fn c32_no_header_has_to_be_there() {
    let world = World::new();
    let auth = world.auth();
    let nobody = handle(&auth, Request::get("/"));
    assert!(nobody.validate().await.unwrap().is_none());
    assert!(nobody.validate_bearer_token().await.unwrap().is_none());

    // Over HTTP/2 the host is in the address, and no header says it.
    let session = a_session(&auth).await;
    let cookie = format!("auth_session={}", session.session_id.as_str());
    let http2 = |host: &str| Request::post(format!("https://{host}/account")).version(Version::HTTP_2);
    let own = handle(&auth, http2("example.com").header("origin", ORIGIN).header("cookie", &cookie));
    assert_eq!(own.validate().await.unwrap().unwrap().session_id, session.session_id);
    let foreign = handle(&auth, http2("other.example").header("origin", ORIGIN).header("cookie", &cookie));
    assert!(foreign.validate().await.unwrap().is_none());
    let without_origin = handle(&auth, http2("example.com").header("cookie", &cookie));
    assert!(without_origin.validate().await.unwrap().is_none());
}

#[tokio::test]
async fn signing_in_and_out_sets_the_cookie() {
    let world = World::new();
    let auth = world.auth();
    let (old, new) = (a_session(&auth).await, a_session(&auth).await);

    let request = handle(&auth, get(&old));
    request.set_session(Some(&old));
    assert!(request.pending_cookie().is_none(), "the client has it");
    request.set_session(Some(&new));
    assert_eq!(request.pending_cookie().unwrap().value(), new.session_id.as_str());
    assert_eq!(request.validate().await.unwrap().unwrap().session_id, new.session_id);

    request.set_session(None);
    assert!(is_blank(request.pending_cookie().as_ref()));
    assert!(request.validate().await.unwrap().is_none());

    let nobody = handle(&auth, Request::get("/"));
    nobody.set_session(None);
    assert!(nobody.pending_cookie().is_none());
}

#[tokio::test]
async fn c16_a_session_whose_user_is_gone_is_forgotten() {
    let world = World::split();
    let auth = world.auth();
    let session = a_session(&auth).await;
    world.adapter.store().delete_user(&session.user.user_id).await.unwrap();
    let request =
        handle(&auth, get(&session).header("authorization", format!("Bearer {}", session.session_id.as_str())));
    assert!(request.validate().await.unwrap().is_none());
    assert!(is_blank(request.pending_cookie().as_ref()));
    assert!(request.validate_bearer_token().await.unwrap().is_none());
}

#[tokio::test]
async fn an_outage_is_an_error_and_the_next_call_tries_again() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    let request = handle(&auth, get(&session));
    world.adapter.fail(Some("get_session_and_user"));
    assert!(request.validate().await.unwrap_err().is_unavailable());
    assert!(request.pending_cookie().is_none(), "an outage signs nobody out");
    world.adapter.fail(None);
    assert!(request.validate().await.unwrap().is_some());
}

#[tokio::test]
async fn cookies_may_come_in_several_headers_beside_any_bytes() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    let split = Request::get("/")
        .header("cookie", http::HeaderValue::from_bytes(b"theme=\xff\xfe").unwrap())
        .header("cookie", format!("auth_session={}", session.session_id.as_str()));
    assert!(handle(&auth, split).validate().await.unwrap().is_some());
    let mut beside = b"theme=\xff; auth_session=".to_vec();
    beside.extend_from_slice(session.session_id.as_str().as_bytes());
    let beside = Request::get("/").header("cookie", http::HeaderValue::from_bytes(&beside).unwrap());
    assert!(handle(&auth, beside).validate().await.unwrap().is_some());
}

#[tokio::test]
async fn a_framework_may_have_parsed_the_cookie_already() {
    let auth = World::new().auth();
    let session = a_session(&auth).await;
    let headers = http::HeaderMap::new();
    let context = |value| RequestContext { method: "GET", uri: None, headers: &headers, session_cookie: Some(value) };
    assert!(auth.handle_request(context(session.session_id.as_str())).validate().await.unwrap().is_some());
    assert!(auth.handle_request(context("no such; id")).session_id().is_none());
}

#[tokio::test]
async fn the_cookie_has_the_configured_name() {
    let world = World::new();
    let auth = world.builder().session_cookie(SessionCookie::new().name("__Host-id")).build().unwrap();
    let user = auth.create_user(NewUser::new()).await.unwrap().user_id;
    let session = auth.create_session(NewSession::new(user)).await.unwrap();
    let cookie = auth.create_session_cookie(Some(&session)).to_string();
    assert!(cookie.starts_with("__Host-id=") && cookie.contains("Secure") && cookie.contains("Path=/"), "{cookie}");
    let id = auth.read_session_cookie(Some(&format!("auth_session=x; __Host-id={}", session.session_id.as_str())));
    assert_eq!(id, Some(session.session_id));
}

#[test]
fn not_authenticated_has_lucias_code() {
    assert_eq!(Error::NotAuthenticated.code(), "AUTH_NOT_AUTHENTICATED");
}
