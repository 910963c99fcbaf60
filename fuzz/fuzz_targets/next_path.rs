//! Checks paths to redirect to: no panic, and whatever is accepted is of this origin for a browser, and fits in a header.
#![no_main]

use std::sync::LazyLock;

use http::HeaderValue;
use libfuzzer_sys::fuzz_target;
use lucia_axum::next_path;
use url::Url;

static PAGE: LazyLock<Url> = LazyLock::new(|| Url::parse("https://app.example/a/sign-in?b").expect("a URL"));

fuzz_target!(|text: &str| {
    if let Some(path) = next_path(text) {
        let target = PAGE.join(path).expect("a relative reference");
        assert_eq!(target.origin(), PAGE.origin(), "{target}");
        assert!(target.username().is_empty() && target.password().is_none(), "{target}");
        assert!(HeaderValue::try_from(path).is_ok());
    }
});
