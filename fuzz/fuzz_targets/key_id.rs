//! Splits key ids: the parts of a key id are the parts that it was made of.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lucia_core::KeyId;

fuzz_target!(|parts: (&str, &str)| {
    let (provider, user) = parts;
    match KeyId::new(provider, user) {
        Ok(id) => {
            assert_eq!((id.provider_id(), id.provider_user_id()), parts);
            assert_eq!(KeyId::from_stored(id.as_str()), id);
        }
        Err(_) => assert!(provider.is_empty() || provider.contains(':')),
    }
    let stored = KeyId::from_stored(user);
    assert!(!stored.provider_id().contains(':'));
});
