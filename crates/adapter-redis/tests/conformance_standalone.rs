//! The conformance suite on one server.

mod suite;

use std::process::ExitCode;

use adapter_redis::{ConnectConfig, redis::aio::ConnectionManager};
use adapter_tests::BoxError;
use lucia_core::async_trait;
use test_servers::Service;

struct Standalone(Service);

#[async_trait]
impl suite::Servers for Standalone {
    type Connections = ConnectionManager;

    async fn connect(&self) -> Result<ConnectionManager, BoxError> {
        let config = ConnectConfig::new().response_timeout(suite::PATIENCE).connect_timeout(suite::PATIENCE);
        Ok(config.connect(self.0.url()).await?)
    }
}

fn main() -> ExitCode {
    suite::run(Standalone(test_servers::redis().expect("a Redis server")))
}
