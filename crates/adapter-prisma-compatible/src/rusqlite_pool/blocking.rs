use std::panic::resume_unwind;

use tokio::task::spawn_blocking;

use super::NoConnection;

/// Runs a function in a thread of tokio that may block. A panic of the function is one of the caller.
pub(super) async fn run_blocking<T: Send + 'static>(
    run: impl FnOnce() -> T + Send + 'static,
) -> Result<T, NoConnection> {
    spawn_blocking(run).await.map_err(|error| match error.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        Err(_) => NoConnection::Stopped,
    })
}
