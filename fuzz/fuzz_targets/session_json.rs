//! The JSON of a session: no panic, and what is read is written and read the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lucia_core::SessionSchema;

fuzz_target!(|json: &[u8]| {
    if let Ok(session) = SessionSchema::from_json(json) {
        let written = session.to_json();
        assert_eq!(SessionSchema::from_json(written.as_bytes()).as_ref(), Ok(&session));
    }
});
