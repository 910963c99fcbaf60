use std::time::Duration;

/// A number of attempts in a period of time.
///
/// The first attempt opens a window; after the window the count starts again at zero.
///
/// ```
/// use std::time::Duration;
/// use lucia_auth::{Limit, Throttle};
///
/// let throttle = Throttle::in_memory().per_account(Limit::new(5, Duration::from_secs(60)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    pub(crate) attempts: u32,
    pub(crate) window: Duration,
}

impl Limit {
    /// Creates a limit. [`AuthBuilder::build`](crate::AuthBuilder::build) rejects zero attempts, and a window of less
    /// than a millisecond.
    #[must_use]
    pub const fn new(attempts: u32, window: Duration) -> Self {
        Self { attempts, window }
    }

    pub(super) const fn times(self, factor: u32) -> Self {
        Self { attempts: self.attempts.saturating_mul(factor), ..self }
    }

    pub(super) const fn is_zero(&self) -> bool {
        self.attempts == 0 || self.window.as_millis() == 0
    }
}
