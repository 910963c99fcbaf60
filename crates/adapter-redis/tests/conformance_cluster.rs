//! The conformance suite on a cluster of three primaries and three replicas.

mod suite;

use std::process::ExitCode;

use adapter_redis::{ConnectConfig, redis::cluster_async::ClusterConnection};
use adapter_tests::BoxError;
use lucia_core::async_trait;
use test_servers::RedisCluster;

struct Cluster(RedisCluster);

#[async_trait]
impl suite::Servers for Cluster {
    type Connections = ClusterConnection;

    async fn connect(&self) -> Result<ClusterConnection, BoxError> {
        let config = ConnectConfig::new().response_timeout(suite::PATIENCE).connect_timeout(suite::PATIENCE);
        Ok(config.connect_cluster(self.0.urls()).await?)
    }
}

fn main() -> ExitCode {
    suite::run(Cluster(test_servers::redis_cluster().expect("a Redis cluster")))
}
