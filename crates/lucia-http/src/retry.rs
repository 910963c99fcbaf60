use std::{future::Future, time::Duration};

use backon::{ExponentialBuilder, Retryable as _};
use tokio::time::{Instant, sleep, timeout_at};

use crate::{
    config::HttpConfig,
    error::{HttpError, Stage},
    request::Retry,
};

/// Returns `true` if a request with this policy is retried after a failed attempt.
fn allows(retry: Retry, error: &HttpError) -> bool {
    match (retry, error) {
        (_, HttpError::Transport(error)) if error.is_connect() => true,
        (_, HttpError::Status { status: 429, .. }) => true,
        (Retry::Always | Retry::IfSettled, HttpError::Status { status: 500 | 503, .. }) => true,
        (Retry::IfSettled, HttpError::Transport(error)) => error.stage == Stage::Request,
        (Retry::Always, HttpError::Transport(_) | HttpError::TimedOut) => true,
        (Retry::Always, HttpError::Status { status: 408 | 425 | 502 | 504, .. }) => true,
        _ => false,
    }
}

/// The longest timeout, which keeps the deadline representable.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3_600);

/// Retries a request until it succeeds, fails permanently, or the timeout elapses.
pub(crate) async fn retrying<T, F, A>(config: &HttpConfig, retry: Retry, attempt: F) -> Result<T, HttpError>
where
    F: FnMut() -> A,
    A: Future<Output = Result<T, HttpError>>,
{
    let deadline = Instant::now() + config.timeout.min(LONGEST);
    let pauses = ExponentialBuilder::new()
        .with_jitter()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(Duration::from_secs(2))
        .with_max_times(config.max_attempts.saturating_sub(1));
    let attempts = attempt
        .retry(pauses)
        .sleep(sleep)
        .when(|error| allows(retry, error))
        .adjust(|error, pause| {
            // Added to the jitter, so that clients that were rejected together do not retry together.
            let pause = pause?.saturating_add(error.retry_after().unwrap_or_default());
            (deadline.saturating_duration_since(Instant::now()) > pause).then_some(pause)
        })
        .notify(|error, pause| {
            tracing::debug!(status = error.status(), ?pause, "retrying a failed request");
        });
    timeout_at(deadline, attempts).await.unwrap_or(Err(HttpError::TimedOut))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::error::TransportError;

    fn status(status: u16, retry_after: Option<u64>) -> HttpError {
        HttpError::Status { status, code: None, retry_after: retry_after.map(Duration::from_secs) }
    }

    /// Returns the result, the number of attempts, and the elapsed time.
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
    async fn transient_failures_are_retried() {
        for retry in [Retry::Always, Retry::IfSettled] {
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
    async fn permanent_failures_are_not_retried() {
        let failures: [fn() -> HttpError; 6] = [
            || status(400, None),
            || status(404, None),
            || status(501, None),
            || HttpError::Refused { status: 401 },
            || HttpError::TooLarge { limit: 1, setting: "max" },
            || HttpError::Unexpected { expected: "anything" },
        ];
        for failure in failures {
            let (result, attempts, time) = outcome(&HttpConfig::new(), Retry::Always, async |_| Err(failure())).await;
            assert!(result.is_err() && attempts == 1 && time == Duration::ZERO);
        }
    }

    #[test]
    fn each_policy_has_its_failures() {
        let broken = |stage| HttpError::Transport(TransportError { stage, source: "broken".into() });
        let (always, if_settled, if_not_executed) = (true, true, true);
        for (failure, policies) in [
            (broken(Stage::Connect), [always, if_settled, if_not_executed]),
            (broken(Stage::Request), [always, if_settled, false]),
            (broken(Stage::Response), [always, false, false]),
            (HttpError::TimedOut, [always, false, false]),
            (status(408, None), [always, false, false]),
            (status(425, None), [always, false, false]),
            (status(429, None), [always, if_settled, if_not_executed]),
            (status(500, None), [always, if_settled, false]),
            (status(502, None), [always, false, false]),
            (status(503, None), [always, if_settled, false]),
            (status(504, None), [always, false, false]),
            (status(501, None), [false, false, false]),
        ] {
            let found = [Retry::Always, Retry::IfSettled, Retry::IfNotExecuted].map(|retry| allows(retry, &failure));
            assert_eq!(found, policies, "{failure:?}");
        }
    }

    async fn rejected_once(attempt: u32) -> Result<(), HttpError> {
        if attempt == 1 { Err(status(429, Some(7))) } else { Ok(()) }
    }

    #[tokio::test(start_paused = true)]
    async fn retry_after_is_honoured_within_the_timeout() {
        let config = HttpConfig::new();
        let (result, attempts, time) = outcome(&config, Retry::Always, rejected_once).await;
        assert!(result.is_ok() && attempts == 2);
        assert!(time >= Duration::from_secs(7) && time < Duration::from_secs(8), "{time:?}");

        let (result, attempts, time) = outcome(&config, Retry::Always, async |_| Err(status(429, Some(11)))).await;
        assert_eq!(result.unwrap_err().retry_after(), Some(Duration::from_secs(11)), "the error contains the delay");
        assert!(attempts == 1 && time == Duration::ZERO, "the pause does not fit into the timeout");
    }

    /// Clients with the same `Retry-After` do not retry at the same time.
    #[tokio::test(start_paused = true)]
    async fn retry_after_is_spread() {
        let config = HttpConfig::new();
        let mut times = std::collections::BTreeSet::new();
        for _ in 0..20 {
            let (_, _, time) = outcome(&config, Retry::Always, rejected_once).await;
            assert!(time >= Duration::from_secs(7), "{time:?}");
            times.insert(time);
        }
        assert!(times.len() > 5, "{times:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn no_request_takes_longer_than_its_timeout() {
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
    async fn an_unlimited_timeout_does_not_overflow() {
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
