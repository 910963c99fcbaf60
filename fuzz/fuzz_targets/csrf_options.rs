//! Configures the CSRF protection: exactly the accepted hosts, subdomains and origins are trusted.
#![no_main]

use http::{HeaderMap, HeaderValue, header::ORIGIN};
use libfuzzer_sys::fuzz_target;
use lucia_auth::{AllowedSubdomains, Auth, Csrf, Env, RequestContext, memory::MemoryAdapter};
use url::Url;

// Separated by unit separators: the site's host, a subdomain, a trusted origin, and a request's origin.
fuzz_target!(|input: &str| {
    let mut parts = input.splitn(4, '\x1f');
    let [host, subdomain, trusted, origin] = [(); 4].map(|()| parts.next().unwrap_or_default());
    let mut csrf = Csrf::new().host(host);
    if !subdomain.is_empty() {
        csrf = csrf.allowed_subdomains(AllowedSubdomains::list([subdomain]));
    }
    if !trusted.is_empty() {
        csrf = csrf.trusted_origins([trusted]);
    }
    let Ok(auth) = Auth::builder(MemoryAdapter::new()).env(Env::Prod).csrf_protection(csrf).build() else {
        return;
    };
    let is_trusted = |origin: &str| {
        let Ok(origin) = HeaderValue::from_str(origin) else {
            return None;
        };
        let headers = HeaderMap::from_iter([(ORIGIN, origin)]);
        let request =
            RequestContext { method: "POST", uri: None, headers: &headers, session_cookie: None, client_address: None };
        Some(auth.validate_request_origin(request).is_ok())
    };
    // White space around the value of a header is not part of it, and is left out here.
    assert_ne!(is_trusted(&format!("https://{host}")), Some(false), "{host}");
    if !trusted.is_empty() {
        // A pattern matches every host below its domain.
        let example = trusted.replacen("://*.", "://a.b.", 1);
        assert_ne!(is_trusted(&example), Some(false), "{example}");
    }
    if is_trusted(origin) != Some(true) {
        return;
    }
    let name = |url: &str| Url::parse(url).ok().and_then(|url| url.host_str().map(ToOwned::to_owned));
    let found = name(origin);
    let site = name(&format!("https://{host}"));
    let below = name(&format!("https://{subdomain}.example.com"));
    let below = below.as_deref().and_then(|name| name.strip_suffix("example.com"));
    let is_below = || {
        let domain = found.as_deref()?.strip_prefix(below?)?;
        let site = site.as_deref()?;
        Some(site == domain || site.strip_suffix(domain)?.ends_with('.'))
    };
    // Hosts of schemes unknown to browsers are compared unchanged.
    let is_web = origin
        .split_once(':')
        .is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"));
    let is_below_trusted = || {
        let (scheme, domain) = trusted.split_once("://*.")?;
        let domain = name(&format!("{scheme}://{domain}"))?;
        Some(found.as_deref()?.strip_suffix(domain.as_str())?.ends_with('.'))
    };
    let expected = found == site
        || found == name(trusted)
        || is_below_trusted() == Some(true)
        || !subdomain.is_empty() && is_below() == Some(true);
    assert!(expected || !is_web, "{origin} {found:?} {site:?}");
});
