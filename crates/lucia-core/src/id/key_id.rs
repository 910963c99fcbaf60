use std::{borrow::Borrow, convert::Infallible, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The id of a key: `{provider_id}:{provider_user_id}`, such as `username:ada` or `github:583231`.
///
/// It is split at the first colon, so the provider's user id may contain colons and the provider id may not.
///
/// ```
/// use lucia_core::KeyId;
///
/// let id = KeyId::new("saml", "urn:users:7")?;
/// assert_eq!(id.as_str(), "saml:urn:users:7");
/// assert_eq!((id.provider_id(), id.provider_user_id()), ("saml", "urn:users:7"));
/// assert!(KeyId::new("urn:saml", "7").is_err());
///
/// assert_eq!(KeyId::try_from(("saml", "urn:users:7")), Ok(id.clone()));
/// assert_eq!("saml:urn:users:7".parse(), Ok(id));
/// # Ok::<(), lucia_core::InvalidKeyId>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(String);

/// A malformed [`KeyId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidKeyId {
    /// The provider id is empty.
    #[error("the provider id is empty")]
    EmptyProviderId,
    /// The provider id contains a colon, at which the key id would be split.
    #[error("the provider id contains a colon (`:`)")]
    ColonInProviderId,
    /// A parsed key id contains no colon.
    #[error("the key id has no colon (`:`) after the provider id")]
    NoColon,
}

impl KeyId {
    /// Joins a provider id and the provider's user id.
    ///
    /// # Errors
    /// Returns [`InvalidKeyId`] if the provider id is empty or contains a colon.
    pub fn new(provider_id: &str, provider_user_id: &str) -> Result<Self, InvalidKeyId> {
        if provider_id.is_empty() {
            return Err(InvalidKeyId::EmptyProviderId);
        }
        if provider_id.contains(':') {
            return Err(InvalidKeyId::ColonInProviderId);
        }
        Ok(Self(format!("{provider_id}:{provider_user_id}")))
    }

    /// Creates an id that an adapter read from its store.
    ///
    /// Accepts any id that other programs wrote: without a colon the whole id is the provider id.
    #[must_use]
    pub fn from_stored(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// Returns the part before the first colon.
    #[must_use]
    pub fn provider_id(&self) -> &str {
        self.0.split_once(':').map_or(self.0.as_str(), |(provider, _)| provider)
    }

    /// Returns the part after the first colon, or an empty string without one.
    #[must_use]
    pub fn provider_user_id(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, user)| user)
    }

    /// Returns the stored form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the stored form without copying.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for KeyId {
    type Err = InvalidKeyId;

    /// Parses `{provider_id}:{provider_user_id}`.
    fn from_str(id: &str) -> Result<Self, InvalidKeyId> {
        match id.split_once(':') {
            Some(("", _)) => Err(InvalidKeyId::EmptyProviderId),
            Some(_) => Ok(Self(id.to_owned())),
            None => Err(InvalidKeyId::NoColon),
        }
    }
}

impl<P: AsRef<str>, U: AsRef<str>> TryFrom<(P, U)> for KeyId {
    type Error = InvalidKeyId;

    /// Joins a provider id and the provider's user id, as [`new`](Self::new) does.
    fn try_from((provider_id, provider_user_id): (P, U)) -> Result<Self, InvalidKeyId> {
        Self::new(provider_id.as_ref(), provider_user_id.as_ref())
    }
}

impl From<&Self> for KeyId {
    fn from(id: &Self) -> Self {
        id.clone()
    }
}

/// Lets arguments accept a [`KeyId`] as well as its parts.
impl From<Infallible> for InvalidKeyId {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl AsRef<str> for KeyId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for KeyId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> Self {
        id.0
    }
}
