use std::time::Duration;

use crate::UnixMillis;

/// Closer than this to the present, a key gets a time to live: a service whose clock is ahead would refuse a point in
/// time that it has passed.
const NEAR_SECONDS: i64 = 24 * 60 * 60;

/// The last second that a `Date` of JavaScript can express.
const END_OF_TIME: i64 = 8_640_000_000_000;

/// The expiry of a key, for services that count in whole seconds.
///
/// ```
/// use std::time::Duration;
/// use lucia_core::{UnixMillis, kv::Expiry};
///
/// const MIN_TTL: Duration = Duration::from_secs(60);
/// let now = UnixMillis::new(1_700_000_000_000);
///
/// let soon = now.saturating_add(Duration::from_secs(5));
/// assert_eq!(Expiry::new(soon, now, MIN_TTL), Expiry::After(60));
/// let later = now.saturating_add(Duration::from_millis(86_400_001));
/// assert_eq!(Expiry::new(later, now, MIN_TTL), Expiry::At(1_700_086_401));
/// ```
// Exhaustive, so that a store handles each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Expiry {
    /// This many seconds from now.
    After(u64),
    /// This many seconds after 1970 began.
    At(u64),
    /// Never: the time is beyond what services can express.
    Never,
}

impl Expiry {
    /// Returns the earliest expiry that a service accepts and that is not before `expires`. `min_ttl`, in whole
    /// seconds, is the shortest time to live that the service accepts.
    #[must_use]
    pub fn new(expires: UnixMillis, now: UnixMillis, min_ttl: Duration) -> Self {
        let ahead = ceil_seconds(expires.get().saturating_sub(now.get()));
        let at = ceil_seconds(expires.get());
        if ahead < NEAR_SECONDS {
            // One more, because the service may count from the beginning of the present second.
            let ttl = (ahead + 1).max(1).unsigned_abs();
            Self::After(ttl.max(min_ttl.as_secs()))
        } else if at <= END_OF_TIME {
            Self::At(at.unsigned_abs())
        } else {
            Self::Never
        }
    }
}

const fn ceil_seconds(millis: i64) -> i64 {
    let seconds = millis.div_euclid(1_000);
    if millis.rem_euclid(1_000) == 0 { seconds } else { seconds + 1 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_700_000_000_000;
    const MIN_TTL: Duration = Duration::from_secs(60);

    fn at(expires: i64) -> Expiry {
        Expiry::new(UnixMillis::new(expires), UnixMillis::new(NOW), MIN_TTL)
    }

    #[test]
    fn k1_an_expiry_is_a_point_in_time() {
        assert_eq!(at(NOW + 86_400_001), Expiry::At(1_700_086_401));
        assert_eq!(at(NOW + 86_400_000), Expiry::At(1_700_086_400));
    }

    #[test]
    fn a_slow_clock_requests_no_expiry_in_the_past() {
        for ahead in [61_000, 600_000, 900_000, 3_600_000, 86_399_000] {
            assert_eq!(at(NOW + ahead), Expiry::After((ahead / 1_000 + 1).unsigned_abs()));
        }
    }

    #[test]
    fn k2_no_expiry_is_shorter_than_the_service_accepts() {
        for expires in [i64::MIN, -1, 0, NOW, NOW + 900, NOW + 59_000] {
            assert_eq!(at(expires), Expiry::After(60), "{expires}");
        }
        assert_eq!(at(NOW + 59_001), Expiry::After(61));
        let past = Expiry::new(UnixMillis::EPOCH, UnixMillis::new(NOW), Duration::ZERO);
        assert_eq!(past, Expiry::After(1), "zero would mean no expiry to some services");
    }

    #[test]
    fn what_javascript_has_no_date_for_never_expires() {
        assert_eq!(at(i64::MAX), Expiry::Never);
        assert_eq!(at((1 << 53) - 1), Expiry::Never);
    }

    proptest! {
        #[test]
        fn no_key_goes_before_its_time(now in 0_i64..8_640_000_000_000_000, expires: i64) {
            let end = match Expiry::new(UnixMillis::new(expires), UnixMillis::new(now), MIN_TTL) {
                Expiry::After(seconds) => i128::from(now / 1_000) * 1_000 + i128::from(seconds) * 1_000,
                Expiry::At(seconds) => i128::from(seconds) * 1_000,
                Expiry::Never => i128::MAX,
            };
            prop_assert!(end >= i128::from(expires));
            prop_assert!(end >= i128::from(now / 1_000) * 1_000 + 60_000);
        }
    }
}
