use std::{
    fmt,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};

/// A point in time as Lucia stores it: milliseconds since 1970-01-01 UTC. `Display` shows that number.
///
/// Arithmetic saturates: an expiry far in the future is legitimate, and a wrapped one would be a security hole.
///
/// ```
/// use std::time::Duration;
/// use lucia_core::UnixMillis;
///
/// let start = UnixMillis::new(1_700_000_000_000);
/// assert_eq!(start.saturating_add(Duration::from_secs(1)).get(), 1_700_000_001_000);
/// assert_eq!(start.saturating_add(Duration::MAX), UnixMillis::MAX);
/// assert_eq!(start.to_system_time().map(UnixMillis::from), Some(start));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMillis(i64);

impl UnixMillis {
    /// 1970-01-01 UTC.
    pub const EPOCH: Self = Self(0);
    /// The latest representable time.
    pub const MAX: Self = Self(i64::MAX);

    /// Creates a time from milliseconds since 1970-01-01 UTC, which may be negative.
    #[must_use]
    pub const fn new(millis: i64) -> Self {
        Self(millis)
    }

    /// Returns the milliseconds since 1970-01-01 UTC.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Returns this time plus `duration`, truncated to milliseconds, and at most [`MAX`](Self::MAX).
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(millis))
    }

    /// Returns this time as the operating system's. `None` if the operating system cannot represent it.
    #[must_use]
    pub fn to_system_time(self) -> Option<SystemTime> {
        let distance = Duration::from_millis(self.0.unsigned_abs());
        if self.0 < 0 {
            SystemTime::UNIX_EPOCH.checked_sub(distance)
        } else {
            SystemTime::UNIX_EPOCH.checked_add(distance)
        }
    }

    /// Returns the time since `earlier`, or zero if `earlier` is later.
    #[must_use]
    pub fn saturating_duration_since(self, earlier: Self) -> Duration {
        let millis = i128::from(self.0) - i128::from(earlier.0);
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }
}

impl From<SystemTime> for UnixMillis {
    /// Truncates to milliseconds, towards the past.
    fn from(time: SystemTime) -> Self {
        match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => Self::EPOCH.saturating_add(after),
            Err(before) => {
                let nanos = before.duration().as_nanos();
                Self(i64::try_from(nanos.div_ceil(1_000_000)).map_or(i64::MIN, |millis| -millis))
            }
        }
    }
}

impl fmt::Display for UnixMillis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_operating_systems_time_is_the_same(millis: i64) {
            // The range of `SystemTime` depends on the operating system.
            if let Some(time) = UnixMillis::new(millis).to_system_time() {
                prop_assert_eq!(UnixMillis::from(time).get(), millis);
            }
        }
    }

    #[test]
    fn times_before_and_after_1970_are_the_operating_systems() {
        let before = SystemTime::UNIX_EPOCH - Duration::from_millis(1_500);
        assert_eq!(UnixMillis::new(-1_500).to_system_time(), Some(before));
        let after = SystemTime::UNIX_EPOCH + Duration::from_millis(1_500);
        assert_eq!(UnixMillis::new(1_500).to_system_time(), Some(after));
        assert_eq!(UnixMillis::new(-1_500).to_string(), "-1500");
    }

    #[test]
    fn times_before_1970_round_towards_the_past() {
        let time = SystemTime::UNIX_EPOCH - Duration::from_micros(1_500);
        assert_eq!(UnixMillis::from(time), UnixMillis::new(-2));
    }

    #[test]
    fn the_whole_range_has_a_duration() {
        let whole = UnixMillis::MAX.saturating_duration_since(UnixMillis::new(i64::MIN));
        assert_eq!(whole, Duration::from_millis(u64::MAX));
        assert_eq!(UnixMillis::EPOCH.saturating_duration_since(UnixMillis::MAX), Duration::ZERO);
    }
}
