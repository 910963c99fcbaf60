use std::{future::Future, time::Duration};

use backon::{BackoffBuilder, ExponentialBuilder, Retryable};
use tokio::time::{Instant, sleep, timeout_at};

use super::config::HttpConfig;
use crate::error::{HttpError, Stage, TransportError};

/// After which failures a request is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Retry {
    /// After any that may pass. For reads and deletions, which may arrive twice and late.
    Always,
    /// Those after which nothing of it is under way any more, done or not. For values, which may be written twice: one that
    /// timed out may still arrive, and a second one would only double the chance that it does so after a revocation. A
    /// connection that was closed without an answer was an idle one as a rule; but its server, or a gateway in between, may
    /// have closed it after the value was written. Whoever writes a session looks for its revocation afterwards.
    WhenSettled,
}

impl Retry {
    fn allows(self, error: &HttpError) -> bool {
        match (self, error) {
            (_, HttpError::Transport(TransportError { stage: Stage::Connect, .. })) => true,
            (Self::WhenSettled, HttpError::Transport(error)) => error.stage == Stage::Request,
            (Self::Always, HttpError::Transport(_) | HttpError::TimedOut) => true,
            (Self::Always, HttpError::Status { status: 408 | 425 | 502 | 504, .. }) => true,
            (_, HttpError::Status { status: 429 | 500 | 503, .. }) => true,
            _ => false,
        }
    }
}

/// As long as for ever, and no longer than a clock counts.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3_600);

/// Makes attempts until one succeeds, or fails for good, or the time is over.
pub(super) async fn retrying<T, F, A>(config: &HttpConfig, retry: Retry, attempt: F) -> Result<T, HttpError>
where
    F: FnMut() -> A,
    A: Future<Output = Result<T, HttpError>>,
{
    let deadline = Instant::now() + config.timeout.min(LONGEST);
    let attempts = attempt
        .retry(Pauses(config.max_attempts.saturating_sub(1)))
        .sleep(sleep)
        .when(|error| retry.allows(error))
        .adjust(|error, pause| {
            // On top of the random part, or everybody who was sent away together would come back together.
            let pause = pause?.saturating_add(error.retry_after().unwrap_or_default());
            (deadline.saturating_duration_since(Instant::now()) > pause).then_some(pause)
        })
        .notify(|error, pause| {
            tracing::debug!(status = error.status(), ?pause, "a request failed and is retried");
        });
    timeout_at(deadline, attempts).await.unwrap_or(Err(HttpError::TimedOut))
}

struct Pauses(usize);

impl BackoffBuilder for Pauses {
    type Backoff = <ExponentialBuilder as BackoffBuilder>::Backoff;

