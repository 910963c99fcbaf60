//! The conformance suite on one server.

mod suite;

use std::process::ExitCode;

use adapter_redis::{ConnectOptions, redis::aio::ConnectionManager};
use adapter_tests::BoxError;
use lucia_core::async_trait;
use test_servers::Service;

struct Standalone(Service);

#[async_trait]
impl suite::Servers for Standalone {
    type Connections = ConnectionManager;

    async fn connect(&self) -> Result<ConnectionManager, BoxError> {
        let options = ConnectOptions::new().response_timeout(suite::PATIENCE).connection_timeout(suite::PATIENCE);
        Ok(options.connect(self.0.url()).await?)
    }
}

fn main() -> ExitCode {
    suite::run(Standalone(test_servers::redis().expect("a Redis server")))
}
