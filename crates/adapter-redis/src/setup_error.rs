use std::error::Error;

use crate::{
    classify::is_outage,
    connections::{ConnectionError, Topology},
    prefixes::InvalidPrefixes,
};

/// The error of connecting, and of creating an adapter.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The prefixes cannot be used together.
    #[error("invalid key prefixes")]
    Prefixes(#[from] InvalidPrefixes),
    /// A URL cannot be parsed, requires a feature that is not enabled, such as TLS without `rustls`, or contradicts the
    /// URL of another node of the cluster.
    #[error(
        "invalid Redis URL: expected `redis://user:password@host:port/database`, or `rediss://` with feature `rustls`"
    )]
    InvalidUrl(#[source] Box<dyn Error + Send + Sync>),
    /// The URL or the token of an Upstash database is invalid, or the HTTP client could not be created.
    #[cfg(feature = "upstash")]
    #[error(transparent)]
    Http(#[from] lucia_http::HttpSetupError),
    /// The server is older than Redis 6.2, which introduced `SET … PXAT`.
    #[error("the server is Redis {found}, but 6.2 or newer is required")]
    #[non_exhaustive]
    UnsupportedVersion {
        /// The version that the server reports.
        found: String,
    },
    /// The connection is for another topology than that of the server.
    #[error("the server runs in {mode} mode, but the connection is for {topology}: {}", remedy(mode))]
    #[non_exhaustive]
    WrongTopology {
        /// The mode that the server reports: `standalone`, `cluster` or `sentinel`.
        mode: String,
        /// The topology that the connection is for.
        topology: Topology,
    },
    /// Live sessions of Lucia JS 2.0 to 2.1.2 are in its index but not in the configured one. Listing or revoking all
    /// sessions of a user would miss them and report success.
    #[error(
        "sessions of Lucia JS are indexed under `{found}`, not under `{configured}`, so revoking all sessions of a user \
         would miss them: use `RedisConfig::lucia_2()`"
    )]
    #[non_exhaustive]
    OtherIndex {
        /// The prefix of the other index, including its colon.
        found: String,
        /// The configured prefix, including its colon.
        configured: String,
    },
    /// The server could not be reached in time, or is temporarily unable to serve requests. A retry may succeed.
    #[error("{server} could not be reached in time, or is temporarily unable to serve requests")]
    #[non_exhaustive]
    Unavailable {
        /// The server and, when connecting, its address: `Redis at redis.example.com:6379`.
        server: String,
        /// The error of the driver.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The server rejected the credentials, or the command that returns its version.
    #[error("{server} rejected the credentials or the first command")]
    #[non_exhaustive]
    Refused {
        /// The server and, when connecting, its address.
        server: String,
        /// The error of the driver.
        source: Box<dyn Error + Send + Sync>,
    },
}

fn remedy(mode: &str) -> &'static str {
    match mode {
        "cluster" => "use `connect_cluster`, or a pool of cluster connections",
        "sentinel" => "use `connect_sentinel`, or a pool of sentinel connections",
        _ => "use `connect`, or a pool of connections to one server",
    }
}

/// The server of an error whose connection does not reveal its address.
const SERVER: &str = "Redis";

impl SetupError {
    /// Names the address in the error of a connection attempt.
    pub(crate) fn at(mut self, address: &str) -> Self {
        if let Self::Unavailable { server, .. } | Self::Refused { server, .. } = &mut self {
            *server = format!("{SERVER} at {address}");
        }
        self
    }
}

impl From<ConnectionError> for SetupError {
    fn from(error: ConnectionError) -> Self {
        match error {
            ConnectionError::Redis(error) => error.into(),
            ConnectionError::Unavailable(source) => Self::Unavailable { server: SERVER.to_owned(), source },
        }
    }
}

impl From<redis::RedisError> for SetupError {
    fn from(error: redis::RedisError) -> Self {
        let server = SERVER.to_owned();
        match error.kind() {
            redis::ErrorKind::InvalidClientConfig => Self::InvalidUrl(error.into()),
            _ if is_outage(&error) => Self::Unavailable { server, source: error.into() },
            _ => Self::Refused { server, source: error.into() },
        }
    }
}
