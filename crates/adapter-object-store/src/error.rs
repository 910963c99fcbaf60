use std::fmt;

use lucia_core::{AdapterError, AdapterErrorKind as Kind};

use crate::response::Response;

/// The error of a request to an object store; the source of an [`AdapterError`].
///
/// Contains no key, value, URL or credential. The errors of `object_store` contain keys, so they are not its source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ObjectStoreError {
    /// The service could not be reached, or the connection broke.
    #[error("the service could not be reached, or the connection broke: {reason}")]
    #[non_exhaustive]
    Transport {
        /// The failure of the connection.
        reason: String,
        /// Whether no connection could be opened, so that the service did not receive the request.
        is_connect: bool,
    },
    /// The timeout of the request elapsed.
    #[error("the service did not respond in time")]
    TimedOut,
    /// The service rejected the request.
    #[error("the service responded with {}", Explained { status: *status, code: code.as_deref() })]
    #[non_exhaustive]
    Status {
        /// The status. S3 also responds with 200 if it has not deleted all of several objects.
        status: u16,
        /// The error code of the service, such as `AccessDenied`, if the response contains one.
        code: Option<String>,
    },
    /// The store does not implement an operation.
    #[error("the store does not implement this operation")]
    Unimplemented,
    /// Any other failure of the client, such as missing credentials or a response of something else.
    #[error("unexpected response, or no credentials: check the settings of the builder")]
    Client,
    /// The value is too large to be one of a session.
    #[error("the value has {bytes} bytes, which is more than a session can have")]
    #[non_exhaustive]
    TooLarge {
        /// The size of the value.
        bytes: u64,
    },
    /// The key cannot be the name of an object.
    #[error("unsupported key: it {reason}")]
    #[non_exhaustive]
    UnsupportedKey {
        /// What the key has that is not supported.
        reason: &'static str,
    },
}

/// Error codes of a service that is overloaded and has not executed the request.
const REJECTED: &[&str] = &["SlowDown", "ServerBusy", "ConditionalRequestConflict"];
/// Error codes of a failure that may not happen again, whatever the status.
const TRANSIENT: &[&str] =
    &["InternalError", "OperationTimedOut", "RequestTimeout", "ServiceUnavailable", "OperationAborted"];
/// Error codes that report an absent object, and not an absent bucket.
const ABSENT: &[&str] = &["NoSuchKey", "NoSuchVersion", "BlobNotFound"];
/// Error codes of a name that is too long for the service.
const TOO_LONG: &[&str] = &["KeyTooLongError", "KeyTooLong", "NameTooLong"];

impl ObjectStoreError {
    /// Creates the error of an error of `object_store`, without the key, URL and body in it.
    pub(crate) fn of_client(error: &object_store::Error) -> Self {
        use object_store::Error;
        if matches!(error, Error::NotImplemented { .. } | Error::NotSupported { .. }) {
            return Self::Unimplemented;
        }
        if let Some(Response { status, code }) = Response::find(&error.to_string()) {
            return Self::Status { status, code };
        }
        transport(error).unwrap_or(Self::Client)
    }

    /// Returns the status of the response, if the service rejected the request.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Returns `true` if the service is unavailable, so that a later request may succeed.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Transport { .. } | Self::TimedOut => true,
            Self::Status { status: 408 | 425 | 429 | 500..=599, .. } => true,
            Self::Status { code: Some(code), .. } => [TRANSIENT, REJECTED].concat().contains(&code.as_str()),
            _ => false,
        }
    }

    /// Returns `true` if the service has not executed the request and will not.
    pub(crate) fn is_unexecuted(&self) -> bool {
        match self {
            Self::Transport { is_connect, .. } => *is_connect,
            Self::Status { status: 429, .. } => true,
            Self::Status { code: Some(code), .. } => REJECTED.contains(&code.as_str()),
            _ => false,
        }
    }
}

/// Returns `true` if an error reports that the object is absent. The response to a missing bucket, or that of a gateway,
/// has the same status.
pub(crate) fn is_absent(error: &object_store::Error) -> bool {
    matches!(error, object_store::Error::NotFound { .. })
        && Response::find(&error.to_string()).is_none_or(|response| response.has_code(ABSENT))
}

