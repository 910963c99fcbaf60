//! Parses the JSON of a session: no panic, and a parsed session round-trips.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lucia_core::SessionSchema;

fuzz_target!(|json: &[u8]| {
    if let Ok(session) = SessionSchema::from_json(json) {
        let written = session.to_json();
        assert_eq!(SessionSchema::from_json(written.as_bytes()).as_ref(), Ok(&session));
    }
});
