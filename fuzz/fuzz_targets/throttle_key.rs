//! Parses the key of a throttle: exactly 64 hexadecimal digits are one, and `Debug` does not show it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lucia_auth::ThrottleKey;

fuzz_target!(|text: &str| {
    let is_key = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match text.parse::<ThrottleKey>() {
        Ok(key) => {
            assert!(is_key);
            assert_eq!(format!("{key:?}"), "ThrottleKey(..)");
        }
        Err(_) => assert!(!is_key),
    }
});