    fn build(self) -> Self::Backoff {
        ExponentialBuilder::new()
            .with_jitter()
            .with_min_delay(Duration::from_millis(100))
            .with_max_delay(Duration::from_secs(2))
            .with_max_times(self.0)
            .build()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn status(status: u16, retry_after: Option<u64>) -> HttpError {
        HttpError::Status { status, code: None, retry_after: retry_after.map(Duration::from_secs) }
    }

    /// How it ends, after how many attempts, and after how long.
    async fn outcome(
        config: &HttpConfig,
        retry: Retry,
        mut attempt: impl AsyncFnMut(u32) -> Result<(), HttpError>,
    ) -> (Result<(), HttpError>, u32, Duration) {
        let (start, attempts) = (Instant::now(), Cell::new(0));
        let attempt = std::cell::RefCell::new(&mut attempt);
        #[expect(clippy::await_holding_refcell_ref, reason = "one attempt at a time")]
        let result = retrying(config, retry, || async {
            attempts.set(attempts.get() + 1);
            (attempt.borrow_mut())(attempts.get()).await
        })
        .await;
        (result, attempts.get(), start.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_pass_is_tried_again_for_a_while() {
        for retry in [Retry::Always, Retry::WhenSettled] {
            for failing in [429, 500, 503] {
                let (result, attempts, time) =
                    outcome(&HttpConfig::new(), retry, async |_| Err(status(failing, None))).await;
                assert_eq!((result.unwrap_err().status(), attempts), (Some(failing), 3));
                assert!(time >= Duration::from_millis(300) && time < Duration::from_secs(1), "{time:?}");
            }
            let (result, attempts, _) =
                outcome(
                    &HttpConfig::new(),
                    retry,
                    async |attempt| {
                        if attempt < 3 { Err(status(503, None)) } else { Ok(()) }
                    },
                )
                .await;
            assert!(result.is_ok() && attempts == 3);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_pass_is_not_tried_again() {
        let failures: [fn() -> HttpError; 6] = [
            || status(400, None),
            || status(404, None),
            || status(501, None),
            || HttpError::Refused { status: 401 },
            || HttpError::TooLarge { limit: 1 },
            || HttpError::Unexpected { expected: "anything" },
        ];
        for failure in failures {
            let (result, attempts, time) = outcome(&HttpConfig::new(), Retry::Always, async |_| Err(failure())).await;
            assert!(result.is_err() && attempts == 1 && time == Duration::ZERO);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_that_may_still_arrive_is_not_made_again() {
        let failures: [fn() -> HttpError; 4] =
            [|| HttpError::TimedOut, || status(408, None), || status(502, None), || status(504, None)];
        for failure in failures {
            let config = HttpConfig::new();
            let (_, attempts, _) = outcome(&config, Retry::WhenSettled, async |_| Err(failure())).await;
            assert_eq!(attempts, 1);
            let (_, attempts, _) = outcome(&config, Retry::Always, async |_| Err(failure())).await;
            assert_eq!(attempts, 3);
        }
    }

    async fn refused_once(attempt: u32) -> Result<(), HttpError> {
        if attempt == 1 { Err(status(429, Some(7))) } else { Ok(()) }
    }

    #[tokio::test(start_paused = true)]
    async fn retry_after_is_honoured_within_the_time_limit() {
        let config = HttpConfig::new();
        let (result, attempts, time) = outcome(&config, Retry::Always, refused_once).await;
        assert!(result.is_ok() && attempts == 2);
        assert!(time >= Duration::from_secs(7) && time < Duration::from_secs(8), "{time:?}");

        let (result, attempts, time) = outcome(&config, Retry::Always, async |_| Err(status(429, Some(11)))).await;
        assert_eq!(result.unwrap_err().retry_after(), Some(Duration::from_secs(11)), "the caller learns how long");
        assert!(attempts == 1 && time == Duration::ZERO, "waiting would be in vain");
    }

    /// Of many that were told the same, no two come back at once.
    #[tokio::test(start_paused = true)]
    async fn retry_after_is_spread() {
        let config = HttpConfig::new();
        let mut times = std::collections::BTreeSet::new();
        for _ in 0..20 {
            let (_, _, time) = outcome(&config, Retry::Always, refused_once).await;
            assert!(time >= Duration::from_secs(7), "{time:?}");
            times.insert(time);
        }
        assert!(times.len() > 5, "{times:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn no_request_takes_longer_than_its_time_limit() {
        let config = HttpConfig::new().timeout(Duration::from_secs(5)).max_attempts(101);
        let (result, _, time) = outcome(&config, Retry::Always, async |_| {
            sleep(Duration::from_secs(2)).await;
            Err(status(503, None))
        })
        .await;
        assert!(result.is_err() && time <= Duration::from_secs(5), "{time:?}");
        let (result, attempts, time) = outcome(&config, Retry::Always, async |_| {
            std::future::pending::<()>().await;
            Ok(())
        })
        .await;
        assert!(matches!(result, Err(HttpError::TimedOut)) && attempts == 1 && time == Duration::from_secs(5));
    }
    #[tokio::test(start_paused = true)]
    async fn a_time_limit_without_end_is_none() {
        let config = HttpConfig::new().timeout(Duration::MAX);
        let (result, attempts, _) =
            outcome(
                &config,
                Retry::Always,
                async |attempt| {
                    if attempt == 1 { Err(status(429, Some(3_600))) } else { Ok(()) }
                },
            )
            .await;
        assert!(result.is_ok() && attempts == 2);
    }
}
