//! Tests of the settings of the session cookie, and of ids that need escaping.

use lucia_core::{SessionToken, UnixMillis};
use proptest::prelude::*;

use crate::{
    Env,
    cookie::{InvalidSessionCookie, SameSite, SessionCookie},
};

fn named(name: &str) -> SessionCookie {
    SessionCookie::new().name(name)
}

fn text(cookie: &SessionCookie, id: &str, expires: UnixMillis) -> String {
    cookie.build(Some((&SessionToken::new(id), expires)), Env::Prod, UnixMillis::EPOCH).to_string()
}

#[test]
fn names_must_be_tokens() {
    for name in ["", " ", "my session", "a=b", "a;b", "a,b", "\"a\"", "a\n", "\u{e9}", "a/b", "(a)"] {
        let expected = InvalidSessionCookie::Name { name: name.to_owned() };
        assert_eq!(named(name).validate(Env::Prod), Err(expected), "{name}");
    }
    for name in ["auth_session", "toString", "__proto__", "!#$%&'*+-.^_`|~"] {
        assert_eq!(named(name).validate(Env::Dev), Ok(()), "{name}");
    }
}

#[test]
fn prefixes_require_the_matching_attributes() {
    for name in ["__Host-id", "__host-id", "__Secure-id", "__SECURE-id"] {
        assert_eq!(named(name).validate(Env::Prod), Ok(()), "{name}");
        let expected = InvalidSessionCookie::InsecurePrefix { name: name.to_owned() };
        assert_eq!(named(name).validate(Env::Dev), Err(expected), "{name}");
    }
    let expected = || InvalidSessionCookie::HostPrefix { name: "__Host-id".to_owned() };
    assert_eq!(named("__Host-id").path("/app").validate(Env::Prod), Err(expected()));
    assert_eq!(named("__Host-id").domain("example.com").validate(Env::Prod), Err(expected()));
    assert_eq!(named("__Secure-id").path("/app").domain("example.com").validate(Env::Prod), Ok(()));
}

#[test]
fn same_site_none_requires_a_secure_cookie() {
    let cookie = SessionCookie::new().same_site(SameSite::None);
    assert_eq!(cookie.validate(Env::Dev), Err(InvalidSessionCookie::InsecureSameSiteNone));
    assert_eq!(cookie.validate(Env::Prod), Ok(()));
    let text = text(&cookie, "a", UnixMillis::EPOCH);
    assert!(text.contains("; SameSite=None") && text.contains("; Secure"), "{text}");
}

#[test]
fn invalid_paths_and_domains_are_rejected() {
    for path in ["", "app", "/a;b", "/a b", "/\u{e9}", "/a\nb"] {
        let expected = InvalidSessionCookie::Path { path: path.to_owned() };
        assert_eq!(SessionCookie::new().path(path).validate(Env::Prod), Err(expected), "{path}");
    }
    for domain in [
        "",
        ".",
        "https://example.com",
        "example.com:443",
        "example.com/",
        "a;b.com",
        "127.0.0.1",
        "[::1]",
        "b\u{fc}cher.example",
    ] {
        let rejected = SessionCookie::new().domain(domain).validate(Env::Prod);
        assert_eq!(rejected, Err(InvalidSessionCookie::Domain { domain: domain.to_owned() }), "{domain}");
    }
    for domain in ["com", "co.uk", "github.io", ".com", "CO.UK"] {
        let rejected = SessionCookie::new().domain(domain).validate(Env::Prod);
        assert_eq!(rejected, Err(InvalidSessionCookie::PublicSuffix { domain: domain.to_owned() }), "{domain}");
    }
    for domain in [
        "example.com",
        ".example.com",
        "Example.com",
        "me.github.io",
        "localhost",
        "xn--bcher-kva.example",
        "corp.intranet",
    ] {
        assert_eq!(SessionCookie::new().domain(domain).validate(Env::Prod), Ok(()), "{domain}");
    }
}

#[test]
fn c21_attributes_that_are_not_set_keep_their_defaults() {
    let id = SessionToken::new("a");
    for cookie in [
        SessionCookie::new().domain("example.com"),
        SessionCookie::new().path("/app"),
        SessionCookie::new().same_site(SameSite::Strict),
        SessionCookie::new().expires(false),
    ] {
        let built = cookie.build(Some((&id, UnixMillis::EPOCH)), Env::Prod, UnixMillis::EPOCH);
        let built = built.cookie();
        assert!(built.path().is_some() && built.same_site().is_some() && built.expires().is_some());
        assert_eq!((built.http_only(), built.secure(), built.name()), (Some(true), Some(true), "auth_session"));
    }
}

