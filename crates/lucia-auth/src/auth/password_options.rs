use std::sync::Arc;

use super::AuthBuilder;
use crate::{PasswordHasher, PasswordRules};

/// Passwords.
impl<U, S> AuthBuilder<U, S> {
    /// Sets the password hasher. Defaults to [`Argon2id`](crate::Argon2id).
    ///
    /// Use `LuciaScrypt` while Lucia JS runs on the same tables.
    pub fn password_hash(mut self, hasher: impl PasswordHasher) -> Self {
        self.config.passwords.hasher = Arc::new(hasher);
        self
    }

    /// Sets the length limit of passwords, in bytes of UTF-8. Defaults to 1,024.
    pub fn max_password_length(mut self, bytes: usize) -> Self {
        self.config.passwords.max_length = bytes;
        self
    }

    /// Sets the rules for new passwords. Defaults to [`PasswordRules::new`], which requires 8 characters.
    pub fn password_rules(mut self, rules: PasswordRules) -> Self {
        self.config.passwords.rules = rules;
        self
    }

    /// Sets how many passwords are hashed concurrently. Defaults to one less than the number of cores, and at least
    /// one.
    ///
    /// Each has its own thread, which reuses the memory of the previous hash: 19 MiB with the default parameters of
    /// [`Argon2id`](crate::Argon2id).
    pub fn hash_concurrency(mut self, hashes: usize) -> Self {
        self.config.passwords.concurrency = Some(hashes);
        self
    }

    /// Sets how many passwords may wait to be hashed. Beyond that, the error is [`Error::Busy`](crate::Error::Busy) at
    /// once. Defaults to fifty for each of the concurrent hashes, which take about a second.
    ///
    /// The addresses that sign in take turns, or the keys if the [`Client`](crate::Client) is not known; all sign-ups
    /// share one turn. If the queue is full, a newcomer takes the place of the one with most waiting. So no known address
    /// and no sign-ups can fill the queue.
    pub fn hash_queue(mut self, max_waiting: usize) -> Self {
        self.config.passwords.max_waiting = Some(max_waiting);
        self
    }

    /// Sets whether [`use_key_with_password`](crate::Auth::use_key_with_password) replaces the hash of a correct password if
    /// the hasher considers it outdated. Defaults to `false`, because Lucia JS cannot verify the new hashes.
    pub fn rehash_on_use(mut self, rehash: bool) -> Self {
        self.config.passwords.rehash_on_use = rehash;
        self
    }
}
