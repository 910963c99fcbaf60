//! The expiries of keys.

use std::time::Duration;

use crate::UnixMillis;

/// Longer than any operation takes, however slow its store.
const SLACK: Duration = Duration::from_secs(24 * 3_600);
/// More than the difference between the clocks of an application and its store.
const SKEW: Duration = Duration::from_secs(10 * 60);
/// The longest time for which browsers keep a cookie.
const COOKIE: Duration = Duration::from_secs(400 * 24 * 3_600);
/// Index entries expire at multiples of this, so that few renewals rewrite theirs.
const PERIOD_MILLIS: i64 = 30 * 24 * 3_600_000;

/// Returns the time from which the store may drop a session, which is valid in its last millisecond.
pub(super) fn of_session(idle_expires: UnixMillis) -> UnixMillis {
    idle_expires.saturating_add(Duration::from_millis(1))
}

/// Returns the time from which the store may drop the index entry of a session: 1 to 31 days after the session.
pub(super) fn of_index_entry(idle_expires: UnixMillis) -> UnixMillis {
    let least = idle_expires.saturating_add(SLACK).get();
    let over = least.rem_euclid(PERIOD_MILLIS);
    UnixMillis::new(if over == 0 { least } else { least.saturating_add(PERIOD_MILLIS - over) })
}

/// Returns the time from which the store may drop an index entry that replaces a list of Lucia JS: late enough for a
/// parallel renewal, which does not see it.
pub(super) fn of_moved_entry(idle_expires: UnixMillis) -> UnixMillis {
    of_index_entry(idle_expires.saturating_add(COOKIE))
}

/// Returns the time from which the store may drop a tombstone: every renewal that found the session live has ended, and
/// no cookie contains its id.
pub(super) fn of_tombstone(idle_expires: UnixMillis, now: UnixMillis) -> UnixMillis {
    idle_expires.max(now).min(now.saturating_add(COOKIE)).saturating_add(SLACK)
}

/// Returns the time from which the store may drop a mark: every rotation that started before it has ended.
pub(super) fn of_mark(now: UnixMillis) -> UnixMillis {
    now.saturating_add(SLACK)
}

/// Returns the time from which an expired mark may be deleted: every clock considers it expired.
pub(super) fn of_expired_mark(expires: UnixMillis) -> UnixMillis {
    expires.saturating_add(SLACK)
}

/// Returns `true` if every clock considers the session expired.
pub(super) fn is_expired_by_every_clock(idle_expires: UnixMillis, now: UnixMillis) -> bool {
    idle_expires.saturating_add(SKEW) < now
}

/// The end of a tombstone's value if the session is stored under the hash of the id.
pub(super) const MOVED: &[u8] = b" moved";

/// Returns the value of a tombstone: its expiry in decimal digits.
pub(super) fn to_value(expires: UnixMillis) -> Vec<u8> {
    expires.get().to_string().into_bytes()
}

/// Parses the value of a tombstone. `None` for other values.
pub(super) fn from_value(value: &[u8]) -> Option<UnixMillis> {
    let digits = value.strip_suffix(MOVED).unwrap_or(value);
    std::str::from_utf8(digits).ok()?.parse().ok().map(UnixMillis::new)
}

/// Returns `true` for the tombstone of an id whose session is stored under its hash.
pub(super) fn is_of_moved(tombstone: &[u8]) -> bool {
    tombstone.ends_with(MOVED)
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
        fn tombstones_outlive_every_renewal_in_progress_and_expire(idle: i64, now in 0..9_000_000_000_000_i64) {
            let tombstone = of_tombstone(UnixMillis::new(idle), UnixMillis::new(now)).get();
            prop_assert!((now + DAY..=now + 401 * DAY).contains(&tombstone), "{idle} {now} {tombstone}");
        }

        #[test]
        fn values_contain_the_time(millis: i64) {
            let expires = UnixMillis::new(millis);
            let (ended, moved) = (to_value(expires), [&to_value(expires), MOVED].concat());
            prop_assert_eq!([from_value(&ended), from_value(&moved)], [Some(expires); 2]);
            prop_assert!(is_of_moved(&moved) && !is_of_moved(&ended));
        }

        #[test]
        fn no_value_panics(value: Vec<u8>) {
            from_value(&value);
        }
    }

    #[test]
    fn expiry_by_every_clock_allows_for_a_difference_of_ten_minutes() {
        let now = UnixMillis::new(1_800_000_000_000);
        let idle = |minutes: i64| UnixMillis::new(now.get() - minutes * 60_000);
        assert!(
            is_expired_by_every_clock(idle(11), now)
                && !is_expired_by_every_clock(idle(9), now)
                && !is_expired_by_every_clock(idle(-1), now)
        );
        assert!(!is_expired_by_every_clock(UnixMillis::MAX, UnixMillis::MAX));
    }
}
