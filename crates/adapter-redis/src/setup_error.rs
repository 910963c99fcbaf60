use std::error::Error;

use crate::{
    classify::is_outage,
    connections::{ConnectionError, Topology},
    prefixes::InvalidPrefixes,
};

/// The error of connecting, and of making an adapter.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The prefixes cannot be used together.
    #[error("invalid key prefixes")]
    Prefixes(#[from] InvalidPrefixes),
    /// A URL cannot be parsed, asks for a feature that is not compiled in, such as TLS without `rustls`, or contradicts that of
    /// another node of the cluster.
    #[error(
        "invalid Redis URL: expected `redis://user:password@host:port/database`, or `rediss://` with feature `rustls`"
    )]
    InvalidUrl(#[source] Box<dyn Error + Send + Sync>),
    /// The URL of an Upstash database cannot be used.
    #[error("invalid Upstash URL: expected `https://host`, without credentials, query or fragment")]
    InvalidUpstashUrl,
    /// The token of an Upstash database has characters that HTTP does not allow.
    #[error("invalid Upstash token: it has characters that HTTP does not allow")]
    InvalidUpstashToken,
    /// The HTTP client could not be created: no root certificates were found, for example.
    #[error("the HTTP client could not be created")]
    HttpClient(#[source] Box<dyn Error + Send + Sync>),
    /// The server is older than Redis 6.2, which introduced `SET … PXAT`.
    #[error("the server is Redis {found}, and 6.2 or newer is needed")]
    UnsupportedVersion {
        /// The version that the server reports.
        found: String,
    },
    /// The connection is for another topology than the server's.
    #[error("the server runs in {mode} mode and the connection is for {topology}: {}", remedy(mode))]
    WrongTopology {
        /// The mode that the server reports: `standalone`, `cluster` or `sentinel`.
        mode: String,
        /// The topology that the connection is for.
        topology: Topology,
    },
    /// Live sessions of Lucia JS 2.0 to 2.1.2 are in its own index and not in the configured one. Listing or revoking all
    /// sessions of a user would miss them, and report success.
    #[error(
        "sessions of Lucia JS are indexed under `{found}` and not under `{configured}`, so that revoking all sessions of a \
         user would miss them: use `RedisConfig::lucia_2()`"
    )]
    OtherIndex {
        /// The prefix of the other index, its colon included.
        found: String,
        /// The configured prefix, its colon included.
        configured: String,
    },
    /// The server could not be reached in time, or cannot serve at the moment. Retrying may help.
    #[error("the server could not be reached in time, or cannot serve at the moment")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The server refused the credentials, or the command that asks for its version. The source is the driver's own error.
    #[error("the server refused the credentials or the first command")]
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
            _ if is_outage(&error) => Self::Unavailable(error.into()),
            _ => Self::Refused(error.into()),
        }
    }
}
