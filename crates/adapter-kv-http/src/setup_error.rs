use lucia_http::{HttpSetupError, InvalidUrl};

/// The error of creating a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The URL or a header is invalid, or the HTTP client could not be created.
    #[error(transparent)]
    Http(#[from] HttpSetupError),
    /// The account id is empty, or contains other characters than letters, digits, `-` and `_`.
    #[error("invalid account id: expected letters, digits, `-` and `_`")]
    InvalidAccountId,
    /// The namespace id is empty, or contains other characters than letters, digits, `-` and `_`.
    #[error("invalid namespace id: expected letters, digits, `-` and `_`")]
    InvalidNamespaceId,
}

impl From<InvalidUrl> for SetupError {
    fn from(error: InvalidUrl) -> Self {
        Self::Http(error.into())
    }
}
