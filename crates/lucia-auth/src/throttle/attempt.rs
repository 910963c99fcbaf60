use std::{fmt, time::Duration};

use lucia_core::Clock;

#[cfg(feature = "password")]
use super::turn::Turn;
use super::{Limit, Outage, Throttle, ThrottleKey, counted::Counted, device::known_device};
use crate::{Client, Error, adapter::NamedTokenAdapter, client::DeviceCookie};

/// How many times the attempts of a device all known devices of an account have together.
const DEVICES: u32 = 3;

/// An attempt that was counted. [`Auth::attempt`](crate::Auth::attempt) returns it.
///
/// It stays counted, also if it is dropped, unless it is [given back](Self::give_back).
#[must_use = "an attempt that succeeds must be given back"]
pub struct Attempt<'a> {
    counted: Vec<Counted<'a>>,
}

/// Where and when attempts are counted.
#[derive(Clone, Copy)]
struct Counters<'a> {
    store: &'a NamedTokenAdapter,
    clock: &'a dyn Clock,
    on_outage: Outage,
}

impl Throttle {
    /// Counts an attempt for a device that is known to the account and then for all of these. Without one, or beyond their
    /// limits, counts it for the address and then for the account.
    pub(crate) async fn attempt<'a>(
        &'a self,
        clock: &'a dyn Clock,
        action: &str,
        subject: &str,
        client: &Client,
    ) -> Result<Attempt<'a>, Error> {
        let mut attempt = Attempt { counted: Vec::new() };
        let Some(store) = &self.store else { return Ok(attempt) };
        let counters = Counters { store, clock, on_outage: self.on_outage };
        let key = self.key()?;
        let mut retry_after = Duration::MAX;
        if let Some(device) = known_device(key, client, subject, clock.now()) {
            let limits = self.limits_of_device(key, action, subject, device);
            match attempt.count(counters, limits).await {
                Ok(()) => return Ok(attempt),
                // A device whose limit is reached has those of strangers.
                Err(Error::TooManyAttempts { retry_after: until }) => retry_after = until,
                Err(error) => return Err(attempt.given_back(error).await),
            }
            attempt.take_back().await;
        }
        match attempt.count(counters, self.limits_of_strangers(key, action, subject, client)).await {
            Ok(()) => Ok(attempt),
            // An address that tries an account beyond its limit comes closer to its own.
            Err(Error::TooManyAttempts { retry_after: until }) => {
                Err(Error::TooManyAttempts { retry_after: until.min(retry_after) })
            }
            Err(error) => Err(attempt.given_back(error).await),
        }
    }

    /// Counts an attempt for the address of its client.
    pub(crate) async fn attempt_from<'a>(
        &'a self,
        clock: &'a dyn Clock,
        action: &str,
        client: &Client,
    ) -> Result<Attempt<'a>, Error> {
        let mut attempt = Attempt { counted: Vec::new() };
        if let Some(store) = &self.store {
            let counters = Counters { store, clock, on_outage: self.on_outage };
            if let Some((counter, limit)) = self.limit_of_address(self.key()?, action, client) {
                attempt.counted.extend(counters.count(counter, limit).await?);
            }
        }
        Ok(attempt)
    }

    /// Waits until fewer sign-ins are under way in this process than the tightest limit allows. `None` if nothing is
    /// limited.
    ///
    /// # Errors
    /// Returns [`Busy`](Error::Busy) if `max_waiting` others wait.
    #[cfg(feature = "password")]
    pub(crate) async fn turn(
        &self,
        clock: &dyn Clock,
        action: &str,
        subject: &str,
        client: &Client,
        max_waiting: usize,
    ) -> Result<Option<Turn<'_>>, Error> {
        if self.store.is_none() {
            return Ok(None);
        }
        let key = self.key()?;
        let limits = match known_device(key, client, subject, clock.now()) {
            Some(device) => self.limits_of_device(key, action, subject, device),
            None => self.limits_of_strangers(key, action, subject, client),
        };
        let Some((counter, limit)) = limits.into_iter().min_by_key(|(_, limit)| limit.attempts) else {
            return Ok(None);
        };
        let turn = self.turns.wait(counter, limit, max_waiting).await;
        turn.map(Some).ok_or(Error::Busy { retry_after: Duration::from_secs(1) })
    }

    /// Returns the counters of a known device and their limits. Its own comes before that of all devices, so that one
    /// alone does not reach it.
    fn limits_of_device(
        &self,
        key: &ThrottleKey,
        action: &str,
        subject: &str,
        device: &DeviceCookie,
    ) -> Vec<(String, Limit)> {
        let (action, subject) = (action.as_bytes(), subject.as_bytes());
        let own = (key.counter("device", &[action, subject, device.id()]), self.per_device);
        vec![own, (key.counter("devices", &[action, subject]), self.per_device.times(DEVICES))]
    }

    /// Returns the counters of other clients and their limits, in their order.
    fn limits_of_strangers(
        &self,
        key: &ThrottleKey,
        action: &str,
        subject: &str,
        client: &Client,
    ) -> Vec<(String, Limit)> {
        let account = (key.counter("account", &[action.as_bytes(), subject.as_bytes()]), self.per_account);
        self.limit_of_address(key, action, client).into_iter().chain([account]).collect()
    }

    /// Returns the counter of the client's address and its limit. `None` if the address is not known.
    fn limit_of_address(&self, key: &ThrottleKey, action: &str, client: &Client) -> Option<(String, Limit)> {
        let network = client.network()?;
        Some((key.counter("address", &[action.as_bytes(), network.as_bytes()]), self.per_address))
    }
}

impl<'a> Attempt<'a> {
    /// Takes the attempt off the counts: it succeeded, or nothing was verified because of an outage.
    ///
    /// If the store fails, the attempt stays counted, with a warning in the log.
    pub async fn give_back(mut self) {
        self.take_back().await;
    }

    /// Adds the attempt to counters, until one refuses it.
    async fn count(&mut self, counters: Counters<'a>, limits: Vec<(String, Limit)>) -> Result<(), Error> {
        for (counter, limit) in limits {
            self.counted.extend(counters.count(counter, limit).await?);
        }
        Ok(())
    }

    async fn take_back(&mut self) {
        for counted in self.counted.drain(..) {
            counted.give_back().await;
        }
    }

    async fn given_back(mut self, error: Error) -> Error {
        self.take_back().await;
        error
    }
}

impl<'a> Counters<'a> {
    /// Adds one to a counter, if the limit allows it. Returns `None` if the store fails and that is allowed.
    async fn count(self, key: String, limit: Limit) -> Result<Option<Counted<'a>>, Error> {
        let now = self.clock.now();
        match Counted::add(self.store, key, limit, now).await {
            Ok(counted) if counted.is_over() => Err(counted.refuse(now).await),
            Ok(counted) => Ok(Some(counted)),
            Err(error) if self.on_outage == Outage::Open => {
                let error: &(dyn std::error::Error + 'static) = &error;
                tracing::warn!(error, "attempt not counted: the store of counters failed");
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl fmt::Debug for Attempt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt").finish_non_exhaustive()
    }
}
