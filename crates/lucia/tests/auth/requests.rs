use std::{sync::Arc, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, Request, Version, header, request::Builder};
use lucia::{
    AdapterErrorKind, AttributesError, Auth, AuthRequest, Csrf, Error, NewSession, NewUser, RequestContext, Session,
    SessionCookie, SetCookie, lucia_core::SessionSchema,
};

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

fn is_blank(cookie: Option<&SetCookie>) -> bool {
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
async fn a_dead_or_unknown_session_is_nobody_and_keeps_its_cookie() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    world.clock.advance(16 * DAY);
    let request = handle(&auth, get(&session));
    assert!(request.validate().await.unwrap().is_none());
    assert!(request.pending_cookie().is_none(), "the client may hold a newer one by the time this arrives");
    world.adapter.take_calls();
    request.invalidate();
    request.validate().await.unwrap();
    assert_eq!(world.adapter.take_calls().len(), 1, "some stores show a session late");
    request.set_session(None);
    assert!(is_blank(request.pending_cookie().as_ref()), "signing out deletes it");
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
    assert!(request.pending_cookie().is_none());
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
        .header("cookie", HeaderValue::from_bytes(b"theme=\xff\xfe").unwrap())
        .header("cookie", format!("auth_session={}", session.session_id.as_str()));
    assert!(handle(&auth, split).validate().await.unwrap().is_some());
    let mut beside = b"theme=\xff; auth_session=".to_vec();
    beside.extend_from_slice(session.session_id.as_str().as_bytes());
    let beside = Request::get("/").header("cookie", HeaderValue::from_bytes(&beside).unwrap());
    assert!(handle(&auth, beside).validate().await.unwrap().is_some());
}

#[tokio::test]
async fn a_framework_may_have_parsed_the_cookie_already() {
    let auth = World::new().auth();
    let session = a_session(&auth).await;
    let headers = HeaderMap::new();
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

/// A slow request that validates the old id after a rotation in a parallel one, and whose response arrives last.
#[tokio::test]
async fn a_late_response_deletes_no_newer_cookie() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    let (slow, rotating) = (handle(&auth, get(&session)), handle(&auth, get(&session)));
    let rotated = auth.rotate_session(&session.session_id).await.unwrap();
    rotating.set_session(Some(&rotated));
    assert!(slow.validate().await.unwrap().is_none());
    assert_eq!(rotating.pending_cookie().unwrap().value(), rotated.session_id.as_str());
    let mut headers = HeaderMap::new();
    slow.write_headers(&mut headers);
    assert!(!headers.contains_key(header::SET_COOKIE));
}

/// After a change of the cookie's path or domain, browsers send the old cookie and the new one, in an order of theirs.
#[tokio::test]
async fn several_cookies_of_one_name_are_tried_in_turn() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    let id = session.session_id.as_str();
    for cookies in [
        vec![format!("auth_session=dead; auth_session={id}")],
        vec![format!("auth_session={id}; auth_session=dead")],
        vec![format!("auth_session=; auth_session=%; auth_session=a; auth_session=b; auth_session={id}")],
        vec!["auth_session=dead".to_owned(), format!("auth_session={id}")],
    ] {
        let mut builder = Request::get("/");
        for line in &cookies {
            builder = builder.header("cookie", line);
        }
        let request = handle(&auth, builder);
        world.adapter.take_calls();
        assert_eq!(request.validate().await.unwrap().as_deref(), Some(&session), "{cookies:?}");
        assert_eq!(world.adapter.take_calls(), ["get_sessions_and_users"], "in one round trip");
        assert_eq!(request.session_id().as_ref(), Some(&session.session_id));
        assert!(request.pending_cookie().is_none());
    }
    // Of two that are alive, the first.
    let other = auth.create_session(NewSession::new(session.user.user_id.clone())).await.unwrap();
    let both =
        Request::get("/").header("cookie", format!("auth_session={}; auth_session={id}", other.session_id.as_str()));
    let both = handle(&auth, both);
    assert_eq!(both.validate().await.unwrap().unwrap().session_id, other.session_id);
    both.sign_out().await.unwrap();
    assert!(auth.get_all_user_sessions(&session.user.user_id).await.unwrap().is_empty(), "none of them is left");
}

