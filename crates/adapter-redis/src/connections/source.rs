use std::{error::Error, fmt, future::Future};

use redis::{RedisError, aio::ConnectionLike};

/// The topology of the servers that store the keys of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Topology {
    /// One primary, alone or behind sentinels: a script changes a session and its index in one step.
    Single,
    /// Several primaries: each step changes one key.
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

/// A source of connections: a shared connection or a pool.
///
/// It is implemented for [`ConnectionManager`](redis::aio::ConnectionManager),
/// [`MultiplexedConnection`](redis::aio::MultiplexedConnection), `ClusterConnection` (feature `cluster`),
/// `SentinelConnection` (feature `sentinel`) and the pools of `deadpool-redis` (feature `deadpool`). For another pool,
/// implement it on your own type:
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
    /// The connection that one operation uses.
    type Connection: ConnectionLike + Send;

    /// The topology of the servers.
    const TOPOLOGY: Topology;

    /// Whether the connections are clones of one, on which the reads of concurrent calls are sent in batches. A batch is
    /// sent by a task that is spawned on the Tokio runtime of its calls. Defaults to `false`.
    const SHARED: bool = false;

    /// Returns a connection. Implementations must return an error after a timeout.
    fn connection(&self) -> impl Future<Output = Result<Self::Connection, ConnectionError>> + Send;
}

/// The error of getting a connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionError {
    /// The error of the driver.
    #[error(transparent)]
    Redis(#[from] RedisError),
    /// No connection is available: the pool is exhausted or closed.
    #[error("no connection is available")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}
