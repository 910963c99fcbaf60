//! The conformance suite on a primary behind sentinels.

mod suite;

use std::process::ExitCode;

use adapter_redis::{ConnectConfig, SentinelConnection, redis::sentinel::SentinelNodeConnectionInfo};
use adapter_tests::BoxError;
use lucia_core::async_trait;
use test_servers::RedisSentinel;

struct Sentinels(RedisSentinel);

#[async_trait]
impl suite::Servers for Sentinels {
    type Connections = SentinelConnection;

    async fn connect(&self) -> Result<SentinelConnection, BoxError> {
        let urls = self.0.urls();
        let node = SentinelNodeConnectionInfo::default();
        let config = ConnectConfig::new().response_timeout(suite::PATIENCE).connect_timeout(suite::PATIENCE);
        Ok(config.connect_sentinel(urls, self.0.primary_name(), node).await?)
    }
}

fn main() -> ExitCode {
    suite::run(Sentinels(test_servers::redis_sentinel().expect("Redis behind sentinels")))
}
