//! Parses keys of a key-value store: ids round-trip, keys of other applications are rejected, and each key has one
//! meaning.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lucia_core::{SessionId, UserId, kv::KvLayout};

fuzz_target!(|input: (&str, &str, &str)| {
    let (user, session, foreign) = input;
    let layout = KvLayout::new("session", "user_session").expect("the defaults fit");
    let (user, session) = (UserId::new(user), SessionId::new(session));
    let key = layout.index_key(&user, &session);
    assert!(key.starts_with(&layout.index_prefix(&user)));
    assert_eq!(layout.parse_index_key(&key), Some((user, session)));
    if let Some((user, session)) = layout.parse_index_key(foreign) {
        assert_eq!(layout.index_key(&user, &session), foreign);
    }
    if let Ok(layout) = KvLayout::new(foreign, "index") {
        assert_eq!(layout.parse_index_key(&layout.session_key(&"s".into())), None);
    }
});
