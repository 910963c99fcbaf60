//! Parses handles of sessions: each handle has one text, whether it is parsed or deserialized.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lucia_core::{SessionHandle, SessionId, SessionToken};

fuzz_target!(|text: &str| {
    match text.parse::<SessionHandle>() {
        Ok(handle) => assert_eq!(handle.to_string(), text),
        Err(_) => assert!(text.len() != 16 || !text.bytes().all(|byte| b"0123456789abcdef".contains(&byte))),
    }
    let deserialized = serde_json::from_value::<SessionHandle>(text.into());
    assert_eq!(deserialized.ok(), text.parse().ok());
    // The handle of a session does not change when its plain id is hashed.
    let (plain, hashed) = (SessionId::new(text), SessionToken::new(text).hashed_id());
    if !plain.is_hash() {
        assert_eq!(plain.handle(), hashed.handle());
    }
    assert_eq!(hashed.handle().to_string().parse(), Ok(hashed.handle()));
});
