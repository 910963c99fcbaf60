use std::error::Error;

use crate::{ConnectionError, InvalidNamespaces, Topology, error};

/// Why no adapter could be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The namespaces cannot be used together.
    #[error("the namespaces cannot be used")]
    Namespaces(#[from] InvalidNamespaces),
    /// The server is too old: it has no `SET … PXAT`.
    #[error("the server is version {found}, and 6.2 or newer is needed")]
    UnsupportedVersion {
        /// The version that the server says it is.
        found: String,
    },
    /// The connection is of another kind than the server.
    #[error("the server runs in {mode} mode, which the connection is not for ({topology:?})")]
    WrongTopology {
        /// What the server says it is: `standalone`, `cluster` or `sentinel`.
        mode: String,
        /// What the connection is for.
        topology: Topology,
    },
    /// The server could not be reached, or did not answer in time. Trying again may help.
    #[error("the server is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The server or the driver refused; the source is the driver's own error.
    #[error("the server refused the connection")]
    Refused(#[source] Box<dyn Error + Send + Sync>),
}

impl From<ConnectionError> for SetupError {
    fn from(error: ConnectionError) -> Self {
        match error {
            ConnectionError::Redis(error) => error.into(),
            ConnectionError::Unavailable(source) => Self::Unavailable(source),
        }
    }
}

impl From<redis::RedisError> for SetupError {
    fn from(error: redis::RedisError) -> Self {
        if error::is_outage(&error) { Self::Unavailable(error.into()) } else { Self::Refused(error.into()) }
    }
}
