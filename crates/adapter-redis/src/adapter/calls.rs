use std::{
    hash::{BuildHasher as _, RandomState},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// The ids of calls, by which a script recognises a call that a driver repeats because its reply was lost.
#[derive(Debug)]
pub(super) struct Calls {
    /// Distinguishes the calls of different processes.
    random: u64,
    next: AtomicU64,
}

impl Calls {
    pub(super) fn new() -> Self {
        Self { random: RandomState::new().hash_one(()), next: AtomicU64::new(0) }
    }

    /// Returns the id of a new call: hexadecimal digits.
    pub(super) fn next(&self) -> String {
        format!("{:016x}{:x}", self.random, self.next.fetch_add(1, Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_calls_share_an_id() {
        let adapters = [Calls::new(), Calls::new()];
        let ids: HashSet<_> = (0..1_000).map(|number| adapters[number % 2].next()).collect();
        assert_eq!(ids.len(), 1_000);
        assert!(ids.iter().all(|id| id.len() > 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit())));
    }
}
