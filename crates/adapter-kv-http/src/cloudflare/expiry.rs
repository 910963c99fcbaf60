use lucia_core::{Clock, UnixMillis};

/// The API refuses to let a key expire sooner (bug K2).
const MIN_SECONDS: i64 = 60;
/// Below this many seconds a key is given a time to live: the clock of the API may be hours ahead of this one, and refuse a
/// point in time that is ahead here and over there.
const NEAR_SECONDS: i64 = 24 * 60 * 60;
/// The end of time for a `Date` of JavaScript, in seconds.
const END_OF_TIME: i64 = 8_640_000_000_000;

/// When a key expires, as the API has it: the name of its parameter, and seconds. `None` for never.
pub(super) fn expiry(expires: UnixMillis, clock: &dyn Clock) -> Option<(&'static str, u64)> {
    let ahead = ceil_seconds(expires.get().saturating_sub(clock.now().get()));
    let at = ceil_seconds(expires.get());
    if ahead < NEAR_SECONDS {
        // One more, as nobody knows how the API rounds the present.
        return Some(("expiration_ttl", (ahead + 1).max(MIN_SECONDS).unsigned_abs()));
    }
    (at <= END_OF_TIME).then_some(("expiration", at.unsigned_abs()))
}

const fn ceil_seconds(millis: i64) -> i64 {
    let seconds = millis.div_euclid(1_000);
    if millis.rem_euclid(1_000) == 0 { seconds } else { seconds + 1 }
}

#[cfg(test)]
mod tests {
    use lucia_core::ManualClock;
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_700_000_000_000;

    fn at(expires: i64) -> Option<(&'static str, u64)> {
        expiry(UnixMillis::new(expires), &ManualClock::new(UnixMillis::new(NOW)))
    }

    #[test]
    fn k1_an_expiry_is_a_point_in_time() {
        assert_eq!(at(NOW + 86_400_001), Some(("expiration", 1_700_086_401)));
        assert_eq!(at(NOW + 86_400_000), Some(("expiration", 1_700_086_400)));
    }

    #[test]
    fn a_clock_that_is_behind_asks_for_no_time_that_is_over() {
        for ahead in [61_000, 600_000, 900_000, 3_600_000, 86_399_000] {
            assert_eq!(at(NOW + ahead), Some(("expiration_ttl", (ahead / 1_000 + 1).unsigned_abs())));
        }
    }

    #[test]
    fn k2_no_expiry_is_less_than_a_minute_ahead() {
        for expires in [i64::MIN, -1, 0, NOW, NOW + 900, NOW + 59_000] {
            assert_eq!(at(expires), Some(("expiration_ttl", 60)), "{expires}");
        }
        assert_eq!(at(NOW + 59_001), Some(("expiration_ttl", 61)));
    }

    #[test]
    fn what_javascript_has_no_date_for_never_expires() {
        assert_eq!(at(i64::MAX), None);
        assert_eq!(at((1 << 53) - 1), None);
    }

    proptest! {
        #[test]
        fn no_key_goes_before_its_time(now in 0_i64..8_640_000_000_000_000, expires: i64) {
            let end = match expiry(UnixMillis::new(expires), &ManualClock::new(UnixMillis::new(now))) {
                Some(("expiration", seconds)) => i128::from(seconds) * 1_000,
                Some((_, seconds)) => i128::from(now / 1_000) * 1_000 + i128::from(seconds) * 1_000,
                None => i128::MAX,
            };
            prop_assert!(end >= i128::from(expires));
        }
    }
}
