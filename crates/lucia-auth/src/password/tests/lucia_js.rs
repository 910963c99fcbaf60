//! Hashes that Lucia JS made, and what it said of them.

use lucia_core::HashedPassword;
use serde_json::Value;

use crate::password::{Argon2id, LuciaScrypt, PasswordHasher, Verification};

const FIXTURE: &str = include_str!("../../../tests/fixtures/password_hashes.json");
const SALT: &str = "abcdefghij012345";

/// Malformed hashes of which we say something else than "wrong", with the reason.
const DIFFERENCES: [(&str, Verification, &str); 1] =
    [("$2b$10$abc", Verification::Unsupported, "C30: outdated, as $2a is, instead of wrong")];

fn fixture() -> Value {
    serde_json::from_str(FIXTURE).unwrap()
}

fn cases<'a>(fixture: &'a Value, group: &str) -> &'a [Value] {
    let cases = fixture[group].as_array().unwrap();
    assert!(!cases.is_empty());
    cases
}

fn verify(hasher: &dyn PasswordHasher, password: &str, hash: &str) -> Verification {
    hasher.verify(password, &HashedPassword::new(hash)).unwrap()
}

fn cheap() -> Argon2id {
    Argon2id::new(8, 1, 1).unwrap()
}

#[test]
fn hashes_of_lucia_js_verify_and_are_outdated_where_argon2id_is_the_default() {
    for case in cases(&fixture(), "vectors") {
        let hash = case["hash"].as_str().unwrap();
        // Encoders turn a lone surrogate, which no text can hold here, into a replacement character.
        let password = case["password"].as_str().unwrap_or("\u{fffd}");
        assert_eq!(verify(&LuciaScrypt::default(), password, hash), Verification::Valid, "{}", case["name"]);
        assert_eq!(verify(&cheap(), password, hash), Verification::ValidButOutdated, "{}", case["name"]);
    }
}

#[test]
fn passwords_match_as_in_lucia_js() {
    for case in cases(&fixture(), "cross_checks") {
        let verification =
            verify(&LuciaScrypt::default(), case["password"].as_str().unwrap(), case["hash"].as_str().unwrap());
        assert_eq!(verification.is_valid(), case["validates"].as_bool().unwrap(), "{case}");
    }
}

#[test]
fn hashes_without_a_version_verify_and_are_outdated() {
    for case in cases(&fixture(), "legacy_two_part") {
        let (password, hash) = (case["password"].as_str().unwrap(), case["hash"].as_str().unwrap());
        for hasher in [&LuciaScrypt::default() as &dyn PasswordHasher, &cheap()] {
            assert_eq!(verify(hasher, password, hash), Verification::ValidButOutdated);
            assert_eq!(verify(hasher, "wrong", hash), Verification::Invalid);
            assert_eq!(verify(hasher, password, &format!("s2:{hash}")), Verification::Invalid);
        }
    }
}

#[test]
fn c30_malformed_hashes_are_wrong_as_in_lucia_js_and_all_of_bcrypt_is_outdated() {
    let mut found = 0;
    for case in cases(&fixture(), "malformed") {
        let hash = case["hash"].as_str().unwrap();
        let lucia = match &case["validate_hunter2"] {
            Value::Bool(false) => Verification::Invalid,
            Value::String(error) if error.ends_with("AUTH_OUTDATED_PASSWORD") => Verification::Unsupported,
            other => panic!("{other}"),
        };
        let ours = verify(&cheap(), "hunter2", hash);
        match DIFFERENCES.iter().find(|(different, ..)| *different == hash) {
            Some((_, expected, reason)) => {
                found += 1;
                assert_eq!(ours, *expected, "{reason}");
                assert_ne!(ours, lucia, "{hash} makes no difference");
            }
            None => assert_eq!(ours, lucia, "{hash}"),
        }
    }
    assert_eq!(found, DIFFERENCES.len());
    for revision in ["2", "2a", "2b", "2x", "2y"] {
        let hash = format!("${revision}$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy");
        assert_eq!(verify(&cheap(), "hunter2", &hash), Verification::Unsupported, "{hash}");
    }
}

#[test]
fn known_vectors_are_computed() {
    let long = "3c90229284a7e2090274059e30e287b5040ef0191bb13da6d24c89c743b14268356668d3c4abb2d67373e61007f0b327bddec10fdca8c0361379fd6325be8f68";
    let legacy = "213ae82487cebe10d54afdd6cd0f7dc9208ef921e43fbb23da3daa650a298e4f2790b946ee75db530337660d46627905f9afcb0f7b44429f27b0bd9f298fc327";
    let scrypt = LuciaScrypt::default();
    assert_eq!(verify(&scrypt, "123456", &format!("s2:{SALT}:{long}")), Verification::Valid);
    assert_eq!(verify(&scrypt, "123456", &format!("{SALT}:{legacy}")), Verification::ValidButOutdated);
    assert_eq!(verify(&scrypt, "123456", &format!("s2:{SALT}:{}", long.to_uppercase())), Verification::Invalid);
    assert_eq!(verify(&scrypt, "12345", &format!("s2:{SALT}:{long}")), Verification::Invalid);
}

#[test]
fn passwords_are_normalised_to_nfkc() {
    use crate::password::{blocks::Blocks, normalize::normalize, work::Work};
    for (passwords, start, end) in [
        (["", ""], "5a4dcca7d27a537de1e46049b749c312", "649c648e4e93ad37"),
        (["\u{fb01}", "fi"], "70ea081312289812b837ef85528ac06b", "d95ddafc174bb88b"),
        (["\u{e9}", "e\u{301}"], "7b3359efd8a9b590d4633e0761453205", "6523c3a5ba9c7e68"),
        (["\u{ff11}\u{ff12}\u{ff13}", "123"], "f5780e169e913f261767eceea4c03cdc", "b0aa2feaf72dd302"),
        (["\u{1f600}", "\u{1f600}"], "9da2d6df9f05d7c77e9da5a53ba8cd04", "db8f79f8106a993f"),
    ] {
        for password in passwords {
            let mut hash = [0; 64];
            Work::LUCIA_SCRYPT.run(&Blocks::new(0), &normalize(password), SALT.as_bytes(), &mut hash).unwrap();
            let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            assert!(hex.starts_with(start) && hex.ends_with(end), "{password:?}: {hex}");
        }
    }
}
