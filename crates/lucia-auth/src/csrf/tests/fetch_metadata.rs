//! Fetch metadata of browsers, and origins that are trusted by a pattern or a function.

use super::support::Request;
use crate::{
    Env,
    csrf::{Csrf, check::Rejection},
};

const SITE: &str = "https://example.com";

fn post(origin: Option<&str>, fetch_site: &str) -> Request {
    let request = Request::new("POST").header("host", "example.com").header("sec-fetch-site", fetch_site);
    match origin {
        Some(origin) => request.header("origin", origin),
        None => request,
    }
}

/// Browsers hide the origin if the site's referrer policy is `no-referrer`.
#[test]
fn a_hidden_origin_is_trusted_if_the_browser_reports_the_same_origin() {
    for hidden in [None, Some("null"), Some("")] {
        for (fetch_site, expected) in [
            ("same-origin", true),
            ("same-site", false),
            ("cross-site", false),
            ("none", false),
            ("", false),
            ("x", false),
        ] {
            let request = post(hidden, fetch_site);
            assert_eq!(request.is_accepted(&Csrf::new(), Env::Prod), expected, "{hidden:?} {fetch_site}");
        }
        let twice = post(hidden, "same-origin").header("sec-fetch-site", "same-origin");
        assert!(!twice.is_accepted(&Csrf::new(), Env::Prod), "{hidden:?}, said twice");
    }
    // A given origin takes precedence.
    for origin in ["https://evil.example", "garbage", "file://", "null null"] {
        assert!(!post(Some(origin), "same-origin").is_accepted(&Csrf::new(), Env::Prod), "{origin}");
    }
    let several = post(Some("null"), "same-origin").header("origin", "null");
    assert_eq!(several.check(&Csrf::new(), Env::Prod), Err(Rejection::SeveralOrigins));
}

#[test]
fn a_request_from_another_site_needs_a_trusted_origin() {
    let csrf = Csrf::new().trusted_origins(["https://partner.example"]);
    assert_eq!(post(Some(SITE), "cross-site").check(&csrf, Env::Prod), Err(Rejection::CrossSite));
    assert_eq!(post(Some("null"), "cross-site").check(&csrf, Env::Prod), Err(Rejection::OpaqueOrigin));
    assert!(post(Some("https://partner.example"), "cross-site").is_accepted(&csrf, Env::Prod));
    for fetch_site in ["same-origin", "same-site", "none"] {
        assert!(post(Some(SITE), fetch_site).is_accepted(&csrf, Env::Prod), "{fetch_site}");
    }
}

/// A page of any site can open one with this site's cookies and read the messages.
#[test]
fn a_browsers_websocket_handshake_is_checked_like_a_post() {
    let handshake = |upgrade: &str| {
        Request::new("GET").header("host", "example.com").header("connection", "Upgrade").header("upgrade", upgrade)
    };
    for upgrade in ["websocket", "WebSocket", "h2c, websocket"] {
        let own = handshake(upgrade).header("origin", SITE);
        assert!(own.is_accepted(&Csrf::new(), Env::Prod), "{upgrade}");
        let foreign = handshake(upgrade).header("origin", "https://evil.example");
        assert_eq!(foreign.check(&Csrf::new(), Env::Prod), Err(Rejection::ForeignOrigin), "{upgrade}");
        let opaque = handshake(upgrade).header("origin", "null");
        assert_eq!(opaque.check(&Csrf::new(), Env::Prod), Err(Rejection::OpaqueOrigin), "{upgrade}");
        assert!(handshake(upgrade).is_accepted(&Csrf::new(), Env::Prod), "no browser: {upgrade}");
    }
    let other = || handshake("h2c").header("origin", "https://evil.example");
    assert!(other().is_accepted(&Csrf::new(), Env::Prod));
    assert!(!other().header("upgrade", "websocket").is_accepted(&Csrf::new(), Env::Prod), "in a second header");
}

#[test]
fn all_hosts_below_a_domain_may_be_trusted() {
    let csrf = Csrf::new().trusted_origins(["https://*.Preview.example.com", "http://*.localhost:3000"]);
    csrf.validate().unwrap();
    for (origin, expected) in [
        ("https://pr-1.preview.example.com", true),
        ("https://a.b.preview.example.com", true),
        ("https://PR-1.preview.example.com:443", true),
        ("https://preview.example.com", false),
        ("https://.preview.example.com", false),
        ("https://evilpreview.example.com", false),
        ("https://preview.example.com.evil.example", false),
        ("http://pr-1.preview.example.com", false),
        ("https://pr-1.preview.example.com:8443", false),
        ("http://app.localhost:3000", true),
        ("http://app.localhost", false),
        ("https://127.0.0.1", false),
    ] {
        assert_eq!(Request::post(origin, "other.example").is_accepted(&csrf, Env::Prod), expected, "{origin}");
    }
}

#[test]
fn a_function_may_trust_origins() {
    let csrf = Csrf::new().trusted_origins(["https://listed.example"]).trust_origins_when(|origin, request| {
        origin == "https://preview.example:8443" && request.headers.contains_key("x-preview")
    });
    let post = |origin| Request::post(origin, "example.com");
    assert!(!post("https://preview.example:8443").is_accepted(&csrf, Env::Prod));
    assert!(post("HTTPS://Preview.example:8443").header("x-preview", "1").is_accepted(&csrf, Env::Prod));
    assert!(!post("https://preview.example").header("x-preview", "1").is_accepted(&csrf, Env::Prod));
    assert!(post("https://listed.example").is_accepted(&csrf, Env::Prod));
    assert!(post(SITE).is_accepted(&csrf, Env::Prod));
    assert!(format!("{csrf:?}").contains("trusted_when"));
}
