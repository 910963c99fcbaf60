use std::time::Duration;

use super::Timer;

/// The time for which a statement that conflicts with other transactions is retried, from its first failure.
const LIMIT: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// The pauses between attempts, from 1 ms to 50 ms, for ten seconds in total.
#[derive(Debug)]
pub struct Backoff<'t> {
    timer: &'t dyn Timer,
    since: Option<Duration>,
    pause: Duration,
}

impl<'t> Backoff<'t> {
    /// Creates a backoff before the first attempt.
    #[must_use]
    pub const fn new(timer: &'t dyn Timer) -> Self {
        Self { timer, since: None, pause: FIRST_PAUSE }
    }

    /// Pauses and returns `true`, or returns `false` if ten seconds have passed since the first failure.
    pub async fn pause(&mut self) -> bool {
        let now = self.timer.now();
        if now.saturating_sub(*self.since.get_or_insert(now)) >= LIMIT {
            return false;
        }
        self.timer.sleep(self.pause).await;
        self.pause = LONGEST_PAUSE.min(self.pause * 2);
        true
    }
}
