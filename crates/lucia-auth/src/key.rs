//! Keys for the application, and keys to create.

use std::{fmt, ops::Deref};

use lucia_core::{HashedPassword, KeyId, KeySchema, UserId};

/// A key: a way in which a user signs in. It does not contain the password hash.
///
/// ```
/// use lucia_auth::Key;
///
/// fn describe(key: &Key) -> String {
///     format!("{} as {}", key.provider_id, key.provider_user_id)
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The provider, such as `username`, `email` or `github`.
    pub provider_id: String,
    /// The user's id at the provider.
    pub provider_user_id: String,
    /// The user whom the key signs in.
    pub user_id: UserId,
    /// Whether the key has a password.
    pub password_defined: bool,
}

/// A [`Key`] that [`Auth::use_key`](crate::Auth::use_key) verified, with the state that was verified.
///
/// It dereferences to the key. [`NewSession::for_key`](crate::NewSession::for_key) takes it to reject a sign-in with a
/// password that was changed, or a key that was deleted, since the verification. `Debug` hides the hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedKey {
    key: Key,
    pub(crate) proof: Proof,
}

/// The part of a verified row that a sign-in depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proof {
    pub(crate) key_id: KeyId,
    hashed_password: Option<HashedPassword>,
}

impl VerifiedKey {
    pub(crate) fn new(key: Key, row: KeySchema) -> Self {
        Self { key, proof: Proof { key_id: row.id, hashed_password: row.hashed_password } }
    }

    /// Returns the key without the proof.
    #[must_use]
    pub fn into_key(self) -> Key {
        self.key
    }
}

impl Deref for VerifiedKey {
    type Target = Key;

    fn deref(&self) -> &Key {
        &self.key
    }
}

impl Proof {
    /// Returns `true` if the key still has the verified password, or still has none.
    pub(crate) fn holds_for(&self, row: &KeySchema) -> bool {
        self.hashed_password == row.hashed_password
    }
}

/// A key to create. `Debug` hides the password.
///
/// ```
/// use lucia_auth::NewKey;
///
/// let oauth = NewKey::new("github", "583231");
/// let password = NewKey::with_password("username", "ada", "correct horse");
/// assert!(!format!("{password:?}").contains("horse"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct NewKey {
    pub(crate) provider_id: String,
    pub(crate) provider_user_id: String,
    pub(crate) password: Option<String>,
}

impl NewKey {
    /// Creates a key without a password, for which the provider authenticates the user.
    #[must_use]
    pub fn new(provider_id: impl Into<String>, provider_user_id: impl Into<String>) -> Self {
        Self { provider_id: provider_id.into(), provider_user_id: provider_user_id.into(), password: None }
    }

    /// Creates a key with a password, which must not be empty.
    #[must_use]
    pub fn with_password(
        provider_id: impl Into<String>,
        provider_user_id: impl Into<String>,
        password: impl Into<String>,
    ) -> Self {
        Self { password: Some(password.into()), ..Self::new(provider_id, provider_user_id) }
    }
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewKey")
            .field("provider_id", &self.provider_id)
            .field("provider_user_id", &self.provider_user_id)
            .field("password", &self.password.as_ref().map(|_| ".."))
            .finish()
    }
}
