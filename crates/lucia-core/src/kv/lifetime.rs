//! How long the keys beside a session live, and the value that says so: milliseconds since 1970 in decimal digits.
//!
//! A value is never empty, because some servers drop empty ones.

use std::time::Duration;

use crate::UnixMillis;

/// Longer than any operation is under way, however slow its store.
const SLACK: Duration = Duration::from_secs(24 * 3_600);
const MOVED: Duration = Duration::from_secs(400 * 24 * 3_600);
/// Index entries expire at multiples of this, so that few renewals have to write theirs anew.
const PERIOD_MILLIS: i64 = 30 * 24 * 3_600_000;

/// When the store may drop a session: not in its last millisecond.
pub(super) fn of_session(idle_expires: UnixMillis) -> UnixMillis {
    idle_expires.saturating_add(Duration::from_millis(1))
}

/// When the store may drop the index entry of a session: at least a day after it, and at most a month and a day.
pub(super) fn of_index_entry(idle_expires: UnixMillis) -> UnixMillis {
    let least = idle_expires.saturating_add(SLACK).get();
    let over = least.rem_euclid(PERIOD_MILLIS);
    UnixMillis::new(if over == 0 { least } else { least.saturating_add(PERIOD_MILLIS - over) })
}

/// When the store may drop an index entry that is written from the list of Lucia JS: late enough for a renewal at the same
/// time, which cannot see it.
pub(super) fn of_moved_entry(idle_expires: UnixMillis) -> UnixMillis {
    of_index_entry(idle_expires.saturating_add(MOVED))
}

/// When the store may forget that a session was revoked: no renewal that found it alive is under way any more.
pub(super) fn of_tombstone(idle_expires: UnixMillis, now: UnixMillis) -> UnixMillis {
    idle_expires.max(now).saturating_add(SLACK)
}

pub(super) fn to_value(expires: UnixMillis) -> Vec<u8> {
    expires.get().to_string().into_bytes()
}

/// The time that a value says; `None` if it is no such value.
pub(super) fn from_value(value: &[u8]) -> Option<UnixMillis> {
    std::str::from_utf8(value).ok()?.parse().ok().map(UnixMillis::new)
}

/// Whether what has this value has expired.
pub(super) fn is_over(value: &[u8], now: UnixMillis) -> bool {
    from_value(value).is_some_and(|expires| expires < now)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: i64 = 24 * 3_600_000;

    proptest! {
        #[test]
        fn index_entries_outlive_their_session(idle in -4_000_000_000_000..9_000_000_000_000_i64) {
            let entry = of_index_entry(UnixMillis::new(idle)).get();
            prop_assert!((idle + DAY..=idle + 31 * DAY).contains(&entry), "{idle} {entry}");
        }

        #[test]
        fn a_longer_session_never_has_a_shorter_entry(idle: i64, more in 0..i64::MAX) {
            let [short, long] = [idle, idle.saturating_add(more)].map(|idle| of_index_entry(UnixMillis::new(idle)));
            prop_assert!(short <= long);
        }

        #[test]
        fn values_say_the_time(millis: i64) {
            let expires = UnixMillis::new(millis);
            prop_assert_eq!(from_value(&to_value(expires)), Some(expires));
        }

        #[test]
        fn no_value_panics(value: Vec<u8>, now: i64) {
            is_over(&value, UnixMillis::new(now));
        }
    }

    #[test]
    fn only_what_says_so_is_over() {
        let now = UnixMillis::new(1_000);
        assert!(is_over(b"999", now) && !is_over(b"1000", now));
        assert!(!is_over(b"", now) && !is_over(b"what a later release wrote", now));
    }
}
