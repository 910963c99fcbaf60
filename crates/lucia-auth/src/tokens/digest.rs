use sha2::{Digest as _, Sha256};

use crate::hex::hex;

/// Returns the SHA-256 hash of a text, as lower-case hexadecimal digits.
pub(super) fn digest(text: &str) -> String {
    hex(&Sha256::digest(text))
}

/// Hashes each part with its length, so that no two lists of parts have the same hash.
pub(super) fn digest_of_parts(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part);
    }
    hex(&hasher.finalize())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_digest_is_that_of_fips_180() {
        assert_eq!(digest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn different_parts_have_different_digests() {
        let lists: [&[&str]; 6] = [&["a", "bc"], &["ab", "c"], &["abc"], &["a", "b", "c"], &["abc", ""], &["bc", "a"]];
        let digests: BTreeSet<_> = lists.iter().map(|parts| digest_of_parts(parts)).collect();
        assert_eq!(digests.len(), lists.len());
        assert!(!digests.contains(&digest("abc")));
    }
}
