use std::error::Error;

/// The error of a [`PasswordHasher`](super::PasswordHasher). A wrong password is not an error: see
/// [`Verification`](super::Verification).
///
/// No variant holds a password or a hash.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// A password has at least one character.
    #[error("the password is empty")]
    Empty,
    /// The password is longer than the configuration allows, as it is or once normalised.
    #[error("the password is longer than {max} bytes")]
    TooLong {
        /// The longest password, in bytes of UTF-8.
        max: usize,
    },
    /// The parameters of a hasher do not fit.
    #[error("{0}")]
    InvalidParameters(&'static str),
    /// The operating system gave no random bytes for a salt.
    #[error("no random bytes for a salt")]
    Random(#[source] getrandom::Error),
    /// The hasher itself failed, for example for want of memory or of a thread.
    #[error("the password hasher failed")]
    Hasher(#[source] Box<dyn Error + Send + Sync>),
    /// The hasher panicked.
    #[error("hashing was interrupted")]
    Interrupted,
}

impl PasswordError {
    /// A failure of a [`PasswordHasher`](super::PasswordHasher) of your own. Keep password and hash out of it.
    #[must_use]
    pub fn hasher(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Hasher(error.into())
    }
}
