use std::fmt::Debug;

use lucia_core::HashedPassword;

use super::PasswordError;

/// Makes and verifies hashes of passwords: Lucia's option `passwordHash`.
///
/// [`Argon2id`](super::Argon2id) and [`LuciaScrypt`](super::LuciaScrypt) verify every format that either of them knows. A
/// hasher of your own handles the formats that your application stores; for the others it may ask one of them.
///
/// Calls block for as long as a hash takes. `Auth` makes them on threads of its own, outside of any runtime, so many at a time
/// as configured.
///
/// # Contract
/// - Whatever is stored, [`verify`](Self::verify) does not panic: a hash that makes no sense is [`Verification::Invalid`], and
///   so is the empty text.
/// - A verification that fails costs the same whatever is stored, and that is what [`waste`](Self::waste) costs: the time
///   would tell who has an account. But one stored hash must not make every failure expensive: [`Argon2id`](super::Argon2id)
///   and [`LuciaScrypt`](super::LuciaScrypt) add at most four times their own work for what they have met of Argon2, and as
///   much for scrypt. A hash beyond that takes its own time.
///
/// ```
/// use lucia_auth::{Argon2id, HashedPassword, PasswordError, PasswordHasher, Verification};
///
/// /// Argon2id, with a mark that says which secret was mixed in.
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
///     fn waste(&self, password: &str) -> Result<(), PasswordError> {
///         self.argon2id.waste(password)
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
    /// [`PasswordError`], if there are no random bytes or no memory.
    fn hash(&self, password: &str) -> Result<HashedPassword, PasswordError>;

    /// Compares a password with a stored hash, in constant time.
    ///
    /// # Errors
    /// [`PasswordError`], if there is no memory. A hash of an unknown format is not an error.
    fn verify(&self, password: &str, hash: &HashedPassword) -> Result<Verification, PasswordError>;

    /// Does the work of a verification that fails, for a key that does not exist or has no password.
    ///
    /// As provided, it computes a hash and drops it.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    fn waste(&self, password: &str) -> Result<(), PasswordError> {
        self.hash(password).map(drop)
    }
}

/// What comparing a password with a stored hash gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verification {
    /// The password is right.
    Valid,
    /// The password is right, and its hash should be replaced: it is of another format, or weaker, than new hashes are.
    ValidButOutdated,
    /// The password is wrong, or the hash makes no sense.
    Invalid,
    /// The hash is of a format that is recognised and not verified, such as bcrypt: the user has to set a new password.
    Unsupported,
}

impl Verification {
    /// Whether the password is right.
    #[must_use]
    pub const fn is_valid(self) -> bool {
        matches!(self, Self::Valid | Self::ValidButOutdated)
    }

    /// The same, for a hash that should be replaced in any case.
    #[must_use]
    pub const fn into_outdated(self) -> Self {
        match self {
            Self::Valid | Self::ValidButOutdated => Self::ValidButOutdated,
            Self::Invalid => Self::Invalid,
            Self::Unsupported => Self::Unsupported,
        }
    }
}
