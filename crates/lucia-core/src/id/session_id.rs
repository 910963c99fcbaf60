use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    SessionHandle,
    digest::{is_sha256_hex, sha256_hex},
    text::text,
};

/// The id of a session in its store: the hash of its [`SessionToken`](crate::SessionToken) or, in stores of Lucia v2,
/// the token itself.
///
/// Because it may be a token, which signs in whoever knows it, `Debug` hides it and `Display` is not implemented, so
/// that it is not printed by accident.
///
/// ```
/// use lucia_core::SessionId;
///
/// let id = SessionId::new("0b3ae9d2c4");
/// assert_eq!(id.as_str(), "0b3ae9d2c4");
/// assert_eq!(format!("{id:?}"), "SessionId(..)");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(String);

impl SessionId {
    /// Creates an id from any string.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// Returns the id as in the store.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the id without copying.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }

    /// Returns `true` if the id has the form of a [hash](crate::SessionToken::hashed_id): 64 hexadecimal digits of
    /// either case.
    ///
    /// An id that a client presents in this form may come from a stolen store.
    #[must_use]
    pub fn is_hash(&self) -> bool {
        is_sha256_hex(&self.0)
    }

    /// Returns the handle of the session. It is the same whether the store holds the token or its hash.
    #[must_use]
    pub fn handle(&self) -> SessionHandle {
        if self.is_hash() { SessionHandle::of_hashed(&self.0) } else { SessionHandle::of_hashed(&self.digest()) }
    }

    /// Returns `true` if this is the hash of a plain id.
    pub(crate) fn is_hash_of(&self, plain: &Self) -> bool {
        self.0 == plain.digest()
    }

    /// Returns the SHA-256 of the id as lower-case hexadecimal digits.
    pub(crate) fn digest(&self) -> String {
        sha256_hex(&self.0)
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(..)")
    }
}

text!(SessionId);
