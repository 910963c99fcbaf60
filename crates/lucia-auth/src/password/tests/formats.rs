//! What is stored: Argon2's variants, and text that nobody's hasher wrote.

use lucia_core::HashedPassword;
use proptest::prelude::*;

use crate::password::{
    Argon2id, LuciaScrypt, PasswordError, PasswordHasher, Verification,
    stored::{Stored, StoredHash},
};

/// Computed by the reference implementation.
const REFERENCE: [&str; 6] = [
    "$argon2id$v=19$m=256,t=2,p=4$c29tZXNhbHQxNmJ5dGVzIQ$k9m5zmqlPX/lh+NfSIyZBjgJAya0NqvUF4nrklcp4mU",
    "$argon2id$v=16$m=256,t=2,p=4$c29tZXNhbHQxNmJ5dGVzIQ$HvZOKTLA55IxaUNb1NnmHvx1ucS18aQXpJ8cFd2QAZc",
    "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQxNmJ5dGVzIQ$u4uo8Y9AAHfDThX0JHUzZyCC6fDeGm6eHkO/Plq15Ac",
    "$argon2i$m=256,t=2,p=1$c29tZXNhbHQxNmJ5dGVzIQ$ol4egmPHyjZvYHaICAVfQfVNR6AngScli3Wr6WJyrSA",
    "$argon2d$v=19$m=256,t=2,p=1$c29tZXNhbHQxNmJ5dGVzIQ$wZNKrKLNqT7j1mwb/XIa5IZLQ8yK6z46ZjdLs1pysI4",
    "$argon2d$m=256,t=2,p=1$c29tZXNhbHQxNmJ5dGVzIQ$JXe24hacs2jSoXi6oLw5BjcF9AGHq6NOJHJpMabiKEk",
];

fn cheap() -> Argon2id {
    Argon2id::new(256, 2, 1).unwrap()
}

fn verify(hasher: &dyn PasswordHasher, password: &str, hash: &str) -> Verification {
    hasher.verify(password, &HashedPassword::new(hash)).unwrap()
}

fn known(text: &str) -> Option<StoredHash> {
    match Stored::parse(text) {
        Stored::Known(hash) => Some(hash),
        Stored::Unsupported | Stored::Malformed => None,
    }
}

#[test]
fn every_variant_of_argon2_verifies_with_its_own_parameters() {
    for hash in REFERENCE {
        let expected =
            if hash.starts_with("$argon2id$v=19") { Verification::Valid } else { Verification::ValidButOutdated };
        assert_eq!(verify(&cheap(), "correct horse", hash), expected, "{hash}");
        assert_eq!(verify(&cheap(), "correct horses", hash), Verification::Invalid, "{hash}");
    }
    let short = "$argon2id$v=19$m=64,t=3,p=1$c29tZXNhbHQ$9Z+HoHcxd2s9fd6d5J6Wrw";
    let weak = Argon2id::new(64, 3, 1).unwrap();
    assert_eq!(verify(&weak, "\u{fb01}", short), Verification::ValidButOutdated, "16 bytes are less than ours");
}

#[test]
fn weaker_parameters_are_outdated_and_stronger_ones_are_not() {
    let hash = cheap().hash("correct horse").unwrap();
    for (memory, passes, lanes, expected) in [
        (256, 2, 1, Verification::Valid),
        (128, 2, 1, Verification::Valid),
        (256, 1, 4, Verification::Valid),
        (257, 1, 1, Verification::ValidButOutdated),
        (256, 3, 1, Verification::ValidButOutdated),
    ] {
        let hasher = Argon2id::new(memory, passes, lanes).unwrap();
        assert_eq!(hasher.verify("correct horse", &hash).unwrap(), expected, "m={memory} t={passes}");
    }
    assert_eq!(LuciaScrypt::default().verify("correct horse", &hash).unwrap(), Verification::ValidButOutdated);
}

