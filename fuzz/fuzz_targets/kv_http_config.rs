//! Configures clients of key-value services: unusable URLs, tokens, headers, identifiers and prefixes are rejected, and
//! no error or `Debug` output shows a secret.
#![no_main]

use std::fmt::Debug;

use adapter_kv_http::{CloudflareConfig, CloudflareStore, SetupError, UnstorageConfig, UnstorageStore};
use adapter_redis::UpstashConnection;
use libfuzzer_sys::fuzz_target;

const SECRET: &str = "hunter2";

// Separated by unit separators: the text before and after the secret in a URL, the name of a header, the text after the
// secret in a token, and two identifiers or prefixes.
fuzz_target!(|input: &str| {
    let mut parts = input.splitn(6, '\x1f');
    let [start, end, name, rest, one, other] = [(); 6].map(|()| parts.next().unwrap_or_default());
    // The name of a header is not secret, and is shown.
    if name.to_ascii_lowercase().contains(SECRET) {
        return;
    }
    let token = format!("{SECRET}{rest}");
    let url = format!("{start}{SECRET}{end}");
    let at = |url: &str| CloudflareConfig::new().base_url(url);
    for error in [UnstorageStore::new(&url).err(), CloudflareStore::with_config("a", "n", "t", at(&url)).err()] {
        is_quiet(&error);
    }
    is_quiet(&UpstashConnection::new(&format!("{start}:{SECRET}@{end}"), "t").err());
    is_quiet(&UpstashConnection::new("http://kv", &format!("{token}\n")).err());

    // Creating a client for a usable token is slow.
    let config = UnstorageConfig::new().header(name, &token).bearer_token(&token);
    is_quiet(&config);
    is_quiet(&UnstorageStore::with_config("kv", config.clone()).expect_err("not a URL"));
    let refused = CloudflareStore::new(one, other, &format!("{token}\n")).expect_err("a token of two lines");
    is_quiet(&refused);
    let is_plain = |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let is_identifier = matches!(refused, SetupError::InvalidAccountId | SetupError::InvalidNamespaceId);
    assert_eq!(is_identifier, !is_plain(one) || !is_plain(other));
    if rest.len() % 64 == 7 {
        is_quiet(&UnstorageStore::with_config("http://kv", config));
    }
});

fn is_quiet(shown: &impl Debug) {
    assert!(!format!("{shown:?}").contains(SECRET), "{shown:?}");
}
