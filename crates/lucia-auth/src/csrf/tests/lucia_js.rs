//! Every recorded request that Lucia JS accepted or rejected.

use serde::Deserialize;
use serde_json::Value;

use super::support::Request;
use crate::{
    AllowedSubdomains, Env,
    csrf::{Csrf, InvalidCsrf},
};

const FIXTURE: &str = include_str!("../../../tests/fixtures/csrf.json");

const DEV: &[Env] = &[Env::Dev];
const PROD: &[Env] = &[Env::Prod];
const BOTH: &[Env] = &[Env::Dev, Env::Prod];

/// A request for which the decision differs from Lucia JS.
struct Difference {
    origin: &'static str,
    target: &'static str,
    envs: &'static [Env],
    /// `None` if the configuration itself is rejected.
    ours: Option<bool>,
    reason: &'static str,
}

const fn differs(
    origin: &'static str,
    target: &'static str,
    envs: &'static [Env],
    ours: Option<bool>,
    reason: &'static str,
) -> Difference {
    Difference { origin, target, envs, ours, reason }
}

/// In the order of the recorded requests.
#[rustfmt::skip]
const DIFFERENCES: &[Difference] = &[
    differs("http://example.com", "example.com", PROD, Some(false), "C11: the scheme is compared if it is known"),
    differs("https://example.com", "EXAMPLE.com", BOTH, Some(true), "C12: host names are case-insensitive"),
    differs("http://example.com:80", "example.com:80", DEV, Some(true), "C12: a default port may be written or not"),
    differs("https://example.com", "example.com:443", BOTH, Some(true), "C12: a default port may be written or not"),
    differs("https://example.com/path?q#f", "example.com", BOTH, Some(false), "no browser sends a path"),
    differs("example.com", "example.com", BOTH, Some(false), "C6: refused, no exception"),
    differs("https://other.co.uk", "example.co.uk", BOTH, Some(false), "C10: co.uk is a public suffix"),
    differs("https://evil.github.io", "me.github.io", BOTH, Some(false), "C10: github.io is a public suffix"),
    differs("http://10.9.0.1:3000", "127.0.0.1:3000", BOTH, Some(false), "C10: addresses have no subdomains"),
    differs("https://example.com", "example.com", BOTH, None, "an empty host is an invalid option"),
    differs("https://example.com", "internal", BOTH, Some(true), "C12: the first of several proxies saw the browser's host"),
    differs("https://example.com", "/path", BOTH, Some(true), "C12: the Host header is used for a relative URI"),
    differs("https://example.com", "https://internal:8080/", BOTH, Some(true), "C12: the configured header takes precedence"),
    differs("https://example.com, https://evil.com", "example.com", BOTH, Some(false), "C6: refused, no exception"),
    differs("https://example.com\\@evil.com", "example.com", BOTH, Some(false), "no browser sends a user name, or a backslash"),
    differs("ws://example.com", "example.com", BOTH, Some(false), "C11: no site has this scheme"),
    differs("javascript://example.com", "example.com", BOTH, Some(false), "C11: no site has this scheme"),
];

#[derive(Debug, Deserialize)]
struct Case {
    method: String,
    origin: Option<String>,
    host: String,
    url: Option<String>,
    extra_headers: Option<serde_json::Map<String, Value>>,
    #[serde(rename = "csrfProtection")]
    csrf: Value,
    #[serde(rename = "lucia_middleware")]
    verdict: String,
}

impl Case {
    fn target(&self) -> &str {
        self.url.as_deref().unwrap_or(&self.host)
    }

    fn request(&self) -> Request {
        let mut request = Request::new(&self.method).header("host", &self.host);
        if let Some(origin) = &self.origin {
            request = request.header("origin", origin);
        }
        for (name, value) in self.extra_headers.iter().flatten() {
            request = request.header(name, value.as_str().unwrap());
        }
        match &self.url {
            Some(url) => request.uri(url),
            None => request,
        }
    }

    fn csrf(&self) -> Result<Csrf, InvalidCsrf> {
        let options = match &self.csrf {
            Value::Bool(false) => return Ok(Csrf::off()),
            Value::String(_) => return Ok(Csrf::new()),
            Value::Object(options) => options,
            other => panic!("{other}"),
        };
        let mut csrf = Csrf::new();
        for (name, value) in options {
            csrf = match (name.as_str(), value) {
                ("host", Value::String(host)) => csrf.host(host),
                ("hostHeader", Value::String(name)) => csrf.host_header(name),
                ("allowedSubDomains", Value::String(all)) if all == "*" => {
                    csrf.allowed_subdomains(AllowedSubdomains::all())
                }
                ("allowedSubDomains", Value::Array(names)) => {
                    let list = AllowedSubdomains::list(names.iter().filter_map(Value::as_str));
                    csrf.allowed_subdomains(if names.contains(&Value::Null) { list.and_domain() } else { list })
                }
                other => panic!("{other:?}"),
            };
        }
        csrf.validate().map(|()| csrf)
    }
}

#[test]
fn requests_are_decided_as_in_lucia_js_but_for_its_bugs() {
    let fixture: Value = serde_json::from_str(FIXTURE).unwrap();
    let cases: Vec<Case> = serde_json::from_value(fixture["cases"].clone()).unwrap();
    assert_eq!(cases.len(), 57);
    let mut found = Vec::new();
    for case in &cases {
        for env in [Env::Dev, Env::Prod] {
            let lucia = match case.verdict.as_str() {
                "accept" => Some(true),
                "reject" => Some(false),
                verdict if verdict.starts_with("throws") => None,
                other => panic!("{other}"),
            };
            let ours = case.csrf().ok().map(|csrf| case.request().is_accepted(&csrf, env));
            if ours != lucia {
                found.push((case.origin.as_deref().unwrap_or_default(), case.target(), env, ours));
            }
        }
    }
    let listed: Vec<_> = DIFFERENCES
        .iter()
        .flat_map(|case| case.envs.iter().map(|&env| (case.origin, case.target, env, case.ours)))
        .collect();
    assert_eq!(found, listed, "each difference is listed, and each that is listed differs");
    assert!(DIFFERENCES.iter().all(|case| !case.reason.is_empty()));
}
