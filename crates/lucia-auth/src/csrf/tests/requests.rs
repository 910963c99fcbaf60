//! The decision about a request's origin.

use proptest::prelude::*;

use super::support::Request;
use crate::{
    AllowedSubdomains, Env,
    csrf::{Csrf, check::Rejection, origin::Origin},
};

const SITE: &str = "https://example.com";

fn rejection(origin: &str, host: &str) -> Option<Rejection> {
    Request::post(origin, host).check(&Csrf::new(), Env::Prod).err()
}

fn subdomains(subdomains: AllowedSubdomains) -> Csrf {
    Csrf::new().allowed_subdomains(subdomains)
}

#[test]
fn c6_malformed_origins_are_rejected() {
    for origin in [
        "null",
        "garbage",
        "https://",
        "://",
        "https:example.com",
        "file://",
        "//example.com",
        "https://example.com:x",
        "https://example.com:99999",
        "https://example.com:+443",
        "https://exa mple.com",
        "https://[::1",
        "https://example.com https://example.com",
        "\u{9}",
        "data:,x",
        "https://example.com/",
        "https://example.com\\",
        "https://example.com?",
        "https://example.com#",
        "https://user@example.com",
        "https://user:password@example.com",
        "https://example.com%2f",
    ] {
        let expected = if origin == "null" { Rejection::OpaqueOrigin } else { Rejection::MalformedOrigin };
        assert_eq!(rejection(origin, "example.com"), Some(expected), "{origin:?}");
    }
    assert_eq!(rejection("", "example.com"), Some(Rejection::NoOrigin));
    let bytes = Request::new("POST").header("host", "example.com").header("origin", b"https://example.com\xff");
    assert_eq!(bytes.check(&Csrf::new(), Env::Prod), Err(Rejection::MalformedOrigin));
    let several = Request::post(SITE, "example.com").header("origin", SITE);
    assert_eq!(several.check(&Csrf::new(), Env::Prod), Err(Rejection::SeveralOrigins));
}

#[test]
fn c7_the_sites_own_origin_is_trusted() {
    for (origin, host, env) in [
        (SITE, "example.com", Env::Prod),
        ("https://example.com:8443", "example.com:8443", Env::Prod),
        ("http://localhost:3000", "localhost:3000", Env::Dev),
        ("http://localhost:3000", "localhost:3000", Env::Prod),
        ("http://192.168.1.7:3000", "192.168.1.7:3000", Env::Dev),
        ("https://intranet", "intranet", Env::Prod),
    ] {
        assert!(Request::post(origin, host).is_accepted(&Csrf::new(), env), "{origin} at {host}");
    }
    assert_eq!(rejection("https://example.com:8443", "example.com"), Some(Rejection::ForeignOrigin));
    assert_eq!(rejection(SITE, "example.com:8443"), Some(Rejection::ForeignOrigin));
    assert_eq!(rejection("https://example.org", "example.com"), Some(Rejection::ForeignOrigin));
}

#[test]
fn methods_that_change_nothing_need_no_origin() {
    for method in ["GET", "HEAD", "OPTIONS", "TRACE", "get"] {
        assert!(Request::new(method).is_accepted(&Csrf::new(), Env::Prod), "{method}");
    }
    for method in ["POST", "PUT", "PATCH", "DELETE", "CONNECT", "QUERY", "GETS", " GET", ""] {
        let request = Request::new(method).header("host", "example.com");
        assert_eq!(request.check(&Csrf::new(), Env::Prod), Err(Rejection::NoOrigin), "{method:?}");
        assert!(request.is_accepted(&Csrf::off(), Env::Prod), "{method:?}");
    }
}

