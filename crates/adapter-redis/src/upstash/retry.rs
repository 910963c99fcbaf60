use std::{future::Future, sync::LazyLock, time::Duration};

use backon::{BackoffBuilder as _, ExponentialBuilder, Retryable as _};
use redis::{Arg, Cmd};
use tokio::time::{Instant, sleep, timeout_at};

use super::error::{Failure, UpstashError};
use crate::script::Scripts;

/// The scripts, to recognise those that may run twice.
static SCRIPTS: LazyLock<Scripts> = LazyLock::new(Scripts::new);

/// The commands that run a script, which is their first argument.
const SCRIPT_COMMANDS: [&[u8]; 2] = [b"EVAL", b"EVALSHA"];

/// The read-only commands among those that the adapter sends.
const READS: [&[u8]; 8] = [b"GET", b"HELLO", b"INFO", b"MGET", b"SCAN", b"SMEMBERS", b"SMISMEMBER", b"SRANDMEMBER"];

/// The longest timeout, which keeps the deadline representable.
const LONGEST: Duration = Duration::from_secs(365 * 86_400);

/// The failures after which a request is retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Retry {
    /// Retries after every outage. For reads and deletions, which may run twice or late.
    Always,
    /// Retries only if the service did not run the command. A script that runs twice would mistake its own change for
    /// that of another writer.
    IfNotRun,
}

impl Retry {
    pub(super) fn of<'a>(mut commands: impl Iterator<Item = &'a Cmd>) -> Self {
        let is_repeatable = |command: &Cmd| {
            let mut arguments = command.args_iter();
            let Some(Arg::Simple(name)) = arguments.next() else { return false };
            if SCRIPT_COMMANDS.iter().any(|command| name.eq_ignore_ascii_case(command)) {
                return matches!(arguments.next(), Some(Arg::Simple(script)) if SCRIPTS.is_idempotent(script));
            }
            READS.iter().any(|read| name.eq_ignore_ascii_case(read))
        };
        if commands.all(is_repeatable) { Self::Always } else { Self::IfNotRun }
    }

    const fn allows(self, error: &UpstashError) -> bool {
        match error {
            UpstashError::Transport { may_have_run: false, .. } | UpstashError::Status { status: 429, .. } => true,
            UpstashError::Transport { .. }
            | UpstashError::TimedOut
            | UpstashError::Status { status: 408 | 425 | 500 | 502..=504, .. } => matches!(self, Self::Always),
            UpstashError::Status { .. } => false,
        }
    }
}

