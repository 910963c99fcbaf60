//! Stored hashes: whatever is stored, nothing panics, and nothing but a hash of the password is valid.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use lucia::{Argon2id, HashedPassword, PasswordHasher, Verification};

/// As cheap as it may be: the parsers are looked at, not the hash functions.
static HASHER: LazyLock<Argon2id> = LazyLock::new(|| Argon2id::new(8, 1, 1).expect("the least parameters"));

fuzz_target!(|hash: &str| {
    // A well-formed hash costs what it says, which is no use here.
    let costly = hash.starts_with("$argon2") || hash.matches(':').count().clamp(1, 2) == hash.matches(':').count() && hash.len() > 128;
    if costly {
        return;
    }
    let verification = HASHER.verify("correct horse", &HashedPassword::new(hash));
    let expected = if hash.starts_with("$2") { Verification::Unsupported } else { Verification::Invalid };
    let found = verification.expect("a strange hash is no failure");
    assert!(found == expected || found == Verification::Invalid, "{hash}");
});
