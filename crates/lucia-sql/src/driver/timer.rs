use std::{fmt::Debug, time::Duration};

use async_trait::async_trait;

/// The time that retries wait by: that of the driver's runtime.
#[async_trait]
pub trait Timer: Debug + Send + Sync {
    /// Returns the time since some fixed moment. It never goes back.
    fn now(&self) -> Duration;

    /// Waits.
    async fn sleep(&self, pause: Duration);
}
