use std::{error::Error, fmt, time::Duration};

use lucia_core::{AdapterError, AdapterErrorKind as Kind};

/// The error of a request to a service.
///
/// Contains no URL, key, token or body.
///
/// ```
/// use lucia_core::{AdapterError, AdapterErrorKind};
/// use lucia_http::HttpError;
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
    #[non_exhaustive]
    Refused {
        /// The status.
        status: u16,
    },
    /// A redirect. It is not followed, so that the token is not sent to another host.
    #[error("redirect with status {status}, which is not followed: check the URL of the service")]
    #[non_exhaustive]
    Redirect {
        /// The status.
        status: u16,
    },
    /// Any other unsuccessful status.
    #[error("the service responded with status {status}{}", Cause { status: *.status, code: *.code })]
    #[non_exhaustive]
    Status {
        /// The status.
        status: u16,
        /// The error code of the service, if the response contains one.
        code: Option<u64>,
        /// The delay that the service requests before the next request.
        retry_after: Option<Duration>,
    },
    /// The response is larger than the limit.
    #[error("the response is larger than the limit of {limit} bytes: raise `{setting}`")]
    #[non_exhaustive]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
        /// The method that sets the limit.
        setting: &'static str,
    },
    /// The response is not one of such a service. The URL is probably that of something else.
    #[error("unexpected response, expected {expected}: check the URL of the service")]
    #[non_exhaustive]
    Unexpected {
        /// The expected response.
        expected: &'static str,
    },
}

impl HttpError {
    /// Creates the error of a response that is not one of such a service.
    #[must_use]
    pub const fn unexpected(expected: &'static str) -> Self {
        Self::Unexpected { expected }
    }

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

    /// Returns `true` if the service is unavailable, so that a later request may succeed.
    #[must_use]
    pub const fn is_outage(&self) -> bool {
        matches!(self, Self::Transport(_) | Self::TimedOut | Self::Status { status: 408 | 425 | 429 | 500..=599, .. })
    }

    /// Wraps an error of the HTTP client, without its URL, which may contain a session id.
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

impl From<HttpError> for AdapterError {
    fn from(error: HttpError) -> Self {
        let kind = if error.is_outage() { Kind::Unavailable } else { Kind::Backend };
        Self::new(kind).with_source(error)
    }
}

/// The error of a connection.
#[derive(Debug, thiserror::Error)]
#[error("{stage} failed")]
pub struct TransportError {
    pub(crate) stage: Stage,
    pub(crate) source: Box<dyn Error + Send + Sync>,
}

impl TransportError {
    /// Returns `true` if no connection could be opened, so that the service did not receive the request.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.stage == Stage::Connect
    }
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
            (None, 404) => f.write_str(": check the URL of the service"),
            (None, _) => Ok(()),
        }
    }
}
