use std::time::Duration;

use tokio::time::Instant;

/// How long a statement is repeated while others are in its way, counted from its first refusal.
const LIMIT: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// Pauses between attempts at what a database refuses because of what others do at the same time.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    since: Option<Instant>,
    pause: Option<Duration>,
}

impl Patience {
    /// Pauses and returns `true`, or returns `false` if it has taken too long.
    pub(crate) async fn wait(&mut self) -> bool {
        let since = *self.since.get_or_insert_with(Instant::now);
        if since.elapsed() >= LIMIT {
            return false;
        }
        let pause = self.pause.map_or(FIRST_PAUSE, |pause| LONGEST_PAUSE.min(pause * 2));
        self.pause = Some(pause);
        tokio::time::sleep(pause).await;
        true
    }
}
