use std::{sync::OnceLock, time::Duration};

use async_trait::async_trait;
use lucia_sql::driver::Timer;
use tokio::time::Instant;

/// The timer of tokio.
#[derive(Debug)]
pub(crate) struct TokioTimer;

static START: OnceLock<Instant> = OnceLock::new();

#[async_trait]
impl Timer for TokioTimer {
    fn now(&self) -> Duration {
        START.get_or_init(Instant::now).elapsed()
    }

    async fn sleep(&self, pause: Duration) {
        tokio::time::sleep(pause).await;
    }
}
