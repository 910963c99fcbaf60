//! Verifies passwords against any stored text: no panic or error, and only a hash of the password is valid.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lucia_auth::{Argon2id, HashedPassword, PasswordHasher, Verification};

fuzz_target!(|hash: &str| {
    if is_costly(hash) {
        return;
    }
    // Cheap, and new for each input, because a hasher adapts to the costs of the hashes it has seen.
    let hasher = Argon2id::new(8, 1, 1).expect("the least parameters");
    let found = hasher.verify("correct horse", &HashedPassword::new(hash)).expect("an unknown format is not a failure");
    assert!(found == Verification::Invalid || hash.starts_with("$2") && found == Verification::Unsupported, "{hash}");
});

/// Returns whether verifying is expensive: Argon2 with large parameters, or scrypt, whose parameters are fixed.
fn is_costly(hash: &str) -> bool {
    let is_large = |part: &str| part.split(|digit: char| !digit.is_ascii_digit()).any(|number| number.len() > 2);
    if hash.starts_with('$') { hash.split('$').take(4).any(is_large) } else { hash.len() > 128 }
}
