//! Invalid options.

use proptest::prelude::*;

use crate::csrf::{AllowedSubdomains, Csrf, InvalidCsrf};

#[test]
fn hosts_are_checked() {
    for host in [
        "",
        " ",
        "https://example.com",
        "example.com/",
        "example.com:x",
        "example.com:65536",
        "exa mple.com",
        "*",
        "*.example.com",
        "a@b",
        "a,b",
        "[::1",
        "%",
    ] {
        let expected = InvalidCsrf::Host { host: host.to_owned() };
        assert_eq!(Csrf::new().host(host).validate(), Err(expected), "{host}");
    }
    for host in ["example.com", "Example.com:8443", "[::1]:3000", "10.0.0.1", "localhost", "b\u{fc}cher.example"] {
        assert_eq!(Csrf::new().host(host).validate(), Ok(()), "{host}");
    }
}

#[test]
fn header_names_are_checked() {
    for name in ["", "X Forwarded Host", "X-Forwarded-Host:", "h\u{f6}st"] {
        let expected = InvalidCsrf::HostHeader { name: name.to_owned() };
        assert_eq!(Csrf::new().host_header(name).validate(), Err(expected), "{name}");
    }
    assert_eq!(Csrf::new().host_header("X-Forwarded-Host").validate(), Ok(()));
}

#[test]
fn trusted_origins_are_checked() {
    for origin in [
        "",
        "*",
        "null",
        "example.com",
        "https://example.com/",
        "https://*",
        "https://*.127.0.0.1",
        "https://*.",
        "https://a.*.example.com",
        "https://*example.com",
        "https://*.*.example.com",
        "*.example.com",
        "*://*.example.com",
        "https://*.example.com/",
        "https://a,b",
        "https://user@example.com",
        "file://",
    ] {
        let csrf = Csrf::new().trusted_origins(["https://example.org", origin]);
        assert_eq!(csrf.validate(), Err(InvalidCsrf::TrustedOrigin { origin: origin.to_owned() }), "{origin}");
    }
}

#[test]
fn hosts_that_anybody_can_register_are_not_trusted_by_a_pattern() {
    for suffix in ["com", "co.uk", "github.io", "vercel.app"] {
        let error = Csrf::new().trusted_origins([format!("https://*.{suffix}")]).validate().unwrap_err();
        assert_eq!(error, InvalidCsrf::PublicSuffix { scheme: "https".to_owned(), suffix: suffix.to_owned() });
        assert!(error.to_string().contains("trust_origins_when"), "{error}");
    }
}

#[test]
fn c13_subdomains_are_checked() {
    for name in ["", "*", "*.api", ".api", "api.", "a..b", "api:80", "https://api", "a b", "a/b", "a@b", "a,b"] {
        let csrf = Csrf::new().allowed_subdomains(AllowedSubdomains::list(["app", name]));
        assert_eq!(csrf.validate(), Err(InvalidCsrf::Subdomain { name: name.to_owned() }), "{name}");
    }
    let csrf = Csrf::new().allowed_subdomains(AllowedSubdomains::list(["app", "EU.api", "b\u{fc}cher", "my_app"]));
    assert_eq!(csrf.validate(), Ok(()));
}

#[test]
fn the_first_invalid_option_is_reported_with_its_reason() {
    let csrf = Csrf::off().host("https://example.com").trusted_origins(["*"]);
    let error = csrf.validate().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the host \"https://example.com\" must be a host name or an address, with or without a port, and without scheme and path"
    );
}

proptest! {
    #[test]
    fn options_that_are_accepted_are_hosts_to_browsers_too(
        host in "[a-z0-9.:%@/-]{0,10}|\\[[0-9a-f:.]{2,9}\\](:[0-9]{0,6})?|.{0,8}", name in "[a-z.*:%-]{0,8}|.{0,6}",
    ) {
        let host_of = |text: &str| url::Url::parse(&format!("https://{text}")).ok()?.host_str().map(ToOwned::to_owned);
        if Csrf::new().host(&host).validate().is_ok() {
            prop_assert!(host_of(&host).is_some(), "{host:?}");
            prop_assert_eq!(Csrf::new().trusted_origins([format!("https://{host}")]).validate(), Ok(()));
        }
        if Csrf::new().allowed_subdomains(AllowedSubdomains::list([name.as_str()])).validate().is_ok() {
            let whole = host_of(&format!("{name}.example.com"));
            prop_assert!(whole.is_some_and(|whole| whole.ends_with(".example.com") && !whole.starts_with('.')), "{name:?}");
        }
    }
}
