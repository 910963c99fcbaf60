//! Parses an `Authorization` header: no panic, and a token that is found is in the header.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use lucia_auth::{Auth, memory::MemoryAdapter};

static AUTH: LazyLock<Auth> = LazyLock::new(|| Auth::builder(MemoryAdapter::new()).build().expect("the defaults fit"));

fuzz_target!(|header: &str| {
    if let Some(id) = AUTH.read_bearer_token(Some(header)) {
        let (scheme, token) = header.trim_matches([' ', '\t']).split_at(6);
        assert!(scheme.eq_ignore_ascii_case("bearer"));
        assert_eq!(token.trim_start_matches(' '), id.as_str());
        assert!(token.starts_with(' ') && !id.as_str().is_empty());
    }
});