#[test]
fn c10_subdomains_end_at_the_public_suffix() {
    let all = || subdomains(AllowedSubdomains::all());
    for (origin, host, expected) in [
        ("https://a.example.com", "example.com", true),
        ("https://a.b.example.com", "c.example.com", true),
        ("https://example.com", "app.example.com", false),
        ("https://evilexample.com", "example.com", false),
        ("https://a.example.co.uk", "example.co.uk", true),
        ("https://evil.co.uk", "shop.co.uk", false),
        ("https://attacker.vercel.app", "myapp.vercel.app", false),
        ("https://preview.myapp.vercel.app", "myapp.vercel.app", true),
        ("https://attacker.github.io", "github.io", false),
        ("https://com", "example.com", false),
        ("https://a.example.com:8443", "example.com", false),
        ("https://a.example.com:8443", "example.com:8443", true),
        ("http://a.example.com", "example.com", false),
        ("http://a.localhost:3000", "b.localhost:3000", true),
        ("http://127.0.0.2:3000", "127.0.0.1:3000", false),
        ("http://[::2]:3000", "[::1]:3000", false),
        ("https://1.127.0.0.1", "127.0.0.1", false),
        ("https://.example.com", "example.com", false),
    ] {
        assert_eq!(Request::post(origin, host).is_accepted(&all(), Env::Prod), expected, "{origin} at {host}");
    }
    let listed = subdomains(AllowedSubdomains::list(["foo", "EU.api", "b\u{fc}cher"]));
    for (origin, host, expected) in [
        ("https://foo.example.co.jp", "example.co.jp", true),
        ("https://foo.example.co.jp", "bar.example.co.jp", true),
        ("https://eu.api.example.com", "www.example.com", true),
        ("https://xn--bcher-kva.example.com", "www.example.com", true),
        ("https://api.example.com", "www.example.com", false),
        ("https://a.foo.example.com", "www.example.com", false),
        ("https://example.com", "www.example.com", false),
        ("https://foo.co.jp", "example.co.jp", false),
    ] {
        assert_eq!(Request::post(origin, host).is_accepted(&listed, Env::Prod), expected, "{origin} at {host}");
    }
    let domain = subdomains(AllowedSubdomains::all().and_domain());
    assert!(Request::post(SITE, "app.example.com").is_accepted(&domain, Env::Prod));
    assert!(!Request::post("https://co.uk", "app.co.uk").is_accepted(&domain, Env::Prod));
}

#[test]
fn c11_an_https_site_trusts_no_http_origin() {
    let request = Request::post("http://example.com", "example.com");
    assert_eq!(request.check(&Csrf::new(), Env::Prod), Err(Rejection::InsecureOrigin));
    assert!(request.is_accepted(&Csrf::new(), Env::Dev));
    assert!(Request::post(SITE, "example.com").is_accepted(&Csrf::new(), Env::Dev));

    let encrypted = Request::post("http://example.com", "example.com").uri("https://example.com/");
    assert_eq!(encrypted.check(&Csrf::new(), Env::Dev), Err(Rejection::InsecureOrigin));
    let behind_a_proxy = Request::post(SITE, "example.com").uri("http://example.com/");
    assert!(behind_a_proxy.is_accepted(&Csrf::new(), Env::Prod));

    for loopback in ["localhost:3000", "app.localhost:3000", "127.0.0.1:3000", "[::1]:3000"] {
        let request = Request::post(&format!("http://{loopback}"), loopback);
        assert!(request.is_accepted(&Csrf::new(), Env::Prod), "{loopback}");
    }
    assert_eq!(rejection("http://localhost.example.com", "localhost.example.com"), Some(Rejection::InsecureOrigin));
    assert_eq!(rejection("http://notlocalhost", "notlocalhost"), Some(Rejection::InsecureOrigin));
}

#[test]
fn c12_hosts_are_normalised() {
    for (origin, host) in [
        (SITE, "Example.COM"),
        (SITE, "example.com:443"),
        (SITE, "example.com:"),
        ("HTTPS://EXAMPLE.com:443", "example.com"),
        ("https://xn--bcher-kva.example", "b\u{fc}cher.example"),
        ("https://[0:0:0:0:0:0:0:1]:3000", "[::1]:3000"),
        ("https://[::ffff:1.2.3.4]", "[::ffff:102:304]"),
    ] {
        let request = Request::new("POST").header("origin", origin);
        let configured = Csrf::new().host(host);
        configured.validate().unwrap();
        assert!(request.is_accepted(&configured, Env::Prod), "{origin} at {host}");
        if host.is_ascii() {
            assert!(Request::post(origin, host).is_accepted(&Csrf::new(), Env::Prod), "{origin} at {host}");
        }
    }
    for host in [
        "example.com:80",
        "example.com.",
        "example.com/",
        "example.com@evil.com",
        "user@example.com",
        "",
        ":443",
        "example.com, example.com",
    ] {
        assert!(rejection(SITE, host).is_some(), "{host}");
    }
}

