use std::error::Error;

/// An error of a [`PasswordHasher`](super::PasswordHasher). A wrong password is a
/// [`Verification`](super::Verification), not an error.
///
/// No variant holds a password or a hash.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// The password is empty.
    #[error("the password is empty")]
    Empty,
    /// The password is longer than configured, before or after normalisation.
    #[error("the password is longer than {max} bytes")]
    TooLong {
        /// The limit, in bytes of UTF-8.
        max: usize,
    },
    /// The parameters of a hasher are out of bounds.
    #[error("{0}")]
    InvalidParameters(&'static str),
    /// The operating system provided no random bytes for a salt.
    #[error("no random bytes for a salt")]
    Random(#[source] getrandom::Error),
    /// The hasher failed, for example because it could not allocate memory or start a thread.
    #[error("the password hasher failed")]
    Hasher(#[source] Box<dyn Error + Send + Sync>),
    /// The hasher panicked.
    #[error("hashing was interrupted")]
    Interrupted,
}

impl PasswordError {
    /// Wraps an error of your own [`PasswordHasher`](super::PasswordHasher). It must contain neither password nor hash.
    #[must_use]
    pub fn hasher(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Hasher(error.into())
    }
}
