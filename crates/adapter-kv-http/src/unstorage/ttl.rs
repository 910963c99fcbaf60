use std::time::Duration;

use lucia_core::{Clock, UnixMillis};

/// The longest time to live. No expiry is set beyond it, because Redis rejects times that overflow its milliseconds.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 24 * 60 * 60);

/// Returns the whole seconds until a time, at least one, or `None` if it is more than a century ahead.
///
/// Servers accept neither absolute times nor fractions, and interpret zero as "no expiry". They are counted from the
/// beginning of the current second, because Cloudflare KV records whole seconds.
pub(super) fn ttl(expires: UnixMillis, clock: &dyn Clock) -> Option<u64> {
    let now = clock.now();
    let begun = Duration::from_millis(now.get().rem_euclid(1_000).unsigned_abs());
    let left = expires.saturating_duration_since(now);
    let seconds = u64::try_from(left.saturating_add(begun).as_millis().div_ceil(1_000)).unwrap_or(u64::MAX);
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

    #[test]
    fn a_store_that_records_whole_seconds_keeps_a_key_long_enough() {
        for (now, expires) in [(1_000_500, 1_002_400), (1_000_999, 1_001_000), (1_000_001, 1_060_000), (-500, 400)] {
            let seconds = ttl(UnixMillis::new(expires), &ManualClock::new(UnixMillis::new(now))).unwrap();
            let recorded = now.div_euclid(1_000) * 1_000 + i64::try_from(seconds).unwrap() * 1_000;
            assert!((expires..expires + 1_000).contains(&recorded), "{now} {expires}: {recorded}");
        }
    }
}
