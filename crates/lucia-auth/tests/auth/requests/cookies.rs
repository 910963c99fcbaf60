use std::time::Duration;

use http::{HeaderMap, HeaderValue, Request, header};
use lucia_auth::{NewSession, NewUser, RequestContext, Session, SessionCookie, SetCookie};
use serde_json::json;

use super::{ORIGIN, a_session, get, handle, is_blank, page_load, post};
use crate::support::{DAY, NOW, World, a_user};

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
    assert_eq!(cookie.value(), session.token.as_str());
    let seconds = renewed.idle_period_expires_at.get() / 1000;
    assert_eq!(cookie.expires().unwrap().get() / 1_000, seconds);
    assert!(renewed.idle_period_expires_at > session.idle_period_expires_at);
}

#[tokio::test]
async fn the_cookie_of_a_session_that_is_not_persistent_ends_with_the_browser() {
    let world = World::new();
    let auth = world.builder().persistent_cookie(|attributes| attributes.contains("remember")).build().unwrap();
    let user = a_user(&auth).await;
    let lasting = NewSession::new(user.clone()).attributes(&json!({"remember": true}));
    let lasting = auth.create_session(lasting).await.unwrap();
    let brief = auth.create_session(NewSession::new(user)).await.unwrap();
    let seconds = |cookie: &SetCookie| cookie.expires().map(|expires| expires.get() / 1_000);
    let after = |days| Some(NOW.saturating_add(days * DAY).get() / 1_000);
    assert_eq!(seconds(&auth.create_session_cookie(Some(&lasting))), after(15));
    let renewed = |session: Session| {
        let request = handle(&auth, get(&session));
        async move {
            request.validate().await.unwrap().expect("a live session");
            request.pending_cookie().expect("a cookie")
        }
    };
    world.clock.advance(2 * DAY);
    assert_eq!(seconds(&renewed(lasting).await), after(17));
    for cookie in [auth.create_session_cookie(Some(&brief)), renewed(brief.clone()).await] {
        let sent = cookie.to_string();
        assert!(sent.starts_with(&format!("auth_session={}; HttpOnly", brief.token.as_str())), "{cookie:?}");
        assert!(cookie.expires().is_none() && !sent.contains("Expires") && !sent.contains("Max-Age"), "{cookie:?}");
    }
    assert!(auth.blank_session_cookie().to_string().contains("; Max-Age=0"), "signing out deletes the cookie");
}

#[tokio::test]
async fn an_expired_or_unknown_session_is_signed_out_and_keeps_its_cookie() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    world.clock.advance(16 * DAY);
    let request = handle(&auth, get(&session));
    assert!(request.validate().await.unwrap().is_none());
    assert!(request.pending_cookie().is_none(), "the client may have a newer cookie when the response arrives");
    world.adapter.take_calls();
    request.forget_validation();
    request.validate().await.unwrap();
    assert_eq!(world.adapter.take_calls().len(), 1, "some stores show a new session late");
    request.clear_session();
    assert!(is_blank(request.pending_cookie().as_ref()), "signing out deletes the cookie");
    assert_eq!(request.pending_cookie(), Some(auth.blank_session_cookie()));
    let without_cookie = handle(&auth, Request::get("/"));
    assert!(without_cookie.validate().await.unwrap().is_none());
    assert!(without_cookie.pending_cookie().is_none());
}

#[tokio::test]
async fn signing_in_and_out_sets_the_cookie() {
    let world = World::new();
    let auth = world.auth();
    let (old, new) = (a_session(&auth).await, a_session(&auth).await);

    let request = handle(&auth, get(&old));
    request.set_session(Some(&old));
    assert!(request.pending_cookie().is_none(), "the client has the cookie already");
    request.set_session(Some(&new));
    assert_eq!(request.pending_cookie().unwrap().value(), new.token.as_str());
    assert_eq!(request.validate().await.unwrap().unwrap().id, new.id);

    request.set_session(None);
    assert!(is_blank(request.pending_cookie().as_ref()));
    assert!(request.validate().await.unwrap().is_none());

    let without_cookie = handle(&auth, Request::get("/"));
    without_cookie.set_session(None);
    assert!(without_cookie.pending_cookie().is_none());
}

#[tokio::test]
async fn a_session_with_another_expiry_sets_its_cookie_again() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    let request = handle(&auth, get(&session));
    request.validate().await.unwrap();
    world.clock.advance(2 * DAY);
    auth.validate_session(&session.token).await.unwrap();
    let renewed = auth.get_session(&session.token).await.unwrap();
    for session in [&renewed, &session] {
        request.set_session(Some(session));
        let expires = request.pending_cookie().unwrap().expires().unwrap().get() / 1_000;
        assert_eq!(expires, session.idle_period_expires_at.get() / 1000);
    }
}