/// Returns `true` if an error reports that the name is too long, so that no object has it.
pub(crate) fn is_too_long(error: &object_store::Error) -> bool {
    Response::find(&error.to_string()).is_some_and(|response| response.has_code(TOO_LONG))
}

/// Returns `true` if an error reports that the condition of a write does not hold.
pub(crate) fn is_condition(error: &object_store::Error) -> bool {
    use object_store::Error;
    let rejected = matches!(
        error,
        Error::AlreadyExists { .. } | Error::Precondition { .. } | Error::NotFound { .. } | Error::NotModified { .. }
    );
    rejected
        && match Response::find(&error.to_string()) {
            None | Some(Response { status: 304 | 412, .. }) => true,
            Some(response) if response.status == 404 => response.has_code(ABSENT),
            Some(response) => response.has_code(&["BlobAlreadyExists"]),
        }
}

/// Returns the failure of the connection, if an error has one.
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp"))]
fn transport(error: &object_store::Error) -> Option<ObjectStoreError> {
    use std::error::Error;

    use object_store::client::{HttpError, HttpErrorKind};

    let mut source: &(dyn Error + 'static) = error;
    let kind = loop {
        match source.downcast_ref::<HttpError>() {
            Some(error) => break error.kind(),
            None => source = source.source()?,
        }
    };
    if kind == HttpErrorKind::Timeout {
        return Some(ObjectStoreError::TimedOut);
    }
    // The client removes the URL.
    while let Some(inner) = source.source() {
        source = inner;
    }
    Some(ObjectStoreError::Transport { reason: source.to_string(), is_connect: kind == HttpErrorKind::Connect })
}

#[cfg(not(any(feature = "aws", feature = "azure", feature = "gcp")))]
const fn transport(_: &object_store::Error) -> Option<ObjectStoreError> {
    None
}

impl From<ObjectStoreError> for AdapterError {
    fn from(error: ObjectStoreError) -> Self {
        let kind = match &error {
            ObjectStoreError::UnsupportedKey { .. } => Kind::UnsupportedId,
            ObjectStoreError::Status { code: Some(code), .. } if TOO_LONG.contains(&code.as_str()) => {
                Kind::UnsupportedId
            }
            error if error.is_outage() => Kind::Unavailable,
            _ => Kind::Backend,
        };
        Self::new(kind).with_source(error)
    }
}

/// A status with its error code, or else with the likely reason.
struct Explained<'a> {
    status: u16,
    code: Option<&'a str>,
}

impl fmt::Display for Explained<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}", self.status)?;
        if let Some(code) = self.code {
            write!(f, " and error {code}")?;
        }
        f.write_str(match self.status {
            301 | 307 => ": check the region",
            401 | 403 => ": check the credentials, their permissions, and the clock",
            404 => ": check the endpoint and the name of the bucket",
            _ => "",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16, code: &str) -> ObjectStoreError {
        ObjectStoreError::Status { status, code: (!code.is_empty()).then(|| code.to_owned()) }
    }

    #[test]
    fn outages_are_distinguished_from_rejections() {
        for (error, kind, is_unexecuted) in [
            (status(503, "SlowDown"), Kind::Unavailable, true),
            (status(503, "ServerBusy"), Kind::Unavailable, true),
            (status(409, "ConditionalRequestConflict"), Kind::Unavailable, true),
            (status(429, ""), Kind::Unavailable, true),
            (status(503, ""), Kind::Unavailable, false),
            (status(500, "InternalError"), Kind::Unavailable, false),
            (status(200, "InternalError"), Kind::Unavailable, false),
            (status(400, "RequestTimeout"), Kind::Unavailable, false),
            (ObjectStoreError::TimedOut, Kind::Unavailable, false),
            (status(403, "AccessDenied"), Kind::Backend, false),
            (status(404, "NoSuchBucket"), Kind::Backend, false),
            (status(400, "KeyTooLongError"), Kind::UnsupportedId, false),
            (ObjectStoreError::Client, Kind::Backend, false),
        ] {
            assert_eq!(error.is_unexecuted(), is_unexecuted, "{error}");
            assert_eq!(AdapterError::from(error).kind(), kind);
        }
    }
}
