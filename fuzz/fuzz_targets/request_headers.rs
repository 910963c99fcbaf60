//! Sends any request headers through the layer: no failure, no session that the request does not name, no session by a
//! cookie from another origin, and no malformed response.
#![no_main]

use std::{convert::Infallible, sync::LazyLock};

use cookie::Cookie;
use futures_util::FutureExt as _;
use http::{HeaderName, HeaderValue, Method, Request, Response, Uri, header};
use libfuzzer_sys::fuzz_target;
use lucia_auth::{
    Auth, AuthRequest, ManualClock, UnixMillis,
    lucia_core::{SessionAdapter as _, SessionSchema, UserAdapter as _, UserSchema},
    memory::MemoryAdapter,
};
use lucia_axum::AuthLayer;
use tower::{Layer as _, ServiceExt as _, service_fn};

const ID: &str = "s3ss10n";

static AUTH: LazyLock<Auth> = LazyLock::new(|| {
    let adapter = MemoryAdapter::new();
    let never = UnixMillis::new(4_102_444_800_000);
    let session = SessionSchema::new(ID, "u", UnixMillis::EPOCH, never);
    adapter.set_user(&UserSchema::new("u"), None).now_or_never().expect("at once").expect("a new user");
    adapter.set_session(&session).now_or_never().expect("at once").expect("a new session");
    Auth::builder(adapter).clock(ManualClock::new(UnixMillis::new(1_000))).build().expect("the defaults fit")
});

// One line each: the method, the URL, then headers.
fuzz_target!(|input: &[u8]| {
    let mut lines = input.split(|byte| *byte == b'\n');
    let method = lines.next().and_then(|line| Method::from_bytes(line).ok()).unwrap_or(Method::POST);
    let uri = lines.next().and_then(|line| Uri::try_from(line).ok()).unwrap_or_default();
    let mut request = Request::new(());
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        let value = HeaderValue::from_bytes(value.get(1..).unwrap_or_default().trim_ascii());
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), value) {
            request.headers_mut().append(name, value);
        }
    }
    let named = |name: HeaderName| request.headers().get_all(name).iter().any(|value| value.len() >= ID.len());
    let (has_cookie, has_token) = (named(header::COOKIE), named(header::AUTHORIZATION));
    let service = service_fn(|request: Request<()>| async move {
        let auth: &AuthRequest = request.extensions().get().expect("the layer is there");
        let by_cookie = auth.validate().await.expect("memory does not fail");
        let by_token = auth.validate_bearer_token().await.expect("memory does not fail");
        for session in [&by_cookie, &by_token].into_iter().flatten() {
            assert_eq!(session.token.as_str(), ID);
        }
        assert!(by_cookie.is_none() || auth.has_trusted_origin());
        let mut response = Response::new(());
        response.extensions_mut().insert((by_cookie.is_some(), by_token.is_some()));
        Ok::<_, Infallible>(response)
    });
    let response = AuthLayer::new(AUTH.clone()).layer(service).oneshot(request).now_or_never().expect("at once");
    let response = response.expect("nothing fails");
    let (by_cookie, by_token): (bool, bool) = *response.extensions().get().expect("set above");
    assert!((!by_cookie || has_cookie) && (!by_token || has_token));
    for cookie in response.headers().get_all(header::SET_COOKIE) {
        let cookie = Cookie::parse(cookie.to_str().expect("visible characters")).expect("our own cookie");
        assert_eq!(cookie.name(), "auth_session");
        assert!(cookie.value() == ID && by_cookie || cookie.value().is_empty());
    }
});