#[tokio::test]
async fn cookies_may_come_in_several_headers_with_arbitrary_bytes() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    let split = Request::get("/")
        .header("cookie", HeaderValue::from_bytes(b"theme=\xff\xfe").unwrap())
        .header("cookie", format!("auth_session={}", session.token.as_str()));
    assert!(handle(&auth, split).validate().await.unwrap().is_some());
    let mut mixed = b"theme=\xff; auth_session=".to_vec();
    mixed.extend_from_slice(session.token.as_str().as_bytes());
    let mixed = Request::get("/").header("cookie", HeaderValue::from_bytes(&mixed).unwrap());
    assert!(handle(&auth, mixed).validate().await.unwrap().is_some());
}

#[tokio::test]
async fn a_framework_may_have_parsed_the_cookie_already() {
    let auth = World::new().auth();
    let session = a_session(&auth).await;
    let headers = HeaderMap::new();
    let context = |value| RequestContext {
        method: "GET",
        uri: None,
        headers: &headers,
        session_cookie: Some(value),
        client_address: None,
    };
    assert!(auth.handle_request(context(session.token.as_str())).validate().await.unwrap().is_some());
    assert!(auth.handle_request(context("no; id")).session_token().is_none());
}

#[tokio::test]
async fn the_cookie_has_the_configured_name() {
    let world = World::new();
    let auth = world.builder().session_cookie(SessionCookie::new().name("__Host-id")).build().unwrap();
    let user = auth.create_user(NewUser::new()).await.unwrap().id;
    let session = auth.create_session(NewSession::new(user)).await.unwrap();
    let cookie = auth.create_session_cookie(Some(&session)).to_string();
    assert!(cookie.starts_with("__Host-id=") && cookie.contains("Secure") && cookie.contains("Path=/"), "{cookie}");
    let token = auth.read_session_cookie(Some(&format!("auth_session=x; __Host-id={}", session.token.as_str())));
    assert_eq!(token, Some(session.token));
}

/// If the response of the renewal was lost, the client has a cookie that expires before its session.
#[tokio::test]
async fn page_loads_after_a_renewal_set_the_cookie_again() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    world.clock.advance(2 * DAY);
    let renewed = handle(&auth, get(&session)).validate().await.unwrap().unwrap();
    for (seconds, set) in [(1, true), (598, true), (1, true), (1, false), (3600, false)] {
        world.clock.advance(Duration::from_secs(seconds));
        let request = handle(&auth, page_load(&session));
        assert!(!request.validate().await.unwrap().unwrap().fresh);
        let cookie = request.pending_cookie();
        assert_eq!(cookie.is_some(), set, "{seconds}");
        if let Some(cookie) = cookie {
            let seconds = renewed.idle_period_expires_at.get() / 1000;
            assert_eq!(cookie.expires().unwrap().get() / 1_000, seconds);
        }
    }
}

/// The response to a script may arrive after the one of a concurrent sign-in.
#[tokio::test]
async fn only_page_loads_set_a_cookie_again() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    world.clock.advance(Duration::from_secs(1));
    let head = Request::head("/").header("cookie", format!("auth_session={}", session.token.as_str()));
    for (builder, is_page_load) in [
        (page_load(&session), true),
        (head.header("sec-fetch-mode", "navigate"), true),
        (get(&session).header("accept", "text/html,application/xhtml+xml"), true),
        (get(&session), false),
        (get(&session).header("accept", "*/*"), false),
        (get(&session).header("sec-fetch-mode", "cors").header("accept", "text/html"), false),
        (post(&session, ORIGIN).header("sec-fetch-mode", "navigate"), false),
    ] {
        let request = handle(&auth, builder);
        assert!(request.validate().await.unwrap().is_some());
        assert_eq!(request.is_page_load(), is_page_load, "{request:?}");
        assert_eq!(request.pending_cookie().is_some(), is_page_load, "{request:?}");
    }
}

/// A slow request validates the old id after a rotation in a concurrent one, and its response arrives last.
#[tokio::test]
async fn a_late_response_does_not_delete_a_newer_cookie() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    let (slow, rotating) = (handle(&auth, get(&session)), handle(&auth, get(&session)));
    let rotated = auth.rotate_session(&session.id).await.unwrap();
    rotating.set_session(Some(&rotated));
    assert!(slow.validate().await.unwrap().is_none());
    assert_eq!(rotating.pending_cookie().unwrap().value(), rotated.token.as_str());
    let mut headers = HeaderMap::new();
    slow.write_headers(&mut headers);
    assert!(!headers.contains_key(header::SET_COOKIE));
}

/// A second factor in another tab rotates the session while a slow page loads.
#[tokio::test]
async fn a_late_response_does_not_set_an_older_cookie() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    world.clock.advance(Duration::from_secs(2));
    let slow = handle(&auth, page_load(&session));
    assert!(slow.validate().await.unwrap().is_some());
    assert!(slow.pending_cookie().is_some(), "the response of the sign-in may be lost");
    auth.rotate_session(&session.id).await.unwrap();
    world.clock.advance(Duration::from_secs(5));
    assert!(slow.pending_cookie().is_some());
    world.clock.advance(Duration::from_millis(1));
    assert!(slow.pending_cookie().is_none());
    let mut headers = HeaderMap::new();
    slow.write_headers(&mut headers);
    assert!(!headers.contains_key(header::SET_COOKIE) && !headers.contains_key(header::CACHE_CONTROL));
}
