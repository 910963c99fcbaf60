//! The conformance suite on one server, over a pool of one connection: no operation may need a second one.

mod suite;

use std::process::ExitCode;

use adapter_redis::{
    deadpool_redis::{Manager, Pool, Runtime},
    redis::AsyncConnectionConfig,
};
use adapter_tests::BoxError;
use lucia_core::async_trait;
use test_servers::Service;

struct Standalone(Service);

#[async_trait]
impl suite::Servers for Standalone {
    type Connections = Pool;

    async fn connect(&self) -> Result<Pool, BoxError> {
        let config = AsyncConnectionConfig::new().set_response_timeout(Some(suite::PATIENCE));
        let manager = Manager::new_with_config(self.0.url(), config)?;
        let pool = Pool::builder(manager).max_size(1).wait_timeout(Some(suite::PATIENCE));
        Ok(pool.runtime(Runtime::Tokio1).build()?)
    }
}

fn main() -> ExitCode {
    suite::run(Standalone(test_servers::redis().expect("a Redis server")))
}
