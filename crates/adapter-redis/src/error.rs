use lucia_core::{AdapterError, AdapterErrorKind as Kind, SessionJsonError};
use redis::RedisError;

use crate::{
    classify::{first, kind, without_values},
    connections::ConnectionError,
    prefixes::ReservedId,
};

/// The error of an operation.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A condition of the operation was not met.
    #[error("refused")]
    Refused(Kind),
    /// The store cannot hold a session of this id or this user.
    #[error(transparent)]
    Unsupported(#[from] ReservedId),
    #[error(transparent)]
    Json(#[from] SessionJsonError),
    /// The stored session belongs to a user whose sessions cannot be listed.
    #[error(transparent)]
    Unlisted(ReservedId),
    /// The value under a session's key is another session.
    #[error("the stored session has a different id than its key")]
    OtherSession,
    #[error("the stored value is not the JSON of a token, at line {line}, column {column}")]
    TokenJson { line: usize, column: usize },
    /// The value under a token's key is another token.
    #[error("the stored token has a different id than its key")]
    OtherToken,
    #[error("the stored counter is not a sum and a time")]
    Counter,
    #[error("the cursor of a scan is not one of this adapter")]
    Cursor,
    /// The cursor belongs to another server, or to this one before it was restarted.
    #[error("another server than the one on which the scan began has taken over: start the scan again")]
    ScanLost,
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    #[error("{found} of {wanted} replicas confirmed the deletion in time")]
    Replicas { found: u32, wanted: u32 },
    /// The index contained new entries each time it was read.
    #[error("sessions or tokens were created faster than they were deleted: call again to delete the rest")]
    Unsettled,
}

impl From<RedisError> for Error {
    fn from(error: RedisError) -> Self {
        Self::Connection(ConnectionError::Redis(first(error)))
    }
}

impl From<Error> for AdapterError {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(kind) => Self::new(kind),
            Error::Unsupported(error) => Self::new(Kind::UnsupportedId).with_source(error),
            Error::Json(error) => Self::new(Kind::Decode).with_source(error),
            Error::Unlisted(error) => Self::new(Kind::Decode).with_source(error),
            Error::OtherSession | Error::TokenJson { .. } | Error::OtherToken | Error::Counter => {
                Self::new(Kind::Decode).with_source(error)
            }
            Error::Cursor => Self::new(Kind::Backend).with_source(error),
            Error::Connection(ConnectionError::Redis(error)) => {
                Self::new(kind(&error)).with_source(without_values(error))
            }
            Error::Connection(ConnectionError::Unavailable(source)) => Self::new(Kind::Unavailable).with_source(source),
            Error::Replicas { .. } | Error::Unsettled | Error::ScanLost => {
                Self::new(Kind::Unavailable).with_source(error)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use redis::{ErrorKind, ServerErrorKind};

    use super::*;

    #[test]
    fn errors_quote_no_arguments() {
        let unknown = "unknown command 'EVALSHA', with args beginning with: 'session:hunter2'".to_owned();
        for kind in [ErrorKind::Server(ServerErrorKind::ResponseError), ErrorKind::UnexpectedReturnType] {
            let error = AdapterError::from(Error::from(RedisError::from((kind, "hunter2", unknown.clone()))));
            let source = error.downcast_ref::<RedisError>().unwrap();
            assert!(!format!("{source} {source:?}").contains("hunter2"));
            assert_eq!(source.kind(), kind);
        }
    }

    #[test]
    fn outages_are_distinguished_from_rejections() {
        let kind_of = |kind| AdapterError::from(Error::from(RedisError::from((kind, "text")))).kind();
        for outage in [ServerErrorKind::ReadOnly, ServerErrorKind::BusyLoading, ServerErrorKind::ClusterDown] {
            assert_eq!(kind_of(ErrorKind::Server(outage)), Kind::Unavailable);
        }
        assert_eq!(kind_of(ErrorKind::Io), Kind::Unavailable);
        assert_eq!(kind_of(ErrorKind::Server(ServerErrorKind::NoPerm)), Kind::Backend);
        assert_eq!(kind_of(ErrorKind::UnexpectedReturnType), Kind::Decode);
    }
}
