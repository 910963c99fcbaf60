use lucia_core::{AdapterError, AdapterErrorKind as Kind, SessionJsonError};
use redis::RedisError;

use crate::{
    classify::{kind, without_values},
    connections::ConnectionError,
};

/// Why an operation failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The server works, and a condition of the operation was not met.
    #[error("refused")]
    Refused(Kind),
    #[error(transparent)]
    Json(#[from] SessionJsonError),
    /// The value under a session's key is another session.
    #[error("the stored session has another id than its key")]
    Foreign,
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    #[error("{found} of {wanted} replicas confirmed the deletion in time")]
    Replicas { found: u32, wanted: u32 },
    /// The index named new sessions each time it was read.
    #[error("new sessions of the user kept appearing while all were deleted: some may be left")]
    Restless,
}

impl From<RedisError> for Error {
    fn from(error: RedisError) -> Self {
        Self::Connection(ConnectionError::Redis(error))
    }
}

impl Error {
    /// The error of an adapter's method.
    pub(crate) fn during(self, operation: &'static str) -> AdapterError {
        let of = |kind| AdapterError::new(kind).with_operation(operation);
        match self {
            Self::Refused(kind) => of(kind),
            Self::Json(error) => of(Kind::Decode).with_source(error),
            Self::Foreign => of(Kind::Decode).with_source(self),
            Self::Connection(ConnectionError::Redis(error)) => of(kind(&error)).with_source(without_values(error)),
            Self::Connection(ConnectionError::Unavailable(source)) => of(Kind::Unavailable).with_source(source),
            Self::Replicas { .. } | Self::Restless => of(Kind::Unavailable).with_source(self),
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
            let error = Error::from(RedisError::from((kind, "hunter2", unknown.clone()))).during("get_session");
            let source = error.downcast_ref::<RedisError>().unwrap();
            assert!(!format!("{source} {source:?}").contains("hunter2"));
            assert_eq!(source.kind(), kind);
        }
    }

    #[test]
    fn outages_are_told_from_refusals() {
        let kind_of = |kind| Error::from(RedisError::from((kind, "text"))).during("get_session").kind();
        for outage in [ServerErrorKind::ReadOnly, ServerErrorKind::BusyLoading, ServerErrorKind::ClusterDown] {
            assert_eq!(kind_of(ErrorKind::Server(outage)), Kind::Unavailable);
        }
        assert_eq!(kind_of(ErrorKind::Io), Kind::Unavailable);
        assert_eq!(kind_of(ErrorKind::Server(ServerErrorKind::NoPerm)), Kind::Backend);
        assert_eq!(kind_of(ErrorKind::UnexpectedReturnType), Kind::Decode);
    }
}
