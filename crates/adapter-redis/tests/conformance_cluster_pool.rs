//! The conformance suite on a cluster, over a pool of one connection: no operation may need a second one.

mod suite;

use std::process::ExitCode;

use adapter_redis::deadpool_redis::{
    Runtime,
    cluster::{Config, Pool},
};
use adapter_tests::BoxError;
use lucia_core::async_trait;
use test_servers::RedisCluster;

struct Cluster(RedisCluster);

#[async_trait]
impl suite::Servers for Cluster {
    type Connections = Pool;

    async fn connect(&self) -> Result<Pool, BoxError> {
        let pool = Config::from_urls(self.0.urls()).builder()?.max_size(1).wait_timeout(Some(suite::PATIENCE));
        Ok(pool.runtime(Runtime::Tokio1).build()?)
    }
}

fn main() -> ExitCode {
    suite::run(Cluster(test_servers::redis_cluster().expect("a Redis cluster")))
}
