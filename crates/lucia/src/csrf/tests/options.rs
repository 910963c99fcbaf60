//! Options that make no sense.

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
        "https://*.example.com",
        "https://a,b",
        "https://user@example.com",
        "file://",
    ] {
        let csrf = Csrf::new().trusted_origins(["https://example.org", origin]);
        assert_eq!(csrf.validate(), Err(InvalidCsrf::TrustedOrigin { origin: origin.to_owned() }), "{origin}");
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
fn the_first_mistake_is_told_and_says_what_and_why() {
    let csrf = Csrf::off().host("https://example.com").trusted_origins(["*"]);
    let error = csrf.validate().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the host \"https://example.com\" has to be a host name or an address, with a port or without, and no scheme or path"
    );
}
