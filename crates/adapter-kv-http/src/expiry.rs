use std::time::Duration;

use lucia_core::{Clock, UnixMillis};

/// Beyond this no expiry is set: Redis refuses what overflows its milliseconds.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 24 * 60 * 60);

/// Whole seconds from now on until a time, at least `least`; `None` for so long that it may as well be never.
///
/// Every service here takes a time to live, which means the same whatever its own clock shows; an absolute time does not
/// (bugs U4, K1).
pub(crate) fn seconds_left(expires: UnixMillis, clock: &dyn Clock, least: u64) -> Option<u64> {
    let left = expires.saturating_duration_since(clock.now());
    let seconds = u64::try_from(left.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX);
    (left <= LONGEST).then_some(seconds.max(least))
}

#[cfg(test)]
mod tests {
    use lucia_core::ManualClock;

    use super::*;

    #[test]
    fn u4_u5_k1_k2_expiries_are_whole_seconds_from_now() {
        let clock = ManualClock::new(UnixMillis::new(1_000_000));
        for (expires, least, seconds) in [
            (i64::MIN, 1, Some(1)),
            (0, 1, Some(1)),
            (1_000_000, 1, Some(1)),
            (1_000_001, 1, Some(1)),
            (1_001_000, 1, Some(1)),
            (1_001_001, 1, Some(2)),
            (1_060_000, 1, Some(60)),
            (0, 60, Some(60)),
            (1_059_999, 60, Some(60)),
            (1_060_001, 60, Some(61)),
            (i64::MAX, 60, None),
        ] {
            assert_eq!(seconds_left(UnixMillis::new(expires), &clock, least), seconds, "{expires}");
        }
    }
}
