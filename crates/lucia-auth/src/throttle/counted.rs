use std::time::Duration;

use lucia_core::{AdapterResult, Count, UnixMillis};

use super::Limit;
use crate::{Error, adapter::NamedTokenAdapter};

/// An attempt that was added to a counter before it is known to succeed. It stays counted unless it is given back.
pub(crate) struct Counted<'a> {
    store: &'a NamedTokenAdapter,
    key: String,
    limit: Limit,
    count: Count,
}

impl<'a> Counted<'a> {
    pub(crate) async fn add(
        store: &'a NamedTokenAdapter,
        key: String,
        limit: Limit,
        now: UnixMillis,
    ) -> AdapterResult<Self> {
        let count = store.add_to_counter(&key, 1, limit.window, now).await?;
        Ok(Self { store, key, limit, count })
    }

    /// Adds an attempt unless it is over the limit, and returns its error then.
    pub(crate) async fn within(
        store: &'a NamedTokenAdapter,
        key: String,
        limit: Limit,
        now: UnixMillis,
    ) -> Result<Self, Error> {
        let counted = Self::add(store, key, limit, now).await?;
        if counted.is_over() { Err(counted.refuse(now).await) } else { Ok(counted) }
    }

    /// Returns `true` if the count exceeds the limit.
    pub(crate) fn is_over(&self) -> bool {
        self.count.value > self.limit.attempts.into()
    }

    /// Gives back an attempt that is over the limit, and returns its error.
    pub(crate) async fn refuse(self, now: UnixMillis) -> Error {
        // The window includes its last millisecond.
        let retry_after = self.count.expires.saturating_duration_since(now).saturating_add(Duration::from_millis(1));
        // Attempts that are under way may be given back, and then this one must not remain.
        self.give_back().await;
        Error::TooManyAttempts { retry_after }
    }

    /// Takes the attempt off the count. If the store fails, it stays counted, with a warning in the log.
    pub(crate) async fn give_back(self) {
        // The window is named by its end, because it may be over: a later one did not count the attempt.
        if let Err(error) = self.store.add_to_counter(&self.key, -1, Duration::ZERO, self.count.expires).await {
            let error: &(dyn std::error::Error + 'static) = &error;
            tracing::warn!(error, "attempt not given back: the store of counters failed");
        }
    }
}
