//! Checks prefixes of a key-value store: accepted prefixes keep the kinds of keys apart for any ids.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lucia_core::{SessionId, UserId, kv::KvLayout};

// Separated by unit separators: two prefixes, two ids, and any key.
fuzz_target!(|input: &str| {
    let mut parts = input.splitn(5, '\x1f');
    let [session, index, session_id, user_id, foreign] = [(); 5].map(|()| parts.next().unwrap_or_default());
    let Ok(layout) = KvLayout::new(session, index) else {
        return;
    };
    let (id, user) = (SessionId::new(session_id), UserId::new(user_id));
    let keys = [layout.session_key(&id), layout.revoked_key(&id), layout.index_key(&user, &id), layout.list_key(&user)];
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:~".contains(&byte);
    for (index, key) in keys.iter().enumerate() {
        assert!(key.bytes().all(plain), "{key}");
        assert!(!keys[..index].contains(key), "{key} is of two kinds");
        assert_eq!(layout.parse_session_key(key), (index == 0).then(|| id.clone()), "{key}");
        assert_eq!(layout.parse_index_key(key), (index == 2).then(|| (user.clone(), id.clone())), "{key}");
    }
    let prefixes = [layout.session_prefix(), layout.revoked_prefix(), layout.user_sessions_prefix()];
    for (kind, key) in keys[..3].iter().enumerate() {
        for (other, prefix) in prefixes.iter().enumerate() {
            assert_eq!(key.starts_with(prefix), kind == other, "{key} {prefix}");
        }
    }
    if let Some(id) = layout.parse_session_key(foreign) {
        assert_eq!(layout.session_key(&id), foreign);
    }
    if let Some((user, id)) = layout.parse_index_key(foreign) {
        assert_eq!(layout.index_key(&user, &id), foreign);
    }
});