/// Retries a request until it succeeds, fails permanently, or `timeout` elapses.
pub(super) async fn retrying<T, A: Future<Output = Result<T, Failure>>>(
    retry: Retry,
    max_attempts: usize,
    timeout: Duration,
    attempt: impl FnMut() -> A,
) -> Result<T, Failure> {
    let deadline = Instant::now() + timeout.min(LONGEST);
    let pauses = ExponentialBuilder::new()
        .with_jitter()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(Duration::from_secs(2))
        .with_max_times(max_attempts.saturating_sub(1))
        .build();
    let attempts = attempt
        .retry(pauses)
        .sleep(sleep)
        .when(|failure| matches!(failure, Failure::Outage(error) if retry.allows(error)))
        .adjust(|failure, pause| {
            let Failure::Outage(error) = failure else { return None };
            // Added to the jitter, so that clients that were rejected together do not retry together.
            let pause = pause?.saturating_add(error.retry_after().unwrap_or_default());
            (deadline.saturating_duration_since(Instant::now()) > pause).then_some(pause)
        });
    timeout_at(deadline, attempts).await.unwrap_or(Err(Failure::Outage(UpstashError::TimedOut)))
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, time::Duration};

    use redis::cmd;

    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(10);

    fn status(status: u16) -> UpstashError {
        UpstashError::Status { status, retry_after: None }
    }

    fn broken(may_have_run: bool) -> UpstashError {
        UpstashError::Transport { may_have_run, source: "broken".into() }
    }

    /// Returns the number of attempts if all of them fail with this error, the final error, and the elapsed time.
    async fn attempts(retry: Retry, failure: impl Fn() -> UpstashError) -> (usize, Option<UpstashError>, Duration) {
        let (start, count) = (Instant::now(), Cell::new(0));
        let outcome = retrying::<(), _>(retry, 3, TIMEOUT, || {
            count.set(count.get() + 1);
            std::future::ready(Err(Failure::Outage(failure())))
        });
        let error = match outcome.await {
            Err(Failure::Outage(error)) => Some(error),
            _ => None,
        };
        (count.get(), error, start.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_command_that_was_not_run_is_retried() {
        for retry in [Retry::Always, Retry::IfNotRun] {
            assert_eq!(attempts(retry, || status(429)).await.0, 3, "{retry:?}");
            assert_eq!(attempts(retry, || broken(false)).await.0, 3);
            assert_eq!(attempts(retry, || status(501)).await.0, 1);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn only_reads_are_retried_if_they_may_have_run() {
        let failures: [fn() -> UpstashError; 7] = [
            || UpstashError::TimedOut,
            || status(408),
            || status(500),
            || status(502),
            || status(503),
            || status(504),
            || broken(true),
        ];
        for failure in failures {
            assert_eq!(attempts(Retry::Always, failure).await.0, 3, "{:?}", failure());
            assert_eq!(attempts(Retry::IfNotRun, failure).await.0, 1, "{:?}", failure());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn retry_after_is_honoured_within_the_timeout() {
        let after = |seconds| UpstashError::Status { status: 429, retry_after: Some(Duration::from_secs(seconds)) };
        let (count, _, time) = attempts(Retry::IfNotRun, || after(4)).await;
        assert!(count == 3 && time >= Duration::from_secs(8) && time < TIMEOUT, "{count} in {time:?}");
        let (count, error, time) = attempts(Retry::IfNotRun, || after(11)).await;
        assert_eq!((count, time), (1, Duration::ZERO), "the pause does not fit into the timeout");
        assert_eq!(error.and_then(|error| error.retry_after()), Some(Duration::from_secs(11)));
    }

    #[tokio::test(start_paused = true)]
    async fn no_request_takes_longer_than_its_timeout() {
        let unlimited = retrying(Retry::Always, 1, Duration::MAX, || std::future::ready(Ok(()))).await;
        assert!(unlimited.is_ok());
        let start = Instant::now();
        let outcome = retrying::<(), _>(Retry::Always, 3, TIMEOUT, std::future::pending).await;
        assert!(matches!(outcome, Err(Failure::Outage(UpstashError::TimedOut))) && start.elapsed() == TIMEOUT);
    }

    #[test]
    fn scripts_are_not_reads() {
        let commands = ["GET", "mget", "EVALSHA", "eval", "DEL", "WAIT"].map(cmd);
        let retries = commands.each_ref().map(|command| Retry::of([command].into_iter()));
        assert_eq!(retries[..2], [Retry::Always; 2]);
        assert_eq!(retries[2..], [Retry::IfNotRun; 4]);
        assert_eq!(Retry::of(commands.iter()), Retry::IfNotRun);
    }

    #[test]
    fn scripts_that_only_read_or_delete_are_retried_like_reads() {
        let of = |name: &str, code: &str| Retry::of(std::iter::once(&*cmd(name).arg(code).arg(1).arg("key")));
        let delete = concat!(include_str!("../script/owner.lua"), include_str!("../script/delete.lua"));
        let hash = redis::Script::new(delete).get_hash().to_owned();
        assert_eq!([of("EVAL", delete), of("EVALSHA", &hash), of("evalsha", &hash)], [Retry::Always; 3]);
        let renew = include_str!("../script/renew.lua");
        assert_eq!([of("EVAL", renew), of("EVALSHA", "0000")], [Retry::IfNotRun; 2]);
    }
}
