use std::{num::NonZero, sync::Arc, thread};

use tokio::{runtime::Handle, sync::Semaphore};

use super::PasswordError;

/// Runs hashing on blocking threads, so many at a time.
#[derive(Debug)]
pub(super) struct Runner {
    permits: Arc<Semaphore>,
}

impl Runner {
    pub(super) fn new(concurrency: Option<usize>) -> Self {
        let concurrency = concurrency.unwrap_or_else(default_concurrency).clamp(1, Semaphore::MAX_PERMITS);
        Self { permits: Arc::new(Semaphore::new(concurrency)) }
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let runtime = Handle::try_current().map_err(|_| PasswordError::NoRuntime)?;
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| PasswordError::Interrupted)?;
        let task = runtime.spawn_blocking(move || {
            // A caller who gives up does not stop the work, so the work holds the permit, not the caller.
            let _permit = permit;
            work()
        });
        task.await.map_err(|_| PasswordError::Interrupted)?
    }
}

/// One core less than there are, so that everybody else's requests are answered while people sign in.
fn default_concurrency() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get).saturating_sub(1)
}
