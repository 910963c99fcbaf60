use std::time::Duration;

use tokio::time::Instant;

use super::primary_code;

/// How long a statement is repeated while somebody else holds the lock, counted from its first refusal.
const PATIENCE: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// Repeats what SQLite refused because of a lock.
///
/// The busy timeout of the connection covers most locks. It covers neither those between connections that share a cache,
/// nor a pool of the application that has none; and a writer may be unlucky for longer than it lasts. A refused statement
/// has changed nothing, so repeating it is safe.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    since: Option<Instant>,
    pause: Option<Duration>,
}

impl Attempts {
    /// Waits for a moment and says yes, or says no.
    pub(super) async fn may_repeat(&mut self, error: &sqlx::Error) -> bool {
        const BUSY: i32 = 5;
        const LOCKED: i32 = 6;
        if !matches!(primary_code(error), Some(BUSY | LOCKED)) {
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
