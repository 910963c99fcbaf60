use std::time::Duration;

use tokio::time::Instant;

/// How long a statement is repeated while others are in its way, counted from its first refusal.
const PATIENCE: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// Repeats what a database refused because of what others do at the same time. A refused statement has changed nothing, so
/// repeating it is safe.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    since: Option<Instant>,
    pause: Option<Duration>,
}

impl Attempts {
    /// Waits for a moment and says yes, or says no; always no if it was not refused for that reason.
    pub(crate) async fn may_repeat(&mut self, refused: bool) -> bool {
        if !refused {
            return false;
        }
        let since = *self.since.get_or_insert_with(Instant::now);
        if since.elapsed() >= PATIENCE {
            return false;
        }
        let pause = self.pause.map_or(FIRST_PAUSE, |pause| LONGEST_PAUSE.min(pause * 2));
        self.pause = Some(pause);
        tokio::time::sleep(pause).await;
        true
    }
}