#[test]
fn a_cookie_expires_with_its_session_or_in_a_year() {
    let now = UnixMillis::new(1_700_000_000_123);
    let expires = |cookie: SessionCookie, millis: i64| {
        let cookie = cookie.build(Some((&SessionToken::new("a"), UnixMillis::new(millis))), Env::Prod, now);
        cookie.expires().unwrap().get() / 1_000
    };
    assert_eq!(expires(SessionCookie::new(), 1_999), 1);
    assert_eq!(expires(SessionCookie::new(), -1), 0);
    assert_eq!(expires(SessionCookie::new(), i64::MIN), 0);
    assert_eq!(expires(SessionCookie::new(), i64::MAX), 253_402_300_799);
    for millis in [0, i64::MAX] {
        assert_eq!(expires(SessionCookie::new().expires(false), millis), 1_700_000_000 + 365 * 86_400);
    }
    let late =
        SessionCookie::new().expires(false).build(Some((&SessionToken::new("a"), now)), Env::Prod, UnixMillis::MAX);
    assert!(late.to_string().ends_with("Expires=Fri, 31 Dec 9999 23:59:59 GMT"));
    let blank = SessionCookie::new().build(None, Env::Prod, now);
    assert_eq!((blank.value(), blank.expires().unwrap().get()), ("", 0));
    assert_eq!(blank.cookie().max_age(), Some(time::Duration::ZERO));
}

#[test]
fn max_age_agrees_with_expires() {
    let now = UnixMillis::new(1_700_000_000_123);
    let max_age = |millis: i64| {
        let expires = UnixMillis::new(now.get() + millis);
        let cookie = SessionCookie::new().build(Some((&SessionToken::new("a"), expires)), Env::Prod, now);
        let expected = cookie.expires().unwrap().get() / 1_000 - 1_700_000_000;
        assert_eq!(cookie.cookie().max_age().unwrap().whole_seconds(), expected.max(0));
        cookie.cookie().max_age().unwrap().whole_seconds()
    };
    assert_eq!((max_age(0), max_age(15_000), max_age(-5_000)), (0, 15, 0));
}

#[test]
fn a_partitioned_cookie_requires_a_secure_cookie() {
    let cookie = SessionCookie::new().partitioned(true);
    assert_eq!(cookie.validate(Env::Dev), Err(InvalidSessionCookie::InsecurePartitioned));
    assert_eq!(cookie.validate(Env::Prod), Ok(()));
    assert!(text(&cookie, "a", UnixMillis::EPOCH).contains("; Partitioned"));
    assert!(!text(&SessionCookie::new(), "a", UnixMillis::EPOCH).contains("Partitioned"));
}

#[test]
fn c26_an_id_from_the_store_cannot_inject_into_the_header() {
    let text = text(&SessionCookie::new(), "a; Domain=evil.com\r\nSet-Cookie: b=\u{e9}%", UnixMillis::EPOCH);
    assert!(
        text.starts_with("auth_session=a%3B%20Domain%3Devil%2Ecom%0D%0ASet%2DCookie%3A%20b%3D%C3%A9%25; HttpOnly"),
        "{text}"
    );
}

proptest! {
    #[test]
    fn accepted_settings_cannot_inject_into_the_header(
        name in "[a-zA-Z_!~;=, \"-]{1,6}|__Host-id|.{0,6}", path in "/[a-z;, \r]{0,4}|.{0,6}",
        domain in proptest::option::of("[a-z;.]{1,8}|.{0,8}"), id in ".{0,12}",
    ) {
        let mut options = named(&name).path(path.as_str());
        if let Some(domain) = &domain {
            options = options.domain(domain.as_str());
        }
        if options.validate(Env::Prod).is_ok() {
            let text = text(&options, &id, UnixMillis::EPOCH);
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '), "{text:?}");
            let cookie = cookie::Cookie::parse(text.as_str()).unwrap();
            prop_assert_eq!((cookie.name(), cookie.path()), (name.as_str(), Some(path.as_str())));
            prop_assert_eq!(cookie.domain(), domain.as_deref().map(|domain| domain.strip_prefix('.').unwrap_or(domain)));
            prop_assert_eq!((cookie.http_only(), cookie.secure()), (Some(true), Some(true)));
        }
    }
}
