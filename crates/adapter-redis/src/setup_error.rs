use std::error::Error;

use crate::{ConnectionError, InvalidNamespaces, Topology, error};

/// Why no adapter could be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The namespaces cannot be used together.
    #[error("the namespaces cannot be used")]
    Namespaces(#[from] InvalidNamespaces),
    /// A URL cannot be read, or asks for what is not compiled in, such as TLS without the feature `rustls`, or different things of
    /// the nodes of one cluster.
    #[error(
        "invalid Redis URL: expected `redis://user:password@host:port/database`, or `rediss://` with feature `rustls`"
    )]
    InvalidUrl(#[source] Box<dyn Error + Send + Sync>),
    /// The server is too old: it has no `SET … PXAT`.
    #[error("the server is Redis {found}, and 6.2 or newer is needed")]
    UnsupportedVersion {
        /// The version that the server says it is.
        found: String,
    },
    /// The connection is of another kind than the server.
    #[error("the server runs in {mode} mode and the connection is for {topology}: {}", remedy(mode))]
    WrongTopology {
        /// What the server says it is: `standalone`, `cluster` or `sentinel`.
        mode: String,
        /// What the connection is for.
        topology: Topology,
    },
    /// Live sessions of Lucia JS 2.0 to 2.1.2 are in its own index and not in that of the options. Whoever listed or revoked
    /// the sessions of a user would miss them, and be told of success.
    #[error(
        "sessions of Lucia JS are indexed under `{found}` and not under `{configured}`, so that revoking all sessions of a \
         user would miss them: use `RedisOptions::lucia_2()`"
    )]
    OtherIndex {
        /// What the keys of the other index begin with.
        found: String,
        /// What the keys of the index begin with by the options.
        configured: String,
    },
    /// The server could not be reached, or cannot serve yet. Trying again may help.
    #[error("the server could not be reached in time, or cannot serve at the moment")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The server refused the credentials, or a command that asks for its version; the source is the driver's own error.
    #[error("the server refused the credentials or its first command")]
    Refused(#[source] Box<dyn Error + Send + Sync>),
}

fn remedy(mode: &str) -> &'static str {
    match mode {
        "cluster" => "use `connect_cluster`, or a pool of cluster connections",
        "sentinel" => "use `connect_sentinel`, or a pool of sentinel connections",
        _ => "use `connect`, or a pool of connections to one server",
    }
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
        match error.kind() {
            redis::ErrorKind::InvalidClientConfig => Self::InvalidUrl(error.into()),
            _ if error::is_outage(&error) => Self::Unavailable(error.into()),
            _ => Self::Refused(error.into()),
        }
    }
}
