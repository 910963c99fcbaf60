//! Origins, hosts and addresses: no panic, and no origin of another host is trusted.
#![no_main]

use std::sync::LazyLock;

use http::{HeaderMap, HeaderValue, Uri};
use libfuzzer_sys::fuzz_target;
use lucia::{Auth, Csrf, RequestContext, memory::MemoryAdapter};

static AUTH: LazyLock<Auth> = LazyLock::new(|| Auth::builder(MemoryAdapter::new()).build().expect("the defaults fit"));
static FIXED: LazyLock<Auth> = LazyLock::new(|| {
    let csrf = Csrf::new().host("example.com");
    Auth::builder(MemoryAdapter::new()).csrf_protection(csrf).build().expect("the host fits")
});

fuzz_target!(|input: (&[u8], &[u8], &str)| {
    let (origin, host, uri) = input;
    let mut headers = HeaderMap::new();
    for (name, value) in [("origin", origin), ("host", host)] {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(name, value);
        }
    }
    let uri: Option<Uri> = uri.parse().ok();
    let request = RequestContext { method: "POST", uri: uri.as_ref(), headers: &headers, session_cookie: None };
    let _ = AUTH.validate_request_origin(request);
    if FIXED.validate_request_origin(request).is_ok() {
        let origin = String::from_utf8_lossy(origin).to_lowercase();
        assert!(origin.contains("example") || origin.contains("xn--") || !origin.is_ascii(), "{origin}");
    }
});
