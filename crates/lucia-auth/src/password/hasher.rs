use std::{error::Error, fmt::Debug, time::Duration};

use lucia_core::HashedPassword;

use super::PasswordRejection;

/// Hashes and verifies passwords: Lucia's option `passwordHash`.
///
/// [`Argon2id`](super::Argon2id) and [`LuciaScrypt`](super::LuciaScrypt) verify every format that either of them
/// produces. Your own hasher handles the formats that your application stores, and may delegate the others to one of
/// them.
///
/// The methods block for the duration of a hash. `Auth` calls them on separate threads, outside of any runtime, with
/// the configured concurrency.
///
/// # Contract
/// - [`verify`](Self::verify) never panics, whatever is stored: a malformed or empty hash is [`Verification::Invalid`].
/// - A failed verification takes the same time whatever is stored, which is also the time of
///   [`verify_dummy`](Self::verify_dummy); otherwise the time would reveal who has an account. At the same time one
///   stored hash must not make every failure expensive: [`Argon2id`](super::Argon2id) and
///   [`LuciaScrypt`](super::LuciaScrypt) add at most four times their own work for the Argon2 hashes that they have
///   seen, and as much for scrypt. A hash beyond that takes its own time.
///
/// Based on the `passwordHash` option of Lucia's configuration, whose `validate` is `verify` here.
///
/// ```
/// use lucia_auth::{Argon2id, HashedPassword, PasswordError, PasswordHasher, Verification};
///
/// /// Argon2id over a password with a secret, and a prefix that names the secret.
/// #[derive(Debug)]
/// struct Peppered { argon2id: Argon2id, pepper: &'static str }
///
/// impl PasswordHasher for Peppered {
///     fn hash(&self, password: &str) -> Result<HashedPassword, PasswordError> {
///         let hash = self.argon2id.hash(&format!("{}{password}", self.pepper))?;
///         Ok(HashedPassword::new(format!("pepper1{}", hash.as_str())))
///     }
///
///     fn verify(&self, password: &str, hash: &HashedPassword) -> Result<Verification, PasswordError> {
///         match hash.as_str().strip_prefix("pepper1") {
///             Some(hash) => {
///                 self.argon2id.verify(&format!("{}{password}", self.pepper), &HashedPassword::new(hash))
///             }
///             None => self.argon2id.verify(password, hash).map(Verification::into_outdated),
///         }
///     }
///
///     fn verify_dummy(&self, password: &str) -> Result<(), PasswordError> {
///         self.argon2id.verify_dummy(password)
///     }
/// }
///
/// let hasher = Peppered { argon2id: Argon2id::default(), pepper: "salt and" };
/// let hash = hasher.hash("correct horse")?;
/// assert_eq!(hasher.verify("correct horse", &hash)?, Verification::Valid);
/// let old = Argon2id::default().hash("correct horse")?;
/// assert_eq!(hasher.verify("correct horse", &old)?, Verification::ValidButOutdated);
/// # Ok::<(), PasswordError>(())
/// ```
pub trait PasswordHasher: Debug + Send + Sync + 'static {
    /// Hashes a password with a new salt.
    ///
    /// # Errors
    /// Returns a [`PasswordError`] if random bytes or memory are not available.
    fn hash(&self, password: &str) -> Result<HashedPassword, PasswordError>;

    /// Compares a password with a stored hash, in constant time.
    ///
    /// # Errors
    /// Returns a [`PasswordError`] if memory is not available. An unknown format is [`Verification::Invalid`], not an
    /// error.
    fn verify(&self, password: &str, hash: &HashedPassword) -> Result<Verification, PasswordError>;

    /// Does the work of a failed verification, for a key that does not exist or has no password.
    ///
    /// Defaults to computing one hash.
    ///
    /// # Errors
    /// Returns the errors of [`verify`](Self::verify).
    fn verify_dummy(&self, password: &str) -> Result<(), PasswordError> {
        self.hash(password).map(drop)
    }
}

/// The result of comparing a password with a stored hash.
// Exhaustive: hashers of the application's own pass on what others return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verification {
    /// The password is correct.
    Valid,
    /// The password is correct, and its hash should be replaced: it has another format than new hashes, or is weaker.
    ValidButOutdated,
    /// The password is wrong, or the hash is malformed.
    Invalid,
    /// The hash has a known format that is not supported, such as bcrypt: the user must set a new password.
    Unsupported,
}

impl Verification {
    /// Returns `true` if the password is correct.
    #[must_use]
    pub const fn is_valid(self) -> bool {
        matches!(self, Self::Valid | Self::ValidButOutdated)
    }

    /// Returns the same result with a correct password's hash marked for replacement.
    #[must_use]
    pub const fn into_outdated(self) -> Self {
        match self {
            Self::Valid | Self::ValidButOutdated => Self::ValidButOutdated,
            Self::Invalid => Self::Invalid,
            Self::Unsupported => Self::Unsupported,
        }
    }
}

/// An error of a [`PasswordHasher`], or of a rule for new passwords. A wrong password is a [`Verification`], not an
/// error.
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
    // Exhaustive, so that a hasher with a limit of its own can return it.
    TooLong {
        /// The limit, in bytes of UTF-8.
        max: usize,
    },
    /// The password does not comply with the [`PasswordRules`](crate::PasswordRules).
    #[error(transparent)]
    Rejected(#[from] PasswordRejection),
    /// A [`PasswordCheck`](crate::PasswordCheck) failed, for example because a service is unavailable.
    #[error("the password could not be checked")]
    CheckFailed(#[source] Box<dyn Error + Send + Sync>),
    /// The parameters of a hasher are out of bounds.
    #[error("{0}")]
    InvalidParameters(&'static str),
    /// The operating system provided no random bytes for a salt.
    #[error("no random bytes for a salt")]
    Random(#[source] Box<dyn Error + Send + Sync>),
    /// The hasher failed, for example because it could not allocate memory or start a thread.
    #[error("the password hasher failed")]
    Hasher(#[source] Box<dyn Error + Send + Sync>),
    /// Too many passwords are waiting to be hashed.
    #[error("too many passwords are waiting to be hashed")]
    // Exhaustive, so that a hasher with a queue of its own can return it.
    Busy {
        /// The time after which a retry may succeed.
        retry_after: Duration,
    },
    /// The hasher panicked.
    #[error("hashing was interrupted")]
    Interrupted,
}

impl PasswordError {
    /// Wraps an error of a custom [`PasswordHasher`]. It must contain neither password nor hash.
    #[must_use]
    pub fn hasher(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Hasher(error.into())
    }

    /// Wraps an error of your own [`PasswordCheck`](crate::PasswordCheck). It must not contain the password.
    #[must_use]
    pub fn check_failed(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::CheckFailed(error.into())
    }

    /// Returns `true` if the user must choose another password. `Display` then returns a line to show next to its
    /// field.
    #[must_use]
    pub const fn is_unacceptable(&self) -> bool {
        matches!(self, Self::Empty | Self::TooLong { .. } | Self::Rejected(_))
    }
}
