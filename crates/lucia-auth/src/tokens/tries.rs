use std::time::Duration;

use lucia_core::{Count, UnixMillis};

use super::store::Store;
use crate::{Error, Limit};

/// A try that was counted, until the end of its window.
pub(super) struct Try<'a> {
    store: &'a Store,
    key: String,
    attempts: u32,
    count: Count,
}

impl<'a> Try<'a> {
    /// Counts a try. It stays counted unless it is given back.
    pub(super) async fn count(store: &'a Store, key: String, limit: Limit, now: UnixMillis) -> Result<Self, Error> {
        let count = store.add_to_counter(&key, 1, limit.window, now).await?;
        Ok(Self { store, key, attempts: limit.attempts, count })
    }

    /// Returns `true` if it is one more than the limit allows.
    pub(super) fn is_over(&self) -> bool {
        self.count.value > self.attempts.into()
    }

    /// Returns the time after which the next try is allowed. The window includes its last millisecond.
    pub(super) fn retry_after(&self, now: UnixMillis) -> Duration {
        self.count.expires.saturating_duration_since(now).saturating_add(Duration::from_millis(1))
    }

    /// Takes the try off the count. If the store fails, it stays counted, with a warning in the log.
    pub(super) async fn give_back(self) {
        // The window is named by its end, because it may be over: a later one did not count the try.
        if let Err(error) = self.store.add_to_counter(&self.key, -1, Duration::ZERO, self.count.expires).await {
            let error: &(dyn std::error::Error + 'static) = &error;
            tracing::warn!(error, "try of a code not given back: the store of tokens failed");
        }
    }
}
