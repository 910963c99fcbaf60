use std::time::Duration;

/// How long a session lives after it was created or renewed. Both are cut to whole milliseconds.
///
/// ```
/// use std::time::Duration;
/// use lucia_auth::SessionPeriods;
///
/// let remembered = SessionPeriods { idle: Duration::from_secs(90 * 86_400), ..SessionPeriods::default() };
/// assert_eq!(remembered.active, Duration::from_secs(86_400));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionPeriods {
    /// How long the session is valid as it is, without a write. One day by default.
    pub active: Duration,
    /// How long after that a request renews it. 14 days by default.
    pub idle: Duration,
}

impl Default for SessionPeriods {
    fn default() -> Self {
        const DAY: u64 = 86_400;
        Self { active: Duration::from_secs(DAY), idle: Duration::from_secs(14 * DAY) }
    }
}
