use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::{config::ObjectKvConfig, error::ObjectStoreError};

/// When a request is retried.
#[derive(Clone, Copy)]
pub(crate) enum Retry {
    /// After every transient failure.
    Always,
    /// If the service has not executed the request and will not. A write that arrives later could undo a revocation.
    IfUnexecuted,
}

/// The longest timeout, which keeps the deadline representable.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3_600);

/// Retries a request until it succeeds, fails permanently, or the timeout elapses.
pub(crate) async fn retrying<T, A>(
    config: &ObjectKvConfig,
    retry: Retry,
    mut attempt: impl FnMut() -> A,
) -> Result<T, ObjectStoreError>
where
    A: Future<Output = Result<T, ObjectStoreError>>,
{
    let deadline = Instant::now() + config.timeout.min(LONGEST);
    let attempts = unlimited(config, retry, || {
        let attempt = attempt();
        async move { in_time(config, attempt).await? }
    });
    timeout_at(deadline, attempts).await.unwrap_or(Err(ObjectStoreError::TimedOut))
}

/// Retries something that limits the time of each of its requests itself, with [`in_time`].
pub(crate) async fn unlimited<T, A>(
    config: &ObjectKvConfig,
    retry: Retry,
    attempt: impl FnMut() -> A,
) -> Result<T, ObjectStoreError>
where
    A: Future<Output = Result<T, ObjectStoreError>>,
{
    let pauses = ExponentialBuilder::new()
        .with_jitter()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(Duration::from_secs(2))
        .with_max_times(config.max_attempts.saturating_sub(1));
    attempt
        .retry(pauses)
        .sleep(sleep)
        .when(|error| match retry {
            Retry::Always => error.is_outage(),
            Retry::IfUnexecuted => error.is_unexecuted(),
        })
        .notify(|error, pause| {
            tracing::debug!(status = error.status(), ?pause, "retrying a failed request");
        })
        .await
}

/// Returns the output of a request, unless the timeout of an attempt elapses before.
pub(crate) async fn in_time<T>(
    config: &ObjectKvConfig,
    request: impl Future<Output = T>,
) -> Result<T, ObjectStoreError> {
    timeout(config.attempt_timeout.min(LONGEST), request).await.map_err(|_| ObjectStoreError::TimedOut)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Returns the result, the number of attempts, and the elapsed time.
    async fn outcome(retry: Retry, fail: impl Fn() -> ObjectStoreError) -> (ObjectStoreError, u32, Duration) {
        let (start, attempts) = (Instant::now(), Cell::new(0));
        let result: Result<(), _> = retrying(&ObjectKvConfig::new(), retry, || {
            attempts.set(attempts.get() + 1);
            async { Err(fail()) }
        })
        .await;
        (result.unwrap_err(), attempts.get(), start.elapsed())
    }

    fn status(status: u16) -> ObjectStoreError {
        ObjectStoreError::Status { status, code: None }
    }

    #[tokio::test(start_paused = true)]
    async fn reads_are_retried_after_transient_failures() {
        for failing in [408, 429, 500, 502, 503, 504] {
            let (_, attempts, time) = outcome(Retry::Always, || status(failing)).await;
            assert!(attempts == 3 && time >= Duration::from_millis(300) && time < Duration::from_secs(1), "{time:?}");
        }
        let broken = || ObjectStoreError::Transport { reason: String::new(), is_connect: false };
        assert_eq!(outcome(Retry::Always, broken).await.1, 3);
        assert_eq!(outcome(Retry::Always, || status(403)).await.1, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn writes_are_retried_only_if_they_were_not_executed() {
        for failing in [408, 500, 502, 503, 504] {
            assert_eq!(outcome(Retry::IfUnexecuted, || status(failing)).await.1, 1, "{failing}");
        }
        let transport = |is_connect| ObjectStoreError::Transport { reason: String::new(), is_connect };
        for (failure, expected) in
            [(transport(true), 3), (transport(false), 1), (ObjectStoreError::TimedOut, 1), (status(429), 3)]
        {
            assert_eq!(outcome(Retry::IfUnexecuted, || failure.clone()).await.1, expected, "{failure}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_request_takes_longer_than_its_timeout() {
        for (retry, attempts, seconds) in [(Retry::Always, 3, 10), (Retry::IfUnexecuted, 1, 4)] {
            let (start, made) = (Instant::now(), Cell::new(0));
            let result: Result<(), _> = retrying(&ObjectKvConfig::new(), retry, || {
                made.set(made.get() + 1);
                std::future::pending()
            })
            .await;
            assert_eq!((result, made.get()), (Err(ObjectStoreError::TimedOut), attempts));
            assert_eq!(start.elapsed().as_secs(), seconds);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_unlimited_timeout_does_not_overflow() {
        let config = ObjectKvConfig::new().timeout(Duration::MAX).attempt_timeout(Duration::MAX);
        assert_eq!(retrying(&config, Retry::Always, || async { Ok(1) }).await, Ok(1));
    }
}
