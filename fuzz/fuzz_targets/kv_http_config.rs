//! Configures clients of key-value services: unusable URLs, tokens, headers, identifiers and prefixes are rejected, and
//! no error or `Debug` output shows a secret.
#![no_main]

use std::fmt::Debug;

use adapter_kv_http::{CloudflareConfig, SetupError, UnstorageConfig};
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
    is_quiet(&UnstorageConfig::new(&url));
    for error in
        [UnstorageConfig::new(&url).store().err(), CloudflareConfig::new("a", "n", "t").base_url(&url).store().err()]
    {
        is_quiet(&error);
    }
    is_quiet(&UpstashConnection::new(&format!("{start}:{SECRET}@{end}"), "t").err());
    is_quiet(&UpstashConnection::new("http://kv", &format!("{token}\n")).err());

    // Checks the prefixes first, because creating a client for a usable token is slow.
    let crossing = format!("{one}:x");
    let refused = [
        UnstorageConfig::new("kv").header(name, &token).bearer_token(&token).session_adapter().err(),
        UnstorageConfig::new("http://kv")
            .session_key_prefix(one)
            .user_session_key_prefix(&crossing)
            .session_adapter()
            .err(),
        CloudflareConfig::new("a", "n", &token)
            .session_prefix(one)
            .user_sessions_prefix(&crossing)
            .session_adapter()
            .err(),
        CloudflareConfig::new(one, other, format!("{token}\n")).store().err(),
    ];
    for error in &refused {
        is_quiet(error.as_ref().expect("a prefix that continues another, or a token of two lines"));
    }
    let is_plain = |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let is_identifier = matches!(refused[3], Some(SetupError::Identifier(_)));
    assert_eq!(is_identifier, !is_plain(one) || !is_plain(other));
    is_quiet(&UnstorageConfig::new("kv").header(name, &token).bearer_token(&token));
    is_quiet(&CloudflareConfig::new("a", "n", &token));
    if rest.len() % 64 == 7 {
        is_quiet(&UnstorageConfig::new("http://kv").header(name, &token).bearer_token(&token).store());
    }
});

fn is_quiet(shown: &impl Debug) {
    assert!(!format!("{shown:?}").contains(SECRET), "{shown:?}");
}
