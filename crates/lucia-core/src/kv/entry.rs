//! The value of an index entry, JSON. It is never empty, because some servers drop empty values.

use serde::{Deserialize, Serialize};

use super::lifetime;
use crate::UnixMillis;

#[derive(Debug, Deserialize, Serialize, PartialEq, Eq)]
pub(super) struct IndexEntry {
    /// The time from which the store may drop the entry.
    pub(super) expires: UnixMillis,
    /// The session's expiry when the entry was written. Renewals rarely rewrite it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) idle_expires: Option<UnixMillis>,
    /// The epoch of the user's [`Mark`](super::mark::Mark) that the session's creation found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) epoch: Option<String>,
}

impl IndexEntry {
    /// Parses an entry. `None` for other values, such as the list or the empty value of Lucia JS.
    pub(super) fn from_value(value: &[u8]) -> Option<Self> {
        match lifetime::from_value(value) {
            Some(expires) => Some(Self { expires, idle_expires: None, epoch: None }),
            // serde would accept an array as an entry.
            None if value.starts_with(b"{") => serde_json::from_slice(value).ok(),
            None => None,
        }
    }

    pub(super) fn to_value(&self) -> Vec<u8> {
        #[expect(clippy::expect_used, reason = "every part is a string or an integer already")]
        serde_json::to_vec(self).expect("an index entry is always representable in JSON")
    }

    /// Returns `true` if an entry without a session is obsolete: no live session is about to be written.
    pub(super) fn is_obsolete(&self, now: UnixMillis) -> bool {
        self.idle_expires.map_or(self.expires < now, |idle| lifetime::is_expired_by_every_clock(idle, now))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_value_of_earlier_releases_is_its_expiry() {
        let entry = IndexEntry::from_value(b"1800000000000").unwrap();
        assert_eq!(entry, IndexEntry { expires: UnixMillis::new(1_800_000_000_000), idle_expires: None, epoch: None });
        for other in [&b""[..], b"[]", b"[1,2]", br#"["s1"]"#, b"null", b"1.5", b"\xff"] {
            assert_eq!(IndexEntry::from_value(other), None);
        }
    }

    #[test]
    fn entries_of_expired_sessions_are_obsolete() {
        let now = UnixMillis::new(1_800_000_000_000);
        let entry = |value: &str| IndexEntry::from_value(value.as_bytes()).unwrap();
        assert!(entry("1799999999999").is_obsolete(now) && !entry("1800000000000").is_obsolete(now));
        let with_idle = |idle: i64| entry(&format!(r#"{{"expires":0,"idle_expires":{idle}}}"#));
        assert!(with_idle(1_799_990_000_000).is_obsolete(now) && !with_idle(1_799_999_999_000).is_obsolete(now));
    }

    proptest! {
        #[test]
        fn entries_round_trip(expires: i64, idle: Option<i64>, epoch: Option<String>) {
            let entry = IndexEntry { expires: UnixMillis::new(expires), idle_expires: idle.map(UnixMillis::new), epoch };
            prop_assert_eq!(IndexEntry::from_value(&entry.to_value()), Some(entry));
        }

        #[test]
        fn no_value_panics(value: Vec<u8>) {
            IndexEntry::from_value(&value);
        }
    }
}
