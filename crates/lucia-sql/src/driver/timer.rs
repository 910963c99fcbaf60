use std::{fmt::Debug, time::Duration};

use async_trait::async_trait;

/// The clock and the pauses of the driver's async runtime.
#[async_trait]
pub trait Timer: Debug + Send + Sync {
    /// Returns the time since an arbitrary fixed moment. It never decreases.
    fn now(&self) -> Duration;

    /// Waits for the given time.
    async fn sleep(&self, pause: Duration);
}
