use std::{fmt, time::Duration};

use lucia_core::{AdapterResult, Clock, Count, TokenAdapter, UnixMillis};

use super::{Limit, Outage, Throttle, ThrottleKey};
use crate::{Client, Error};

/// An attempt that was counted. [`Auth::attempt`](crate::Auth::attempt) returns it.
///
/// It stays counted, also if it is dropped, unless it is [given back](Self::give_back).
#[must_use = "an attempt that succeeds must be given back"]
pub struct Attempt<'a> {
    /// Where and when it was counted. `None` if nothing is limited.
    counters: Option<Counters<'a>>,
    counted: Vec<Counted>,
}

#[derive(Clone, Copy)]
struct Counters<'a> {
    store: &'a dyn TokenAdapter,
    clock: &'a dyn Clock,
    on_outage: Outage,
}

/// A counter to which the attempt was added, until the end of its window.
struct Counted {
    key: String,
    expires: UnixMillis,
}

impl Throttle {
    /// Counts an attempt for the address and then for the account, or for the device if it is known to the account.
    pub(crate) async fn attempt<'a>(
        &'a self,
        clock: &'a dyn Clock,
        action: &str,
        subject: &str,
        client: &Client,
    ) -> Result<Attempt<'a>, Error> {
        let Some(store) = self.store.as_deref() else {
            return Ok(Attempt { counters: None, counted: Vec::new() });
        };
        let counters = Counters { store, clock, on_outage: self.on_outage };
        let mut attempt = Attempt { counters: Some(counters), counted: Vec::new() };
        let key = self.key()?;
        if let Some(network) = client.network() {
            let counter = key.counter("address", &[action.as_bytes(), network.as_bytes()]);
            attempt.counted.extend(counters.count(counter, self.per_address).await?);
        }
        let (counter, limit) = self.counter_of_subject(key, action, subject, client);
        match counters.count(counter, limit).await {
            Ok(counted) => attempt.counted.extend(counted),
            Err(error) => {
                if !matches!(error, Error::TooManyAttempts { .. }) {
                    attempt.give_back().await;
                }
                return Err(error);
            }
        }
        Ok(attempt)
    }

    fn counter_of_subject(&self, key: &ThrottleKey, action: &str, subject: &str, client: &Client) -> (String, Limit) {
        let parts = [action.as_bytes(), subject.as_bytes()];
        match client.devices().iter().find(|device| key.knows(device, subject)) {
            Some(device) => (key.counter("device", &[parts[0], parts[1], device.id()]), self.per_device),
            None => (key.counter("account", &parts), self.per_account),
        }
    }
}

impl Attempt<'_> {
    /// Takes the attempt off the counts: it succeeded, or nothing was verified because of an outage.
    ///
    /// If the store fails, the attempt stays counted, with a warning in the log.
    pub async fn give_back(self) {
        let Some(counters) = self.counters else { return };
        for counted in &self.counted {
            counters.take_back(counted).await;
        }
    }
}

impl Counters<'_> {
    /// Adds one to a counter, if the limit allows it. Returns `None` if the store fails and that is allowed.
    async fn count(&self, key: String, limit: Limit) -> Result<Option<Counted>, Error> {
        let now = self.clock.now();
        let Count { value, expires } = match self.add(&key, 1, limit.window, now).await {
            Ok(count) => count,
            Err(error) if self.on_outage == Outage::Open => {
                let error: &(dyn std::error::Error + 'static) = &error;
                tracing::warn!(error, "attempt not counted: the store of counters failed");
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        let counted = Counted { key, expires };
        if value <= limit.attempts.into() {
            return Ok(Some(counted));
        }
        // Attempts that are under way may be given back, and then this one must not remain.
        self.take_back(&counted).await;
        // The window includes its last millisecond.
        let retry_after = expires.saturating_duration_since(now).saturating_add(Duration::from_millis(1));
        Err(Error::TooManyAttempts { retry_after })
    }

    async fn take_back(&self, counted: &Counted) {
        // The window is named by its end, because it may be over: a later one did not count the attempt.
        if let Err(error) = self.add(&counted.key, -1, Duration::ZERO, counted.expires).await {
            let error: &(dyn std::error::Error + 'static) = &error;
            tracing::warn!(error, "attempt not given back: the store of counters failed");
        }
    }

    async fn add(&self, key: &str, by: i64, window: Duration, now: UnixMillis) -> AdapterResult<Count> {
        let added = self.store.add_to_counter(key, by, window, now).await;
        added.map_err(|error| error.with_operation("add_to_counter"))
    }
}

impl fmt::Debug for Attempt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt").finish_non_exhaustive()
    }
}