#[tokio::test]
async fn one_of_several_cookies_is_renewed() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    world.clock.advance(2 * DAY);
    let cookies = format!("auth_session=dead; auth_session={}", session.session_id.as_str());
    let request = handle(&auth, Request::get("/").header("cookie", cookies));
    assert!(request.validate().await.unwrap().unwrap().fresh);
    assert_eq!(request.pending_cookie().unwrap().value(), session.session_id.as_str());
}

/// The response that renewed it is lost: the client holds a cookie that expires before its session.
#[tokio::test]
async fn the_cookie_of_a_renewed_session_is_set_again_soon_after() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    world.clock.advance(2 * DAY);
    let renewed = handle(&auth, get(&session)).validate().await.unwrap().unwrap();
    for (seconds, set) in [(1, true), (9, true), (1, false), (3600, false)] {
        world.clock.advance(Duration::from_secs(seconds));
        let request = handle(&auth, get(&session));
        assert!(!request.validate().await.unwrap().unwrap().fresh);
        let cookie = request.pending_cookie();
        assert_eq!(cookie.is_some(), set, "{seconds}");
        if let Some(cookie) = cookie {
            let seconds = renewed.idle_period_expires_at.get() / 1000;
            assert_eq!(cookie.expires_datetime().unwrap().unix_timestamp(), seconds);
        }
    }
}

/// Signed in, then rotated by the second factor while a slow request is under way.
#[tokio::test]
async fn a_late_response_sets_no_older_cookie() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    world.clock.advance(Duration::from_secs(2));
    let slow = handle(&auth, get(&session));
    assert!(slow.validate().await.unwrap().is_some());
    assert!(slow.pending_cookie().is_some(), "the response that signed in may be lost");
    auth.rotate_session(&session.session_id).await.unwrap();
    world.clock.advance(Duration::from_millis(1_001));
    assert!(slow.pending_cookie().is_none());
    let mut headers = HeaderMap::new();
    slow.write_headers(&mut headers);
    assert!(!headers.contains_key(header::SET_COOKIE) && !headers.contains_key(header::CACHE_CONTROL));
}

/// A cookie of an old path whose session no longer fits, before the one of a new sign-in.
#[tokio::test]
async fn a_session_that_cannot_be_read_hides_no_other() {
    let world = World::new();
    let good = a_session(&world.auth()).await;
    let bad = a_session(&world.auth()).await;
    let bad_id = bad.session_id.clone();
    let refuse = move |session: &SessionSchema| match session.id == bad_id {
        true => Err(AttributesError::Reserved { name: "x".into() }),
        false => Ok(()),
    };
    let cookies = format!("auth_session={}; auth_session={}", bad.session_id.as_str(), good.session_id.as_str());
    let request = || Request::get("/").header("cookie", &cookies).body(()).unwrap();
    let auth = world.builder().get_session_attributes(refuse.clone()).build().unwrap();
    let found = auth.handle_request(&request()).validate().await.unwrap().unwrap();
    assert_eq!(found.session_id, good.session_id);
    world.clock.advance(2 * DAY);
    let alone =
        Request::get("/").header("cookie", format!("auth_session={}", bad.session_id.as_str())).body(()).unwrap();
    world.adapter.take_calls();
    assert!(matches!(auth.handle_request(&alone).validate().await, Err(Error::Attributes(_))));
    assert_eq!(world.adapter.take_calls(), ["get_session_and_user"], "it is not renewed");
    // Nor does a value in the store that is no session.
    world.adapter.fail_as("get_sessions_and_users", AdapterErrorKind::Decode);
    let found = auth.handle_request(&request()).validate().await.unwrap().unwrap();
    assert_eq!(found.session_id, good.session_id);
}

#[tokio::test]
async fn signing_out_needs_no_readable_session() {
    let world = World::new();
    let session = a_session(&world.auth()).await;
    let refuse = |_: &SessionSchema| Err(AttributesError::Reserved { name: "x".into() });
    let auth = world.builder().get_session_attributes::<()>(refuse).build().unwrap();
    let request = auth.handle_request(&get(&session).body(()).unwrap());
    assert!(matches!(request.validate().await, Err(Error::Attributes(_))));
    request.sign_out().await.unwrap();
    assert!(is_blank(request.pending_cookie().as_ref()));
    assert!(world.adapter.store().get_session(&session.session_id).await.unwrap().is_none());
}

