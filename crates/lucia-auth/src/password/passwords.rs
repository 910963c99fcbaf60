use std::sync::Arc;

use lucia_core::{HashedPassword, KeyId, UserSchema};

use super::{
    Origin, PasswordConfig, PasswordError, PasswordHasher, PasswordRules, Verification, normalize::is_at_most,
    runner::Runner,
};

/// Hashed in place of a password that is empty or too long.
const DUMMY: &str = "dummy password";

/// Hashes and verifies passwords off the async workers, with a bound on their length and on the concurrency.
#[derive(Debug)]
pub(crate) struct Passwords {
    hasher: Arc<dyn PasswordHasher>,
    max_length: usize,
    rules: Arc<PasswordRules>,
    runner: Runner,
}

impl Passwords {
    pub(crate) fn new(config: PasswordConfig) -> Self {
        let runner = Runner::new(config.concurrency, config.max_waiting);
        Self { hasher: config.hasher, max_length: config.max_length, rules: Arc::new(config.rules), runner }
    }

    pub(crate) fn rules(&self) -> &PasswordRules {
        &self.rules
    }

    /// Returns [`Busy`](PasswordError::Busy) if the queue has no place for this origin, before any other work is done.
    pub(crate) fn check_room(&self, origin: &Origin) -> Result<(), PasswordError> {
        self.runner.check_room(origin)
    }

    /// Returns how many passwords may wait to be hashed.
    pub(crate) fn max_waiting(&self) -> usize {
        self.runner.max_waiting()
    }

    /// Hashes the password of a key that is being created or changed, if it complies with the rules.
    pub(crate) async fn hash_new(
        &self,
        password: &str,
        key_id: &KeyId,
        user: Option<&UserSchema>,
        origin: Origin,
    ) -> Result<HashedPassword, PasswordError> {
        self.check_bounds(password)?;
        let context = self.rules.context(key_id, user);
        self.rules.apply(password, &context).await?;
        let password = password.to_owned();
        #[cfg(feature = "zxcvbn")]
        let (rules, words) = (Arc::clone(&self.rules), context.into_words());
        self.run(origin, move |hasher| {
            #[cfg(feature = "zxcvbn")]
            rules.apply_min_guesses(&password, &words)?;
            hasher.hash(&password)
        })
        .await
    }

    /// Hashes a password that the key has already.
    pub(crate) async fn hash(&self, password: &str, origin: Origin) -> Result<HashedPassword, PasswordError> {
        self.check_bounds(password)?;
        let password = password.to_owned();
        self.run(origin, move |hasher| hasher.hash(&password)).await
    }

    /// Treats a password that could not have been hashed as wrong, and every password as wrong for an empty hash.
    pub(crate) async fn verify(
        &self,
        password: &str,
        hash: &HashedPassword,
        origin: Origin,
    ) -> Result<Verification, PasswordError> {
        if self.check_bounds(password).is_err() || hash.as_str().is_empty() {
            return self.verify_dummy(password, origin).await.map(|()| Verification::Invalid);
        }
        let (password, hash) = (password.to_owned(), hash.clone());
        self.run(origin, move |hasher| hasher.verify(&password, &hash)).await
    }

    /// Takes as long as a failed [`verify`](Self::verify), for a key that does not exist.
    pub(crate) async fn verify_dummy(&self, password: &str, origin: Origin) -> Result<(), PasswordError> {
        let password = if self.check_bounds(password).is_ok() { password } else { DUMMY }.to_owned();
        self.run(origin, move |hasher| hasher.verify_dummy(&password)).await
    }

    fn check_bounds(&self, password: &str) -> Result<(), PasswordError> {
        if password.is_empty() {
            return Err(PasswordError::Empty);
        }
        if !is_at_most(password, self.max_length) {
            return Err(PasswordError::TooLong { max: self.max_length });
        }
        Ok(())
    }

    async fn run<T: Send + 'static>(
        &self,
        origin: Origin,
        work: impl FnOnce(&dyn PasswordHasher) -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let hasher = Arc::clone(&self.hasher);
        self.runner.run(origin, move || work(&*hasher)).await
    }
}
