use std::fmt;

use serde::{Deserialize, Serialize};

/// The id of a key: `{provider_id}:{provider_user_id}`, for example `username:ada` or `github:583231`.
///
/// It splits at the first colon, so the provider's user id may hold colons and the provider id may not.
///
/// ```
/// use lucia_core::KeyId;
///
/// let id = KeyId::new("saml", "urn:users:7")?;
/// assert_eq!(id.as_str(), "saml:urn:users:7");
/// assert_eq!((id.provider_id(), id.provider_user_id()), ("saml", "urn:users:7"));
/// assert!(KeyId::new("urn:saml", "7").is_err());
/// # Ok::<(), lucia_core::InvalidKeyId>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(String);

/// Why a pair of provider id and provider user id makes no [`KeyId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidKeyId {
    /// The provider id is empty.
    #[error("the provider id is empty")]
    EmptyProviderId,
    /// The provider id holds a colon, at which the key id would split wrongly.
    #[error("the provider id contains a colon (`:`)")]
    ColonInProviderId,
}

impl KeyId {
    /// Joins a provider id and a provider's user id.
    ///
    /// # Errors
    /// [`InvalidKeyId`] if the provider id is empty or holds a colon.
    pub fn new(provider_id: &str, provider_user_id: &str) -> Result<Self, InvalidKeyId> {
        if provider_id.is_empty() {
            return Err(InvalidKeyId::EmptyProviderId);
        }
        if provider_id.contains(':') {
            return Err(InvalidKeyId::ColonInProviderId);
        }
        Ok(Self(format!("{provider_id}:{provider_user_id}")))
    }

    /// Takes an id as an adapter read it from its store.
    ///
    /// Rows that other programs wrote are taken as they are: without a colon the whole id is the provider id.
    #[must_use]
    pub fn from_stored(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The part before the first colon.
    #[must_use]
    pub fn provider_id(&self) -> &str {
        self.0.split_once(':').map_or(self.0.as_str(), |(provider, _)| provider)
    }

    /// Everything after the first colon; empty if there is none.
    #[must_use]
    pub fn provider_user_id(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, user)| user)
    }

    /// The id as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as it is stored, without a copy.
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
