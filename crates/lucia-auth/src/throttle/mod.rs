//! Limits of attempts, over all processes that share a store.

mod limit;
mod counted;
mod key;
mod device;
#[cfg(feature = "password")]
mod turn;
mod attempt;

use std::{fmt, sync::OnceLock, time::Duration};

use lucia_core::{TokenAdapter, memory::MemoryAdapter};

pub(crate) use self::counted::Counted;
pub use self::{
    attempt::Attempt,
    key::{InvalidThrottleKey, ThrottleKey},
    limit::Limit,
};
use crate::{Error, adapter::NamedTokenAdapter};

const QUARTER: Duration = Duration::from_secs(15 * 60);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// Limits how often passwords are guessed, for each address, account and device:
/// [`AuthBuilder::throttle`](crate::AuthBuilder::throttle).
///
/// An attempt is counted before the password is verified, and given back if it is correct. So only failures count, and
/// of many parallel guesses exactly the allowed number is verified. An account that does not exist is limited in the same
/// way. Beyond a limit the error is [`TooManyAttempts`](Error::TooManyAttempts).
///
/// - A **device** that [signed in](crate::AuthRequest::remember_device) to the account within the last year is counted
///   first, with attempts of its own. All such devices of an account together have three times as many. Beyond these
///   limits it is a stranger.
/// - The **address** of a stranger is limited next, before anything is read or hashed. For IPv6 it is the /64 network.
/// - The **account** is limited last, for all strangers together, so they do not lock out the owner's known devices.
///
/// Defaults to [`in_memory`](Self::in_memory), which counts in each process: with four processes, four times as many
/// guesses, and with an `Auth` for each request, as in a Worker, no limit. [`new`](Self::new) counts in a store that all
/// processes share:
///
/// ```
/// use std::time::Duration;
/// use lucia_auth::{Auth, Limit, Throttle, ThrottleKey, memory::MemoryAdapter};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (users, counters) = (MemoryAdapter::new(), MemoryAdapter::new());
/// # let variable = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
/// let key: ThrottleKey = variable.parse()?;
/// let throttle = Throttle::new(counters, key).per_account(Limit::new(5, Duration::from_secs(300)));
/// let auth = Auth::builder(users).throttle(throttle).build()?;
/// # Ok(()) }
/// ```
#[must_use]
pub struct Throttle {
    /// `None` if nothing is limited.
    store: Option<NamedTokenAdapter>,
    /// Generated on first use, because some hosts have no random bytes before the first request.
    key: OnceLock<ThrottleKey>,
    /// Whether other processes may have the key too.
    is_key_shared: bool,
    per_account: Limit,
    per_device: Limit,
    per_address: Limit,
    on_outage: Outage,
    #[cfg(feature = "password")]
    turns: turn::Turns,
}

/// The decision about attempts while the store of a [`Throttle`] fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outage {
    /// They are made without being counted, with a warning in the log.
    #[default]
    Open,
    /// They fail with the store's error.
    Closed,
}

impl Throttle {
    /// Creates a throttle that counts in `store`. Processes with the same store and key count together.
    pub fn new(store: impl TokenAdapter, key: ThrottleKey) -> Self {
        Self { key: OnceLock::from(key), is_key_shared: true, ..Self::with_store(Some(NamedTokenAdapter::new(store))) }
    }

    /// Creates a throttle that counts in this process and forgets the counts and the devices at its end. Beyond 100,000
    /// counters it forgets the smallest.
    pub fn in_memory() -> Self {
        Self::with_store(Some(NamedTokenAdapter::new(MemoryAdapter::new())))
    }

    /// Creates a throttle that limits nothing.
    pub fn off() -> Self {
        Self::with_store(None)
    }

    fn with_store(store: Option<NamedTokenAdapter>) -> Self {
        Self {
            store,
            key: OnceLock::new(),
            is_key_shared: false,
            per_account: Limit::new(10, QUARTER),
            per_device: Limit::new(10, QUARTER),
            per_address: Limit::new(100, HOUR),
            on_outage: Outage::default(),
            #[cfg(feature = "password")]
            turns: turn::Turns::default(),
        }
    }

    /// Sets the limit of an account. Defaults to 10 failures in 15 minutes.
    pub fn per_account(mut self, limit: Limit) -> Self {
        self.per_account = limit;
        self
    }

    /// Sets the limit of a device that signed in to the account within the last year. Defaults to 10 failures in 15
    /// minutes. All such devices of the account together have three times as many.
    pub fn per_device(mut self, limit: Limit) -> Self {
        self.per_device = limit;
        self
    }

    /// Sets the limit of an address, over all accounts that do not know the device. Defaults to 100 failures in an hour.
    /// A client whose address is not known has no limit of this kind.
    pub fn per_address(mut self, limit: Limit) -> Self {
        self.per_address = limit;
        self
    }

    /// Sets what happens while the store fails. Defaults to [`Outage::Open`].
    pub fn on_outage(mut self, outage: Outage) -> Self {
        self.on_outage = outage;
        self
    }

    /// Returns the method that set a limit which nobody can keep.
    pub(crate) fn zero_limit(&self) -> Option<&'static str> {
        let limits =
            [("per_account", self.per_account), ("per_device", self.per_device), ("per_address", self.per_address)];
        limits.into_iter().find(|(_, limit)| limit.is_zero()).map(|(option, _)| option)
    }

    /// Returns the key, unless it was generated for this process.
    pub(crate) fn shared_key(&self) -> Option<&ThrottleKey> {
        if self.is_key_shared { self.key.get() } else { None }
    }

    fn key(&self) -> Result<&ThrottleKey, Error> {
        match self.key.get() {
            Some(key) => Ok(key),
            None => {
                let key = ThrottleKey::generate()?;
                Ok(self.key.get_or_init(|| key))
            }
        }
    }
}

impl Default for Throttle {
    fn default() -> Self {
        Self::in_memory()
    }
}

impl fmt::Debug for Throttle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Throttle")
            .field("store", &self.store)
            .field("per_account", &self.per_account)
            .field("per_device", &self.per_device)
            .field("per_address", &self.per_address)
            .field("on_outage", &self.on_outage)
            .finish_non_exhaustive()
    }
}