#[test]
fn c12_the_sites_host_comes_from_the_most_explicit_source() {
    let request = || Request::post(SITE, "example.com");
    // HTTP/2 has the host in the URI, HTTP/1.1 in the header.
    assert!(request().uri("/path?query").is_accepted(&Csrf::new(), Env::Prod));
    assert!(request().uri("*").is_accepted(&Csrf::new(), Env::Prod));
    assert!(
        Request::new("POST").header("origin", SITE).uri("https://example.com/").is_accepted(&Csrf::new(), Env::Prod)
    );
    assert!(!request().uri("https://internal:8080/").is_accepted(&Csrf::new(), Env::Prod));
    assert!(!Request::post(SITE, "internal").is_accepted(&Csrf::new(), Env::Prod));
    assert_eq!(Request::new("POST").header("origin", SITE).check(&Csrf::new(), Env::Prod), Err(Rejection::UnknownHost));
    let twice = request().header("host", "example.com");
    assert_eq!(twice.check(&Csrf::new(), Env::Prod), Err(Rejection::UnknownHost));

    let header = Csrf::new().host_header("X-Forwarded-Host");
    let forwarded =
        |host: &str| Request::post(SITE, "internal:8080").uri("http://internal:8080/").header("x-forwarded-host", host);
    for (host, expected) in
        [("example.com", true), (" Example.com:443 , proxy", true), ("proxy, example.com", false), ("", false)]
    {
        assert_eq!(forwarded(host).is_accepted(&header, Env::Prod), expected, "{host}");
    }
    assert_eq!(request().check(&header, Env::Prod), Err(Rejection::UnknownHost), "the header is missing");
    let host = Csrf::new().host("example.com").host_header("X-Forwarded-Host");
    assert!(forwarded("evil.com").is_accepted(&host, Env::Prod));
    let own = Csrf::new().host_header("Host");
    assert!(request().uri("https://internal:8080/").is_accepted(&own, Env::Prod));
    assert!(!twice.is_accepted(&own, Env::Prod));
}

#[test]
fn trusted_origins_match_exactly() {
    let csrf = Csrf::new().trusted_origins([
        "https://admin.example.net:8443",
        "HTTPS://Partner.example:443",
        "http://legacy.example",
        "tauri://localhost",
    ]);
    csrf.validate().unwrap();
    for (origin, expected) in [
        ("https://admin.example.net:8443", true),
        ("https://partner.example", true),
        ("http://legacy.example", true),
        ("tauri://localhost", true),
        ("https://admin.example.net", false),
        ("http://admin.example.net:8443", false),
        ("https://legacy.example", false),
        ("https://a.partner.example", false),
        ("https://localhost", false),
        ("capacitor://localhost", false),
    ] {
        assert_eq!(Request::post(origin, "example.com").is_accepted(&csrf, Env::Prod), expected, "{origin}");
    }
    assert!(
        Request::new("POST").header("origin", "https://partner.example").is_accepted(&csrf, Env::Prod),
        "whatever the host"
    );
}

fn header_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop_oneof![Just(b'\t'), 0x20..=0x7e_u8, 0x80..=0xff_u8], 0..60)
}

fn almost_an_origin() -> impl Strategy<Value = String> {
    let part =
        prop_oneof!["(https?|ws|null)(://)?", "[a-zA-Z0-9.%@:\\[\\]/\\\\?#-]{0,12}", "(example)?\\.com", ":[0-9]{0,6}"];
    prop::collection::vec(part, 0..5).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn no_header_panics(origin in header_bytes(), host in header_bytes(), forwarded in header_bytes()) {
        let request = Request::new("POST").header("origin", &origin).header("host", &host).header("x-forwarded-host", &forwarded);
        for csrf in [Csrf::new(), Csrf::new().host_header("X-Forwarded-Host"), subdomains(AllowedSubdomains::all())] {
            let _ = request.check(&csrf, Env::Dev);
        }
    }

    #[test]
    fn no_other_origin_is_accepted(origin in almost_an_origin(), env in prop_oneof![Just(Env::Dev), Just(Env::Prod)]) {
        if Request::new("POST").header("origin", &origin).is_accepted(&Csrf::new().host("example.com"), env) {
            // The library that browsers' rules are written down in agrees, and there is no more in the text than an
            // origin.
            let url = url::Url::parse(&origin).unwrap();
            prop_assert_eq!(url.host_str(), Some("example.com"));
            prop_assert_eq!(url.port(), None);
            prop_assert_eq!((url.path(), url.query(), url.fragment(), url.username()), ("/", None, None, ""));
            prop_assert!(matches!(url.scheme(), "http" | "https"));
        }
    }

    #[test]
    fn a_site_accepts_its_own_origin(name in "[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?(\\.[a-z]{2,6}){1,3}", port in any::<u16>()) {
        let Ok(url) = url::Url::parse(&format!("https://{name}:{port}")) else { return Ok(()) };
        let origin = url.origin().ascii_serialization();
        let host = format!("{name}:{port}");
        prop_assert!(Request::post(&origin, &host).is_accepted(&Csrf::new(), Env::Prod));
        let reread = Origin::parse(&origin).unwrap();
        prop_assert_eq!(reread.authority.port.unwrap_or(443), port);
    }
}
