use std::{error::Error, fmt, time::Duration};

use lucia_core::{AdapterError, AdapterErrorKind as Kind};

/// What went wrong between this crate and a service: the source of every error of its stores.
///
/// It holds no URL, key, token or body.
///
/// ```
/// use adapter_kv_http::HttpError;
/// use lucia_core::{AdapterError, AdapterErrorKind};
///
/// fn how_long_to_wait(error: &AdapterError) -> Option<std::time::Duration> {
///     (error.kind() == AdapterErrorKind::Unavailable).then(|| error.downcast_ref::<HttpError>()?.retry_after()).flatten()
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// There was no connection, it broke, or the certificate is not trusted.
    #[error("the service could not be reached, or the connection broke")]
    Transport(#[source] reqwest::Error),
    /// The time limit of the request was over first.
    #[error("the service did not answer in time")]
    TimedOut,
    /// The service refused the token: status 401 or 403.
    #[error("the service refused the request with status {status}: check the token and what it permits")]
    Refused {
        /// The status.
        status: u16,
    },
    /// The service wants the request to be made elsewhere, where the token has no business.
    #[error("the service redirects with status {status}, which is not followed: check its URL")]
    Redirect {
        /// The status.
        status: u16,
    },
    /// Any other status that is not a success.
    #[error("the service answered with status {status}{}", Cause { status: *.status, code: *.code })]
    Status {
        /// The status.
        status: u16,
        /// The service's own number of the error, where it sends one.
        code: Option<u64>,
        /// How long the service asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// The answer is larger than [`HttpOptions::max_body_bytes`](crate::HttpOptions::max_body_bytes), or, if it is a list of
    /// keys, than [`HttpOptions::max_listing_bytes`](crate::HttpOptions::max_listing_bytes).
    #[error(
        "the answer is larger than the limit of {limit} bytes: raise `HttpOptions::max_body_bytes`, or for a list of keys \
         `HttpOptions::max_listing_bytes`"
    )]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// The answer is not one that such a service gives. Probably something else answers at its URL.
    #[error("the service did not answer with {expected}: check its URL")]
    Unexpected {
        /// What it should have been.
        expected: &'static str,
    },
    /// The service did only a part of what it was asked to do at once.
    #[error("the service did not write or delete {keys} of the keys")]
    Partial {
        /// How many keys it left out.
        keys: usize,
    },
    /// An empty value, which the service would not store.
    #[error("an empty value cannot be stored: the service would drop it")]
    EmptyValue,
    /// The service cannot hold a value under this key.
    #[error("the key {reason}")]
    Key {
        /// Why not.
        reason: &'static str,
    },
}

impl HttpError {
    /// The status of the answer, where there was one and it was the reason.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status } | Self::Redirect { status } | Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// How long the service asks to be left alone.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    pub(crate) fn during(self, operation: &'static str) -> AdapterError {
        let kind = match &self {
            Self::Transport(_) | Self::TimedOut | Self::Partial { .. } => Kind::Unavailable,
            Self::Status { status: 408 | 425 | 429 | 500..=599, .. } => Kind::Unavailable,
            Self::Key { .. } => Kind::UnsupportedId,
            _ => Kind::Backend,
        };
        AdapterError::new(kind).with_operation(operation).with_source(self)
    }
}

impl From<reqwest::Error> for HttpError {
    /// Without the URL, which names a session.
    fn from(error: reqwest::Error) -> Self {
        Self::Transport(error.without_url())
    }
}

/// What a status means, beyond its number.
struct Cause {
    status: u16,
    code: Option<u64>,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code, self.status) {
            (Some(code), _) => write!(f, " and error {code}"),
            (None, 404) => {
                f.write_str(", and not because a key is absent: check that its URL is the root of the storage")
            }
            (None, _) => Ok(()),
        }
    }
}

/// Why a store could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The URL cannot be used, for this reason.
    #[error("invalid URL of the service: {0}")]
    Url(&'static str),
    /// A header cannot be sent: it has characters that headers do not have.
    #[error("the name or the value of header `{0}` has characters that HTTP does not allow")]
    Header(String),
    /// An identifier of the service's is empty, or has characters that it does not have.
    #[error("invalid {0}: expected letters, digits, `-` and `_`")]
    Identifier(&'static str),
    /// The prefixes make no layout.
    #[error(transparent)]
    Layout(#[from] lucia_core::kv::InvalidKvLayout),
    /// The HTTP client could not be made: there are no root certificates, for example.
    #[error("the HTTP client could not be created")]
    Client(#[source] Box<dyn Error + Send + Sync>),
}
