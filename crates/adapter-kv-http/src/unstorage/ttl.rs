use std::time::Duration;

use lucia_core::{Clock, UnixMillis};

/// The longest time to live. No expiry is set beyond it, because Redis rejects times that overflow its milliseconds.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 24 * 60 * 60);

/// Returns the whole seconds until a time, at least one, or `None` if it is more than a century ahead.
///
/// Servers accept neither absolute times nor fractions, and interpret zero as "no expiry".
pub(super) fn ttl(expires: UnixMillis, clock: &dyn Clock) -> Option<u64> {
    let left = expires.saturating_duration_since(clock.now());
    let seconds = u64::try_from(left.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX);
    (left <= LONGEST).then_some(seconds.max(1))
}

#[cfg(test)]
mod tests {
    use lucia_core::ManualClock;

    use super::*;

    #[test]
    fn u4_u5_expiries_are_whole_seconds_from_now() {
        let clock = ManualClock::new(UnixMillis::new(1_000_000));
        for (expires, seconds) in [
            (i64::MIN, Some(1)),
            (0, Some(1)),
            (1_000_000, Some(1)),
            (1_000_001, Some(1)),
            (1_001_000, Some(1)),
            (1_001_001, Some(2)),
            (1_060_000, Some(60)),
            (i64::MAX, None),
        ] {
            assert_eq!(ttl(UnixMillis::new(expires), &clock), seconds, "{expires}");
        }
    }
}
