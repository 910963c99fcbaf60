//! How long the keys beside a session live.

use std::time::Duration;

use crate::UnixMillis;

/// Longer than any operation is under way, however slow its store.
const SLACK: Duration = Duration::from_secs(24 * 3_600);
/// More than the clocks of an application and of its store differ by.
const SKEW: Duration = Duration::from_secs(10 * 60);
/// No browser keeps a cookie for longer.
const COOKIE: Duration = Duration::from_secs(400 * 24 * 3_600);
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

/// When the store may drop an index entry that is written from a list of Lucia JS: late enough for a renewal at the same
/// time, which cannot see it.
pub(super) fn of_moved_entry(idle_expires: UnixMillis) -> UnixMillis {
    of_index_entry(idle_expires.saturating_add(COOKIE))
}

/// When the store may forget that a session was revoked: no renewal that found it alive is under way any more, and nobody
/// presents its id.
pub(super) fn of_tombstone(idle_expires: UnixMillis, now: UnixMillis) -> UnixMillis {
    idle_expires.max(now).min(now.saturating_add(COOKIE)).saturating_add(SLACK)
}

/// When the store may forget that all sessions of a user were revoked: no rotation that began before is under way any more.
pub(super) fn of_mark(now: UnixMillis) -> UnixMillis {
    now.saturating_add(SLACK)
}

/// When a sweep may delete a mark: no clock that is behind finds it in force any more.
pub(super) fn of_swept_mark(expires: UnixMillis) -> UnixMillis {
    expires.saturating_add(SLACK)
}

/// Whether a session is dead by every clock.
pub(super) fn is_long_dead(idle_expires: UnixMillis, now: UnixMillis) -> bool {
    idle_expires.saturating_add(SKEW) < now
}

/// The value of a tombstone: when it expires, in decimal digits.
pub(super) fn to_value(expires: UnixMillis) -> Vec<u8> {
    expires.get().to_string().into_bytes()
}

/// The time that a value says; `None` if it is another value.
pub(super) fn from_value(value: &[u8]) -> Option<UnixMillis> {
    std::str::from_utf8(value).ok()?.parse().ok().map(UnixMillis::new)
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
        fn tombstones_outlive_whatever_is_under_way_and_end(idle: i64, now in 0..9_000_000_000_000_i64) {
            let tombstone = of_tombstone(UnixMillis::new(idle), UnixMillis::new(now)).get();
            prop_assert!((now + DAY..=now + 401 * DAY).contains(&tombstone), "{idle} {now} {tombstone}");
        }

        #[test]
        fn values_say_the_time(millis: i64) {
            let expires = UnixMillis::new(millis);
            prop_assert_eq!(from_value(&to_value(expires)), Some(expires));
        }

        #[test]
        fn no_value_panics(value: Vec<u8>) {
            from_value(&value);
        }
    }

    #[test]
    fn a_session_is_long_dead_when_no_clock_says_otherwise() {
        let now = UnixMillis::new(1_800_000_000_000);
        let idle = |minutes: i64| UnixMillis::new(now.get() - minutes * 60_000);
        assert!(is_long_dead(idle(11), now) && !is_long_dead(idle(9), now) && !is_long_dead(idle(-1), now));
        assert!(!is_long_dead(UnixMillis::MAX, UnixMillis::MAX));
    }
}
