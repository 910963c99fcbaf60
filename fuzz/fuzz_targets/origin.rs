//! Compares origins, hosts and URLs: no panic, and no origin of another host is trusted.
#![no_main]

use std::sync::LazyLock;

use http::{HeaderMap, HeaderValue, Uri};
use libfuzzer_sys::fuzz_target;
use lucia_auth::{Auth, Csrf, RequestContext, memory::MemoryAdapter};
use url::Url;

static AUTH: LazyLock<Auth> = LazyLock::new(|| Auth::builder(MemoryAdapter::new()).build().expect("the defaults fit"));
static FIXED: LazyLock<Auth> = LazyLock::new(|| {
    let csrf = Csrf::new().host("example.com");
    Auth::builder(MemoryAdapter::new()).csrf_protection(csrf).build().expect("the host fits")
});

// One line each: the origin, the host, the URL of the request.
fuzz_target!(|input: &[u8]| {
    let mut lines = input.splitn(3, |byte| *byte == b'\n');
    let [origin, host, uri] = [(); 3].map(|()| lines.next().unwrap_or_default());
    let mut headers = HeaderMap::new();
    for (name, value) in [("origin", origin), ("host", host)] {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(name, value);
        }
    }
    let uri: Option<Uri> = str::from_utf8(uri).ok().and_then(|uri| uri.parse().ok());
    let request = RequestContext {
        method: "POST",
        uri: uri.as_ref(),
        headers: &headers,
        session_cookie: None,
        client_address: None,
    };
    let _ = AUTH.validate_request_origin(request);
    if FIXED.validate_request_origin(request).is_ok() {
        // Browsers also decode the host: `http://%65xample.com` is a URL of this host, too.
        let origin = String::from_utf8_lossy(origin);
        let origin = Url::parse(&origin).expect("what is trusted is an address");
        assert_eq!(origin.host_str(), Some("example.com"), "{origin}");
    }
});
