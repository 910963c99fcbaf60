//! Keys for the application, and keys to create.

use std::{fmt, ops::Deref};

use lucia_core::{HashedPassword, InvalidKeyId, KeyId, KeySchema, UserId};
use serde::Serialize;

/// A key: a way in which a user signs in. It does not contain the password hash.
///
/// ```
/// use lucia_auth::Key;
///
/// fn describe(key: &Key) -> String {
///     format!("{} as {}", key.id.provider_id(), key.id.provider_user_id())
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Key {
    /// The provider, such as `username`, `email` or `github`, and the user's id at the provider.
    #[doc(alias("providerId", "providerUserId"))]
    pub id: KeyId,
    /// The user whom the key signs in.
    pub user_id: UserId,
    /// `true` if the key has a password.
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
/// let oauth = NewKey::new(("github", "583231"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct NewKey {
    pub(crate) id: Result<KeyId, InvalidKeyId>,
    #[cfg(feature = "password")]
    pub(crate) password: Option<String>,
}

impl NewKey {
    /// Creates a key without a password, for which the provider authenticates the user. Storing it fails if the id is
    /// malformed.
    #[must_use]
    pub fn new(id: impl TryInto<KeyId, Error: Into<InvalidKeyId>>) -> Self {
        Self {
            id: id.try_into().map_err(Into::into),
            #[cfg(feature = "password")]
            password: None,
        }
    }

    /// Creates a key with a password, which must comply with the [`PasswordRules`](crate::PasswordRules).
    ///
    /// ```
    /// use lucia_auth::NewKey;
    ///
    /// let key = NewKey::with_password(("username", "ada"), "correct horse");
    /// assert!(!format!("{key:?}").contains("horse"));
    /// ```
    #[cfg(feature = "password")]
    #[must_use]
    pub fn with_password(id: impl TryInto<KeyId, Error: Into<InvalidKeyId>>, password: impl Into<String>) -> Self {
        Self { password: Some(password.into()), ..Self::new(id) }
    }
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewKey").field("id", &self.id).finish_non_exhaustive()
    }
}
