use std::{error::Error, fmt, time::Duration};

use lucia_core::{AdapterError, AdapterErrorKind as Kind};

/// The error of a request to a service; the source of every error of a store.
///
/// Contains no URL, key, token or body.
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
    #[error("the service did not respond in time")]
    TimedOut,
    /// The service rejected the token: status 401 or 403.
    #[error("the service rejected the request with status {status}: check the token and its permissions")]
    Refused {
        /// The status.
        status: u16,
    },
    /// A redirect. It is not followed, so that the token is not sent to another host.
    #[error("redirect with status {status}, which is not followed: check the URL of the service")]
    Redirect {
        /// The status.
        status: u16,
    },
    /// Any other unsuccessful status.
    #[error("the service responded with status {status}{}", Cause { status: *.status, code: *.code })]
    Status {
        /// The status.
        status: u16,
        /// The error code of the service, if the response contains one.
        code: Option<u64>,
        /// The delay that the service requests before the next request.
        retry_after: Option<Duration>,
    },
    /// The response is larger than [`HttpConfig::max_body_bytes`](crate::HttpConfig::max_body_bytes), or, for a list of
    /// keys, [`HttpConfig::max_listing_bytes`](crate::HttpConfig::max_listing_bytes).
    #[error(
        "the response is larger than the limit of {limit} bytes: raise `HttpConfig::max_body_bytes`, or for a list of keys \
         `HttpConfig::max_listing_bytes`"
    )]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The response is not one of such a service. The URL is probably that of something else.
    #[error("unexpected response, expected {expected}: check the URL of the service")]
    Unexpected {
        /// The expected response.
        expected: &'static str,
    },
    /// The service wrote or deleted only some of the keys of one request.
    #[error("the service did not write or delete {keys} of the keys")]
    Partial {
        /// The number of keys that failed.
        keys: usize,
    },
    /// An empty value, which the service would drop.
    #[error("an empty value cannot be stored: the service would drop it")]
    EmptyValue,
    /// The service does not support this key.
    #[error("unsupported key: it {reason}")]
    Key {
        /// The reason.
        reason: &'static str,
    },
}

impl HttpError {
    /// Returns the status of the response, if the status is the error.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status } | Self::Redirect { status } | Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Returns the delay that the service requests before the next request.
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

impl HttpError {
    /// Wraps an error of the HTTP client, without its URL, which contains a session id.
    pub(crate) fn transport(error: reqwest::Error) -> Self {
        let stage = if error.is_connect() {
            Stage::Connect
        } else if error.is_request() {
            Stage::Request
        } else {
            Stage::Response
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

/// The stage at which a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Connect,
    /// The connection was closed without a response.
    Request,
    Response,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::Request => "sending the request",
            Self::Response => "reading the response",
        })
    }
}

/// The explanation of a status.
struct Cause {
    status: u16,
    code: Option<u64>,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code, self.status) {
            (Some(code), _) => write!(f, " and error {code}"),
            (None, 404) => {
                f.write_str(", which is not that of a missing key: check that its URL is the root of the storage")
            }
            (None, _) => Ok(()),
        }
    }
}

/// The error of creating a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The URL of the service is invalid.
    #[error("invalid URL of the service")]
    InvalidUrl(#[from] InvalidUrl),
    /// The name or value of a header contains characters that HTTP does not allow.
    #[error("invalid header `{name}`: its name or value contains characters that HTTP does not allow")]
    InvalidHeader {
        /// The name of the header.
        name: String,
    },
    /// The account id is empty, or contains other characters than letters, digits, `-` and `_`.
    #[error("invalid account id: expected letters, digits, `-` and `_`")]
    InvalidAccountId,
    /// The namespace id is empty, or contains other characters than letters, digits, `-` and `_`.
    #[error("invalid namespace id: expected letters, digits, `-` and `_`")]
    InvalidNamespaceId,
    /// The HTTP client could not be created, for example because no root certificates were found.
    #[error("the HTTP client could not be created")]
    Client(#[source] Box<dyn Error + Send + Sync>),
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
    #[error("it contains a user name or password: send them in a header instead")]
    Credentials,
    /// It has a query or a fragment.
    #[error("it must not have a query or a fragment")]
    QueryOrFragment,
}
