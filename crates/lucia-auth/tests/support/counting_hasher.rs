use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use lucia_auth::{HashedPassword, PasswordError, PasswordHasher, Verification};

/// A cheap hasher that counts the hashes that it computes.
#[derive(Clone, Debug, Default)]
pub(crate) struct CountingHasher {
    hashes: Arc<AtomicUsize>,
}

impl CountingHasher {
    /// Returns the number of hashes computed since the last call.
    pub(crate) fn take(&self) -> usize {
        self.hashes.swap(0, Ordering::SeqCst)
    }
}

impl PasswordHasher for CountingHasher {
    fn hash(&self, password: &str) -> Result<HashedPassword, PasswordError> {
        self.hashes.fetch_add(1, Ordering::SeqCst);
        Ok(HashedPassword::new(format!("plain:{password}")))
    }

    fn verify(&self, password: &str, hash: &HashedPassword) -> Result<Verification, PasswordError> {
        self.hashes.fetch_add(1, Ordering::SeqCst);
        Ok(match hash.as_str().split_once(':') {
            Some(("plain", stored)) if stored == password => Verification::Valid,
            Some(("old", stored)) if stored == password => Verification::ValidButOutdated,
            _ if hash.as_str().starts_with("$2") => Verification::Unsupported,
            _ => Verification::Invalid,
        })
    }
}