#[tokio::test]
async fn signing_out_ends_what_the_client_has_and_nothing_else() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    let foreign = handle(&auth, post(&session, "https://evil.example"));
    foreign.sign_out().await.unwrap();
    assert!(foreign.pending_cookie().is_none());
    handle(&auth, Request::get("/")).sign_out().await.unwrap();
    assert!(auth.get_session(&session.session_id).await.is_ok());

    // Signed in and out by one request.
    let request = handle(&auth, get(&session));
    let new = auth.create_session(NewSession::new(session.user.user_id.clone())).await.unwrap();
    request.set_session(Some(&new));
    world.adapter.fail(Some("delete_session"));
    assert!(request.sign_out().await.unwrap_err().is_unavailable());
    assert!(!is_blank(request.pending_cookie().as_ref()), "who may still be signed in keeps the cookie");
    world.adapter.fail(None);
    request.sign_out().await.unwrap();
    assert!(auth.get_all_user_sessions(&session.user.user_id).await.unwrap().is_empty());
    assert!(is_blank(request.pending_cookie().as_ref()));

    let malformed = handle(&auth, Request::get("/").header("cookie", "auth_session=%"));
    malformed.sign_out().await.unwrap();
    assert!(is_blank(malformed.pending_cookie().as_ref()), "a cookie that nobody can read goes, too");
}

/// A shared cache shows nobody somebody else's page.
#[tokio::test]
async fn responses_say_what_they_depend_on() {
    let world = World::new();
    let auth = world.auth();
    let session = a_session(&auth).await;
    let headers = |request: &AuthRequest, before: &[(HeaderName, &'static str)]| {
        let mut headers = HeaderMap::new();
        for (name, value) in before {
            headers.append(name, HeaderValue::from_static(value));
        }
        request.write_headers(&mut headers);
        let get =
            |name| headers.get_all(name).iter().map(|value| value.to_str().unwrap().to_owned()).collect::<Vec<_>>();
        (get(header::VARY), get(header::CACHE_CONTROL), headers.contains_key(header::SET_COOKIE))
    };
    let nothing = (vec![], vec![], false);
    assert_eq!(headers(&handle(&auth, get(&session)), &[]), nothing, "nobody asked");

    for builder in [get(&session), Request::get("/")] {
        let request = handle(&auth, builder);
        request.validate().await.unwrap();
        assert_eq!(headers(&request, &[]).0, ["cookie"], "with a cookie or without");
        assert_eq!(headers(&request, &[(header::VARY, "Accept, Cookie")]).0, ["Accept, Cookie"]);
        assert_eq!(headers(&request, &[(header::VARY, "*")]).0, ["*"]);
        assert_eq!(headers(&request, &[(header::VARY, "Accept")]).0, ["Accept", "cookie"]);
        request.validate_bearer_token().await.unwrap();
        assert_eq!(headers(&request, &[]).0, ["cookie", "authorization"]);
    }
    let bearer = handle(&auth, get(&session));
    bearer.validate_bearer_token().await.unwrap();
    assert_eq!(headers(&bearer, &[]), (vec!["authorization".to_owned()], vec![], false));

    let request = handle(&auth, get(&session));
    request.sign_out().await.unwrap();
    for (before, after) in [
        ("public, max-age=60", "no-store"),
        ("private", "no-store"),
        ("no-cache", "no-store"),
        ("private, No-Store", "private, No-Store"),
    ] {
        assert_eq!(headers(&request, &[(header::CACHE_CONTROL, before)]).1, [after]);
    }
    assert_eq!(headers(&request, &[]).1, ["no-store"]);
    assert!(headers(&request, &[]).2);
}

#[test]
fn a_request_shows_the_names_of_its_headers_alone() {
    let request = Request::post("/?token=secret-query")
        .header("Cookie", "auth_session=secret-cookie")
        .header("Authorization", "Bearer secret-token");
    let request = request.body(()).unwrap();
    let context = RequestContext { session_cookie: Some("secret-value"), ..RequestContext::from(&request) };
    for shown in [format!("{context:?}"), format!("{context:#?}")] {
        assert!(!shown.contains("secret"), "{shown}");
        assert!(shown.contains("cookie") && shown.contains("authorization"), "{shown}");
    }
}

#[test]
fn not_authenticated_has_lucias_code() {
    assert_eq!(Error::NotAuthenticated.code(), "AUTH_NOT_AUTHENTICATED");
}
