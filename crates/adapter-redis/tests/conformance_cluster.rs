//! The conformance suite on a cluster of three primaries and three replicas.

mod suite;

use std::process::ExitCode;

use adapter_redis::{ConnectOptions, redis::cluster_async::ClusterConnection};
use adapter_tests::BoxError;
use lucia_core::async_trait;
use test_servers::RedisCluster;

struct Cluster(RedisCluster);

#[async_trait]
impl suite::Servers for Cluster {
    type Connections = ClusterConnection;

    async fn connect(&self) -> Result<ClusterConnection, BoxError> {
        let options = ConnectOptions::new().response_timeout(suite::PATIENCE).connection_timeout(suite::PATIENCE);
        Ok(options.connect_cluster(self.0.urls()).await?)
    }
}

fn main() -> ExitCode {
    suite::run(Cluster(test_servers::redis_cluster().expect("a Redis cluster")))
}
