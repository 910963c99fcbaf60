use std::sync::Arc;

use lucia_core::HashedPassword;

use super::{PasswordError, PasswordHasher, Verification, normalize::is_at_most, runner::Runner};

/// The longest password in bytes unless configured: far beyond what anybody types, and nothing to wait for.
pub(crate) const DEFAULT_MAX_PASSWORD_LENGTH: usize = 1024;

/// What is hashed instead of a password that must not be: too long, or empty.
const DECOY: &str = "a password of nobody";

/// Hashes and verifies with bounds: so many at a time, away from the async workers, and no password that is too long.
#[derive(Debug)]
pub(crate) struct Passwords {
    hasher: Arc<dyn PasswordHasher>,
    max_length: usize,
    runner: Runner,
}

impl Passwords {
    /// With no `concurrency` one core stays free.
    pub(crate) fn new(hasher: Arc<dyn PasswordHasher>, max_length: usize, concurrency: Option<usize>) -> Self {
        Self { hasher, max_length, runner: Runner::new(concurrency) }
    }

    pub(crate) async fn hash(&self, password: &str) -> Result<HashedPassword, PasswordError> {
        if password.is_empty() {
            return Err(PasswordError::Empty);
        }
        if !is_at_most(password, self.max_length) {
            return Err(PasswordError::TooLong { max: self.max_length });
        }
        let password = password.to_owned();
        self.run(move |hasher| hasher.hash(&password)).await
    }

    /// A password that could not have been hashed is wrong. So is every password for an empty hash, whatever the hasher says.
    pub(crate) async fn verify(&self, password: &str, hash: &HashedPassword) -> Result<Verification, PasswordError> {
        if !self.is_acceptable(password) || hash.as_str().is_empty() {
            return self.waste(password).await.map(|()| Verification::Invalid);
        }
        let (password, hash) = (password.to_owned(), hash.clone());
        self.run(move |hasher| hasher.verify(&password, &hash)).await
    }

    /// Costs what a [`verify`](Self::verify) costs that fails (bug C14).
    pub(crate) async fn waste(&self, password: &str) -> Result<(), PasswordError> {
        let password = if self.is_acceptable(password) { password } else { DECOY }.to_owned();
        self.run(move |hasher| hasher.waste(&password)).await
    }

    fn is_acceptable(&self, password: &str) -> bool {
        !password.is_empty() && is_at_most(password, self.max_length)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn PasswordHasher) -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let hasher = Arc::clone(&self.hasher);
        self.runner.run(move || work(&*hasher)).await
    }
}
