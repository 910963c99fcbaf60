use std::{
    fmt::Debug,
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use super::UnixMillis;

/// A source of the current time.
///
/// An `Arc` of a clock is a clock too, so that a test can keep one to set it.
///
/// ```
/// use lucia_core::{Clock, ManualClock, UnixMillis};
///
/// let clock = ManualClock::new(UnixMillis::new(1_000));
/// assert_eq!(clock.now(), UnixMillis::new(1_000));
/// ```
pub trait Clock: Debug + Send + Sync + 'static {
    /// Returns the current time.
    fn now(&self) -> UnixMillis;
}

/// A clock that tests set.
///
/// ```
/// use std::time::Duration;
/// use lucia_core::{Clock, ManualClock, UnixMillis};
///
/// let clock = ManualClock::new(UnixMillis::EPOCH);
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now(), UnixMillis::new(60_000));
/// ```
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// Creates a clock that shows `now`.
    #[must_use]
    pub const fn new(now: UnixMillis) -> Self {
        Self(AtomicI64::new(now.get()))
    }

    /// Sets the clock to `now`, which may be earlier than its current time.
    pub fn set(&self, now: UnixMillis) {
        self.0.store(now.get(), Ordering::SeqCst);
    }

    /// Advances the clock.
    pub fn advance(&self, by: Duration) {
        self.set(self.now().saturating_add(by));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UnixMillis {
        UnixMillis::new(self.0.load(Ordering::SeqCst))
    }
}

impl<C: Clock + ?Sized> Clock for std::sync::Arc<C> {
    fn now(&self) -> UnixMillis {
        (**self).now()
    }
}
