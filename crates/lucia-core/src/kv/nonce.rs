use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use crate::UnixMillis;

/// Returns a text that no other call returns.
pub(super) fn nonce(now: UnixMillis) -> String {
    // The standard library seeds every `RandomState` differently. The time separates processes on targets without
    // seeds.
    let random = RandomState::new().build_hasher().finish();
    format!("{:x}-{random:016x}", now.get())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_are_equal() {
        let nonces: BTreeSet<_> = (0..1_000).map(|_| nonce(UnixMillis::EPOCH)).collect();
        assert_eq!(nonces.len(), 1_000, "all within one millisecond");
    }
}
