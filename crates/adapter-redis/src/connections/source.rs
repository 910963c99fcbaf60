//! Where commands run: the one thing in which kinds of connections differ.

#[cfg(feature = "cluster")]
mod cluster;
#[cfg(feature = "deadpool")]
mod deadpool;
#[cfg(feature = "sentinel")]
pub(crate) mod sentinel;
mod shared;

use std::{error::Error, fmt, future::Future};

use redis::{RedisError, aio::ConnectionLike};

#[cfg(feature = "sentinel")]
pub use self::sentinel::SentinelConnection;

/// Where the keys of one user lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topology {
    /// On one primary, alone or behind sentinels: one script changes a session and its index together.
    Single,
    /// On several primaries, a key here and a key there: each step changes one key.
    Cluster,
}

impl fmt::Display for Topology {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Single => "one server",
            Self::Cluster => "a cluster",
        })
    }
}

/// A source of connections: a connection that can be shared, or a pool.
///
/// It is implemented for [`ConnectionManager`](redis::aio::ConnectionManager),
/// [`MultiplexedConnection`](redis::aio::MultiplexedConnection), `ClusterConnection` (feature `cluster`),
/// `SentinelConnection` (feature `sentinel`) and the pools of `deadpool-redis` (feature `deadpool`). Another pool takes a type
/// of your own:
///
/// ```
/// use adapter_redis::{ConnectionError, Connections, Topology, redis::aio::MultiplexedConnection};
///
/// struct OneOfMany(Vec<MultiplexedConnection>);
///
/// impl Connections for OneOfMany {
///     type Connection = MultiplexedConnection;
///     const TOPOLOGY: Topology = Topology::Single;
///
///     async fn connection(&self) -> Result<MultiplexedConnection, ConnectionError> {
///         self.0.first().cloned().ok_or_else(|| ConnectionError::Unavailable("the pool is empty".into()))
///     }
/// }
/// ```
pub trait Connections: Send + Sync + 'static {
    /// A connection that is used for one operation.
    type Connection: ConnectionLike + Send;

    /// What the connections lead to.
    const TOPOLOGY: Topology;

    /// Gets a connection. It has to end in time, with an error if need be.
    fn connection(&self) -> impl Future<Output = Result<Self::Connection, ConnectionError>> + Send;
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionError {
    /// The driver's own error.
    #[error(transparent)]
    Redis(#[from] RedisError),
    /// No connection is available: the pool is exhausted or closed.
    #[error("no connection available")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}