#[test]
fn too_expensive_hashes_are_malformed() {
    let with = |parameters: &str| {
        format!("$argon2id$v=19${parameters}$c29tZXNhbHQxNmJ5dGVzIQ$k9m5zmqlPX/lh+NfSIyZBjgJAya0NqvUF4nrklcp4mU")
    };
    for bounded in ["m=1048576,t=4,p=1", "m=512,t=8192,p=64", "m=8,t=1,p=1"] {
        assert!(known(&with(bounded)).is_some(), "{bounded}");
    }
    for absurd in [
        "m=4294967295,t=1,p=1",
        "m=1048577,t=1,p=1",
        "m=1048576,t=5,p=1",
        "m=8,t=4294967295,p=1",
        "m=1024,t=1,p=65",
        "m=0,t=0,p=0",
        "m=7,t=1,p=1",
    ] {
        assert!(known(&with(absurd)).is_none(), "{absurd}");
        assert_eq!(verify(&cheap(), "correct horse", &with(absurd)), Verification::Invalid, "{absurd}");
    }
    for (memory, passes, lanes) in
        [(0, 1, 1), (8, 0, 1), (8, 1, 0), (8, 1, 2), (1 << 21, 1, 1), (1 << 20, 5, 1), (1024, 1, 65)]
    {
        let refused = Argon2id::new(memory, passes, lanes);
        assert!(matches!(refused, Err(PasswordError::InvalidParameters(_))), "m={memory} t={passes} p={lanes}");
    }
}

#[test]
fn truncated_hashes_are_malformed() {
    let scrypt = format!("s2:abcdefghij012345:{}", "0a".repeat(64));
    for hash in [REFERENCE[0], &scrypt] {
        assert!(known(hash).is_some());
        for end in 0..hash.len() {
            // What is cut off an Argon2 hash at its very end may leave a shorter hash, which is well-formed.
            let cut = known(&hash[..end]);
            assert!(cut.is_none_or(|cut| cut.hash.len() < 32), "{}", &hash[..end]);
        }
    }
    assert!(known(&format!("s2::{}", "0a".repeat(64))).is_some(), "Lucia takes an empty salt");
    assert!(known(&format!("s2:salt:{}", "é".repeat(64))).is_none());
}

#[test]
fn new_hashes_have_new_salts_and_the_format_of_their_hasher() {
    let (one, two) = (cheap().hash("correct horse").unwrap(), cheap().hash("correct horse").unwrap());
    assert_ne!(one, two);
    assert!(one.as_str().starts_with("$argon2id$v=19$m=256,t=2,p=1$"));
    let scrypt = LuciaScrypt::default().hash("correct horse").unwrap();
    let parts: Vec<_> = scrypt.as_str().split(':').collect();
    assert_eq!((parts[0], parts[1].len(), parts[2].len(), scrypt.as_str().len()), ("s2", 16, 128, 148));
    assert_eq!(LuciaScrypt::default().verify("correct horse", &scrypt).unwrap(), Verification::Valid);
}

#[test]
fn c19_neither_passwords_nor_hashes_are_in_errors_or_debug() {
    let hasher = cheap();
    let hash = hasher.hash("correct horse").unwrap();
    let text = format!(
        "{hasher:?} {hash:?} {:?} {:?}",
        hasher.verify("correct horse", &hash),
        PasswordError::TooLong { max: 3 }
    );
    assert!(!text.contains("correct horse") && !text.contains(hash.as_str()));
}

/// Text that looks like a hash, broken in one place or another.
fn nearly_a_hash() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("s2".to_owned()),
        Just("$argon2id".to_owned()),
        Just("v=19".to_owned()),
        Just("0a".repeat(64)),
        Just("c29tZXNhbHQxNmJ5dGVzIQ".to_owned()),
        (any::<u32>(), any::<u32>(), any::<u32>()).prop_map(|(m, t, p)| format!("m={m},t={t},p={p}")),
        any::<String>(),
    ];
    (prop::collection::vec(part, 0..7), prop_oneof![Just(":"), Just("$")])
        .prop_map(|(parts, separator)| parts.join(separator))
}

proptest! {
    #[test]
    fn no_stored_text_panics(text in prop_oneof![any::<String>(), nearly_a_hash()]) {
        // What is known is computed elsewhere: here it would take too long.
        if let Some(stored) = known(&text) {
            prop_assert!(stored.hash.len() <= 64);
        } else {
            let verification = Argon2id::new(8, 1, 1).unwrap().verify("correct horse", &HashedPassword::new(text)).unwrap();
            prop_assert!(!verification.is_valid());
        }
    }

    #[test]
    fn passwords_verify_against_their_own_hash_only(password in any::<String>(), other in any::<String>()) {
        let hasher = Argon2id::new(8, 1, 1).unwrap();
        let hash = hasher.hash(&password).unwrap();
        prop_assert_eq!(hasher.verify(&password, &hash).unwrap(), Verification::Valid);
        let same = crate::password::normalize::normalize(&password) == crate::password::normalize::normalize(&other);
        prop_assert_eq!(hasher.verify(&other, &hash).unwrap().is_valid(), same);
    }
}
