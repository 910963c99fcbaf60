//! Parses a `Cookie` header: no panic, and a value that is found round-trips through a cookie.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use lucia_auth::{Auth, memory::MemoryAdapter};

static AUTH: LazyLock<Auth> = LazyLock::new(|| Auth::builder(MemoryAdapter::new()).build().expect("the defaults fit"));

fuzz_target!(|header: &str| {
    if let Some(id) = AUTH.read_session_cookie(Some(header)) {
        let again = format!("a=b; auth_session={}", id.as_str());
        assert_eq!(AUTH.read_session_cookie(Some(&again)), Some(id));
    }
});
