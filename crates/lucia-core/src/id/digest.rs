//! SHA-256 of texts.

use sha2::{Digest, Sha256};

pub(super) fn sha256(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Returns `true` for 64 hexadecimal digits of either case, because some collations equate them.
pub(super) fn is_sha256_hex(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns the digest as lower-case hexadecimal digits.
pub(super) fn sha256_hex(text: &str) -> String {
    let half_bytes = sha256(text).into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    half_bytes.map(|half| char::from(b"0123456789abcdef"[usize::from(half)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of FIPS 180, which RFC 6234 repeats.
    #[test]
    fn the_digests_are_those_of_rfc_6234() {
        let million = "a".repeat(1_000_000);
        for (text, digest) in [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ),
            (&million, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
            (
                &"0123456701234567012345670123456701234567012345670123456701234567".repeat(10),
                "594847328451bdfa85056225462cc1d867d877fb388df0ce35f25ab5562bfbb5",
            ),
        ] {
            assert_eq!(sha256_hex(text), digest);
        }
    }
}
