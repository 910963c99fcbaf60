use std::{future::Future, time::Duration};

use deadpool_redis::PoolError;

use super::source::{ConnectionError, Connections, Topology};

/// The wait timeout of pools that do not set one.
const WAIT_TIMEOUT: Duration = Duration::from_secs(5);

impl Connections for deadpool_redis::Pool {
    type Connection = deadpool_redis::Connection;
    const TOPOLOGY: Topology = Topology::Single;

    async fn connection(&self) -> Result<Self::Connection, ConnectionError> {
        in_time(self.timeouts().wait.is_some(), Self::get(self)).await
    }
}

#[cfg(feature = "sentinel")]
impl Connections for deadpool_redis::sentinel::Pool {
    type Connection = deadpool_redis::sentinel::Connection;
    const TOPOLOGY: Topology = Topology::Single;

    async fn connection(&self) -> Result<Self::Connection, ConnectionError> {
        in_time(self.timeouts().wait.is_some(), Self::get(self)).await
    }
}

#[cfg(feature = "cluster")]
impl Connections for deadpool_redis::cluster::Pool {
    type Connection = deadpool_redis::cluster::Connection;
    const TOPOLOGY: Topology = Topology::Cluster;

    async fn connection(&self) -> Result<Self::Connection, ConnectionError> {
        in_time(self.timeouts().wait.is_some(), Self::get(self)).await
    }
}

async fn in_time<T>(
    pool_has_timeout: bool,
    connection: impl Future<Output = Result<T, PoolError>>,
) -> Result<T, ConnectionError> {
    let outcome = if pool_has_timeout {
        connection.await
    } else {
        match tokio::time::timeout(WAIT_TIMEOUT, connection).await {
            Ok(outcome) => outcome,
            Err(late) => return Err(ConnectionError::Unavailable(late.into())),
        }
    };
    outcome.map_err(|error| match error {
        PoolError::Backend(error) => ConnectionError::Redis(error),
        other => ConnectionError::Unavailable(other.into()),
    })
}
