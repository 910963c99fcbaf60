use std::sync::Arc;

use super::{Argon2id, PasswordHasher, PasswordRules};

/// How passwords are hashed.
pub(crate) struct PasswordConfig {
    pub(crate) hasher: Arc<dyn PasswordHasher>,
    /// In bytes.
    pub(crate) max_length: usize,
    pub(crate) rules: PasswordRules,
    /// Defaults to one less than the number of cores.
    pub(crate) concurrency: Option<usize>,
    /// Defaults to fifty times the concurrency.
    pub(crate) max_waiting: Option<usize>,
    pub(crate) rehash_on_use: bool,
}

impl Default for PasswordConfig {
    fn default() -> Self {
        Self {
            hasher: Arc::new(Argon2id::default()),
            // Longer than any typed password, and still fast to normalise and hash.
            max_length: 1_024,
            rules: PasswordRules::new(),
            concurrency: None,
            max_waiting: None,
            rehash_on_use: false,
        }
    }
}
