use redis::aio::{ConnectionManager, MultiplexedConnection};

use super::source::{ConnectionError, Connections, Topology};

impl Connections for ConnectionManager {
    type Connection = Self;
    const TOPOLOGY: Topology = Topology::Single;
    const SHARED: bool = true;

    async fn connection(&self) -> Result<Self, ConnectionError> {
        Ok(self.clone())
    }
}

impl Connections for MultiplexedConnection {
    type Connection = Self;
    const TOPOLOGY: Topology = Topology::Single;
    const SHARED: bool = true;

    async fn connection(&self) -> Result<Self, ConnectionError> {
        Ok(self.clone())
    }
}
