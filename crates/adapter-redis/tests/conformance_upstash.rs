//! The conformance suite on Upstash's REST API, as far as it is available here: see `test_servers::upstash`.

mod suite;

use std::process::ExitCode;

use adapter_redis::{HttpConfig, UpstashConnection};
use adapter_tests::BoxError;
use lucia_core::async_trait;
use test_servers::upstash::{Database, Front, TOKEN};
use tokio::sync::OnceCell;

struct Upstash(OnceCell<(Front, Database)>);

#[async_trait]
impl suite::Servers for Upstash {
    type Connections = UpstashConnection;

    async fn connect(&self) -> Result<UpstashConnection, BoxError> {
        let start = async || {
            let database = Database::start().await?;
            Ok::<_, BoxError>((Front::start(&database).await?, database))
        };
        let (front, _) = self.0.get_or_try_init(start).await?;
        let config = HttpConfig::new().attempt_timeout(suite::PATIENCE).timeout(suite::PATIENCE);
        Ok(UpstashConnection::with_config(&front.url, TOKEN, config)?)
    }
}

fn main() -> ExitCode {
    suite::run(Upstash(OnceCell::new()))
}
