//! What Workers KV takes.

use lucia_core::UnixMillis;

use super::CloudflareKvError;

/// The longest key, in bytes.
pub(super) const MAX_KEY: usize = 512;
/// The longest value, in bytes.
const MAX_VALUE: usize = 25 * 1024 * 1024;
/// How many keys one bulk read takes.
pub(super) const MAX_BULK: usize = 100;
/// No key goes earlier than this many seconds from now.
const MIN_TTL: i64 = 60;
/// Below this many seconds a key is given a time to live instead of a point in time. The clock of KV may be ahead of a
/// Worker's, whose clock stands still while it computes: a point in time that is ahead here may be over there.
const NEAR: i64 = 24 * 60 * 60;
/// The end of time for a `Date` of JavaScript, in seconds.
const END_OF_TIME: i64 = 8_640_000_000_000;

/// Whether there can be a value under a key.
pub(super) const fn holds_key(key: &str) -> bool {
    key.len() <= MAX_KEY
}

/// Refuses what KV would refuse, with a reason that can be told apart (bug K7).
pub(super) const fn check(key: &str, value: &[u8]) -> Result<(), CloudflareKvError> {
    if !holds_key(key) {
        return Err(CloudflareKvError::KeyTooLong { bytes: key.len() });
    }
    if value.len() > MAX_VALUE {
        return Err(CloudflareKvError::ValueTooLong { bytes: value.len() });
    }
    Ok(())
}

/// When KV is told to drop a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expiry {
    /// So many seconds from now.
    After(u64),
    /// So many seconds after 1970.
    At(u64),
    Never,
}

impl Expiry {
    /// The first moment that KV can express at which `expires` is over (bugs K1, K2).
    pub(super) fn new(now: UnixMillis, expires: UnixMillis) -> Self {
        let ahead = ceil_seconds(expires.get().saturating_sub(now.get()));
        let at = ceil_seconds(expires.get());
        if ahead < NEAR {
            // One more, as KV counts from the beginning of the present second.
            Self::After((ahead + 1).max(MIN_TTL).unsigned_abs())
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
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn k7_long_keys_and_values_are_refused() {
        assert!(check(&"k".repeat(512), b"").is_ok());
        let refused = check(&"é".repeat(257), b"");
        assert!(matches!(refused, Err(CloudflareKvError::KeyTooLong { bytes: 514 })), "{refused:?}");
        let refused = check("k", &vec![0; MAX_VALUE + 1]);
        assert!(matches!(refused, Err(CloudflareKvError::ValueTooLong { .. })), "{refused:?}");
    }

    #[test]
    fn k1_an_expiry_is_a_point_in_time() {
        let now = UnixMillis::new(1_700_000_000_000);
        let expires = now.saturating_add(Duration::from_millis(86_400_001));
        assert_eq!(Expiry::new(now, expires), Expiry::At(1_700_086_401));
    }

    #[test]
    fn a_clock_that_is_behind_asks_for_no_time_that_is_over() {
        let now = UnixMillis::new(1_700_000_000_000);
        for seconds in [61, 600, 900, 3_600, 86_399] {
            let expires = now.saturating_add(Duration::from_secs(seconds));
            assert_eq!(Expiry::new(now, expires), Expiry::After(seconds + 1));
        }
    }

    #[test]
    fn k2_no_expiry_is_less_than_a_minute_ahead() {
        let now = UnixMillis::new(1_700_000_000_000);
        for expires in [i64::MIN, -1, 0, now.get(), now.get() + 900, now.get() + 59_000] {
            assert_eq!(Expiry::new(now, UnixMillis::new(expires)), Expiry::After(60), "{expires}");
        }
        assert_eq!(Expiry::new(now, now.saturating_add(Duration::from_millis(59_001))), Expiry::After(61));
    }

    #[test]
    fn what_javascript_has_no_date_for_never_expires() {
        assert_eq!(Expiry::new(UnixMillis::EPOCH, UnixMillis::MAX), Expiry::Never);
        assert_eq!(Expiry::new(UnixMillis::EPOCH, UnixMillis::new((1 << 53) - 1)), Expiry::Never);
    }

    proptest! {
        #[test]
        fn no_key_goes_before_its_time(now in 0_i64..8_640_000_000_000_000, expires: i64) {
            let end = match Expiry::new(UnixMillis::new(now), UnixMillis::new(expires)) {
                Expiry::After(seconds) => i128::from(now / 1_000) * 1_000 + i128::from(seconds) * 1_000,
                Expiry::At(seconds) => i128::from(seconds) * 1_000,
                Expiry::Never => i128::MAX,
            };
            prop_assert!(end >= i128::from(expires));
            prop_assert!(end >= i128::from(now / 1_000) * 1_000 + 60_000);
        }
    }
}
