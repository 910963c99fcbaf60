use std::error::Error;

/// The error of creating a client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpSetupError {
    /// The URL of the service is invalid.
    #[error("invalid URL of the service")]
    InvalidUrl(#[from] InvalidUrl),
    /// The name or value of a header contains characters that HTTP does not allow.
    #[error("invalid header `{name}`: its name or value contains characters that HTTP does not allow")]
    #[non_exhaustive]
    InvalidHeader {
        /// The name of the header.
        name: String,
    },
    /// The HTTP client could not be created, for example because no root certificates were found.
    #[error("the HTTP client could not be created")]
    Client(#[source] Box<dyn Error + Send + Sync>),
}

impl HttpSetupError {
    /// Creates the error of a header with this name.
    #[must_use]
    pub fn invalid_header(name: impl Into<String>) -> Self {
        Self::InvalidHeader { name: name.into() }
    }
}

/// The reason why the URL of a service is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidUrl {
    /// It cannot be parsed.
    #[error("it cannot be parsed: expected `https://host`")]
    Syntax,
    /// Its scheme is neither `https` nor `http`.
    #[error("its scheme must be `https` or `http`")]
    Scheme,
    /// It contains a user name or a password.
    #[error("it contains a user name or a password: send them in a header instead")]
    Credentials,
    /// It has a query or a fragment.
    #[error("it must not have a query or a fragment")]
    QueryOrFragment,
}
