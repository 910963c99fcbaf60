//! Tests of the address of a client, and of the responses to too many attempts.

use std::net::SocketAddr;

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, connect_info::MockConnectInfo},
    routing::{get, post},
};
use http::{Request, Response, StatusCode, header};
use lucia_auth::{Auth, Limit, NewKey, NewSession, NewUser, PasswordError, Throttle, memory::MemoryAdapter};
use lucia_axum::{AuthLayer, AuthRejection, AuthRequest};

use crate::support::{World, send, set_cookies, text};

async fn address(request: AuthRequest) -> String {
    request.client().ip().map_or_else(|| "unknown".to_owned(), |address| address.to_string())
}

async fn sign_in(request: AuthRequest, password: String) -> Result<&'static str, AuthRejection> {
    let key = request.auth().use_key_with_password(("username", "ada"), &password).client(request.client()).await?;
    let session = request.auth().create_session(NewSession::for_key(&key)).await?;
    request.set_session(Some(&session));
    request.remember_device(&key)?;
    Ok("signed in")
}

fn app(layer: AuthLayer) -> Router {
    Router::new().route("/", get(address)).route("/sign-in", post(sign_in)).layer(layer)
}

/// Returns the address that a handler sees.
async fn seen(layer: &AuthLayer, peer: Option<&str>, headers: &[(&str, &str)]) -> String {
    let mut request = Request::get("/");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if let Some(peer) = peer {
        request = request.extension(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
    }
    text(send(&app(layer.clone()), request).await).await
}

#[tokio::test]
async fn only_trusted_proxies_name_the_client() {
    let layer = AuthLayer::new(World::new().await.auth);
    let spoofed = [("x-forwarded-for", "6.6.6.6"), ("forwarded", "for=6.6.6.6"), ("x-real-ip", "6.6.6.6")];
    let chain = [("x-forwarded-for", "6.6.6.6, 198.51.100.9"), ("x-forwarded-for", "10.0.0.2")];
    let behind = |proxies: &[&'static str]| layer.clone().trusted_proxies(proxies.iter().copied()).unwrap();
    let (none, one, all) = (behind(&[]), behind(&["10.0.0.1"]), behind(&["10.0.0.0/8", "2001:db8::/32"]));
    for (name, layer, peer, headers, expected) in [
        ("direct", &layer, Some("203.0.113.7:4711"), &spoofed[..], "203.0.113.7"),
        ("direct, mapped", &layer, Some("[::ffff:203.0.113.7]:4711"), &[], "203.0.113.7"),
        ("direct, IPv6", &layer, Some("[2001:db8::7]:4711"), &spoofed, "2001:db8::7"),
        ("probably a proxy", &layer, Some("10.0.0.1:4711"), &spoofed, "unknown"),
        ("probably a proxy, mapped", &layer, Some("[::ffff:127.0.0.1]:4711"), &chain, "unknown"),
        ("no proxies", &none, Some("10.0.0.1:4711"), &spoofed, "10.0.0.1"),
        ("no address", &all, None, &spoofed, "unknown"),
        ("past the proxy", &all, Some("203.0.113.7:4711"), &chain, "203.0.113.7"),
        ("two proxies", &all, Some("10.0.0.1:4711"), &chain, "198.51.100.9"),
        ("a mapped proxy", &all, Some("[::ffff:10.0.0.1]:4711"), &chain, "198.51.100.9"),
        ("an IPv6 proxy", &all, Some("[2001:db8::1]:4711"), &chain, "198.51.100.9"),
        ("a proxy that is not listed", &one, Some("10.0.0.1:4711"), &chain, "10.0.0.2"),
        ("a proxy that wrote no header", &all, Some("10.0.0.1:4711"), &[], "unknown"),
        (
            "a proxy that wrote the other header",
            &all,
            Some("10.0.0.1:4711"),
            &[("forwarded", "for=6.6.6.6")],
            "unknown",
        ),
    ] {
        assert_eq!(seen(layer, peer, headers).await, expected, "{name}");
    }
    let forwarded = all.read_forwarded();
    let headers =
        [("forwarded", "for=6.6.6.6, for=\"[2001:d00::7]:4711\";proto=https"), ("x-forwarded-for", "6.6.6.6")];
    assert_eq!(seen(&forwarded, Some("10.0.0.1:4711"), &headers).await, "2001:d00::7");

    let mistaken = layer.clone().trusted_proxies(["10.0.0.1", "10.0.0.0/33"]).unwrap_err();
    assert_eq!(mistaken.text, "10.0.0.0/33");
}

#[tokio::test]
async fn tests_of_applications_can_set_the_address() {
    let mocked: SocketAddr = "203.0.113.7:4711".parse().unwrap();
    let app = app(AuthLayer::new(World::new().await.auth)).layer(MockConnectInfo(mocked));
    assert_eq!(text(send(&app, Request::get("/")).await).await, "203.0.113.7");
}

#[tokio::test]
async fn a_server_provides_the_address_of_connections() {
    let layer = AuthLayer::new(World::new().await.auth).trusted_proxies(["::1"]).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let service = app(layer).into_make_service_with_connect_info::<SocketAddr>();
    let server = tokio::spawn(async move { axum::serve(listener, service).await });
    let response = reqwest::Client::new().get(url).header("x-forwarded-for", "6.6.6.6").send().await.unwrap();
    assert_eq!(response.text().await.unwrap(), "127.0.0.1");
    server.abort();
}

async fn post_password(app: &Router, password: &'static str, cookie: &str, address: &str) -> Response<Body> {
    use tower::ServiceExt as _;

    let peer: SocketAddr = address.parse().unwrap();
    let request = Request::post("/sign-in")
        .header("host", "example.com")
        .header("origin", "https://example.com")
        .header(header::ACCEPT, "application/json")
        .header(header::COOKIE, cookie)
        .extension(ConnectInfo(peer));
    app.clone().oneshot(request.body(Body::from(password)).unwrap()).await.unwrap()
}

#[tokio::test]
async fn too_many_attempts_are_429_and_a_known_device_signs_in() {
    let minute = std::time::Duration::from_millis(59_001);
    let throttle = Throttle::in_memory().per_account(Limit::new(2, minute)).per_address(Limit::new(5, minute));
    let world = World::new().await;
    let auth = Auth::builder(MemoryAdapter::new()).clock(world.clock).throttle(throttle).build().unwrap();
    auth.create_user(NewUser::new().key(NewKey::with_password(("username", "ada"), "right horse"))).await.unwrap();
    let app = app(AuthLayer::new(auth).reject_foreign_origins());

    let (home, attacker) = ("203.0.113.7:1", "203.0.113.8:1");
    let signed_in = post_password(&app, "right horse", "theme=dark", home).await;
    assert_eq!(signed_in.status(), StatusCode::OK);
    let cookies = set_cookies(&signed_in);
    let [session, device] = cookies[..] else { panic!("{cookies:?}") };
    assert!(session.starts_with("auth_session=") && device.starts_with("auth_device="));
    let device = device.split_once(';').unwrap().0;

    for expected in [401, 401, 429, 429] {
        let response = post_password(&app, "wrong", "theme=dark", attacker).await;
        assert_eq!(response.status().as_u16(), expected);
        if expected == 429 {
            assert_eq!(response.headers()[header::RETRY_AFTER], "60", "rounded up");
            assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
            let problem: serde_json::Value = serde_json::from_str(&text(response).await).unwrap();
            assert_eq!(problem["code"], "AUTH_TOO_MANY_ATTEMPTS");
        }
    }
    assert_eq!(post_password(&app, "right horse", "theme=dark", home).await.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(post_password(&app, "right horse", device, home).await.status(), StatusCode::OK);
    for _ in 0..3 {
        let response = post_password(&app, "wrong", "theme=dark", attacker).await;
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS, "by address");
    }
    assert_eq!(post_password(&app, "right horse", device, attacker).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_full_queue_is_503_with_the_time_to_retry() {
    let busy = || PasswordError::Busy { retry_after: std::time::Duration::from_millis(1_500) };
    let handler = move || async move { Err::<(), _>(AuthRejection::from(lucia_auth::Error::from(busy()))) };
    let app = Router::new().route("/", get(handler)).layer(AuthLayer::new(World::new().await.auth));
    let response = send(&app, Request::get("/").header(header::ACCEPT, "application/json")).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()[header::RETRY_AFTER], "2");
    let problem: serde_json::Value = serde_json::from_str(&text(response).await).unwrap();
    assert_eq!((&problem["code"], &problem["status"]), (&"AUTH_BUSY".into(), &503.into()));
}
