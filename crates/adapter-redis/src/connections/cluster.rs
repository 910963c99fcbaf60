use redis::cluster_async::ClusterConnection;

use super::source::{ConnectionError, Connections, Topology};

impl Connections for ClusterConnection {
    type Connection = Self;
    const TOPOLOGY: Topology = Topology::Cluster;

    async fn connection(&self) -> Result<Self, ConnectionError> {
        Ok(self.clone())
    }
}
