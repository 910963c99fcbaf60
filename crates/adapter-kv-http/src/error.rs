use std::{error::Error, fmt, time::Duration};

use lucia_core::{AdapterError, AdapterErrorKind as Kind};

/// The error of a request to a service. It is the source of every error of a store.
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
    /// The service could not be reached, the connection broke, or the certificate is not trusted.
    #[error("the service could not be reached, or the connection broke")]
    Transport(#[source] TransportError),
    /// The timeout of the request elapsed.
    #[error("the service did not answer in time")]
    TimedOut,
    /// The service refused the token: status 401 or 403.
    #[error("the service refused the request with status {status}: check the token and what it permits")]
    Refused {
        /// The status.
        status: u16,
    },
    /// The service redirects, which is not followed: the token must not go elsewhere.
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
        /// How long the service asks to wait before another request.
        retry_after: Option<Duration>,
    },
    /// The answer is larger than [`HttpConfig::max_body_bytes`](crate::HttpConfig::max_body_bytes), or, if it is a list of
    /// keys, than [`HttpConfig::max_listing_bytes`](crate::HttpConfig::max_listing_bytes).
    #[error(
        "the answer is larger than the limit of {limit} bytes: raise `HttpConfig::max_body_bytes`, or for a list of keys \
         `HttpConfig::max_listing_bytes`"
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
    /// The service wrote or deleted only some of the keys of one request.
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
    /// Returns the status of the answer, if it was the reason.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status } | Self::Redirect { status } | Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Returns how long the service asks to wait before another request.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

impl From<HttpError> for AdapterError {
    fn from(error: HttpError) -> Self {
        let kind = match &error {
            HttpError::Transport(_) | HttpError::TimedOut | HttpError::Partial { .. } => Kind::Unavailable,
            HttpError::Status { status: 408 | 425 | 429 | 500..=599, .. } => Kind::Unavailable,
            HttpError::Key { .. } => Kind::UnsupportedId,
            _ => Kind::Backend,
        };
        Self::new(kind).with_source(error)
    }
}

impl From<reqwest::Error> for HttpError {
    /// Without the URL, which names a session.
    fn from(error: reqwest::Error) -> Self {
        let stage = if error.is_connect() {
            Stage::Connect
        } else if error.is_request() {
            Stage::Request
        } else {
            Stage::Answer
        };
        Self::Transport(TransportError { stage, source: error.without_url().into() })
    }
}

/// The error of a connection.
#[derive(Debug, thiserror::Error)]
#[error("{stage} failed")]
pub struct TransportError {
    pub(crate) stage: Stage,
    source: Box<dyn Error + Send + Sync>,
}

/// How far a request got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Connect,
    /// The connection was closed without an answer.
    Request,
    Answer,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::Request => "sending the request",
            Self::Answer => "reading the answer",
        })
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

/// The error of making a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The URL of the service cannot be used.
    #[error("invalid URL of the service")]
    InvalidUrl(#[from] InvalidUrl),
    /// A header has characters that HTTP does not allow, in its name or in its value.
    #[error("the name or the value of header `{name}` has characters that HTTP does not allow")]
    InvalidHeader {
        /// The name of the header.
        name: String,
    },
    /// The account id is empty, or has other characters than letters, digits, `-` and `_`.
    #[error("invalid account id: expected letters, digits, `-` and `_`")]
    InvalidAccountId,
    /// The namespace id is empty, or has other characters than letters, digits, `-` and `_`.
    #[error("invalid namespace id: expected letters, digits, `-` and `_`")]
    InvalidNamespaceId,
    /// The HTTP client could not be created: no root certificates were found, for example.
    #[error("the HTTP client could not be created")]
    Client(#[source] Box<dyn Error + Send + Sync>),
}

/// The reason why the URL of a service cannot be used.
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
    #[error("it contains a user name or password: send them in a header instead")]
    Credentials,
    /// It has a query or a fragment.
    #[error("it must not have a query or a fragment")]
    QueryOrFragment,
}
