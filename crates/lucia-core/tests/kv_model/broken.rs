//! Stores that undo one part of the protocol, to show that the part is necessary.

use lucia_core::UnixMillis;

use crate::{operation::KEY, store::Entries};

/// The part of the protocol that a store undoes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    Nothing,
    /// Tombstones are not written.
    NoTombstones,
    /// Tombstones are not read.
    TombstonesUnread,
    /// The tombstone is written after the session and its entry are deleted.
    TombstonesLate,
    /// The session is written before its index entry.
    EntryAfterSession,
    /// The index entry is deleted before its session.
    EntryDeletedFirst,
    /// Marks are not written.
    NoMarks,
    /// Marks are not read.
    MarksUnread,
    /// The mark is written after the deletions.
    MarksLate,
    /// Tombstones do not say that a session was moved.
    MovesUnread,
    /// A sign-in does not notice that the password has changed.
    PasswordUnread,
    /// Conditional writes are made whether or not the condition holds.
    ConditionsIgnored,
    /// Conditional writes that are refused seem to be made.
    RefusalsHidden,
    /// Every index entry without a session is considered stale, however recent it is.
    RecentEntriesAreStale,
}

/// A write or the deletion of a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Write {
    pub(crate) key: String,
    pub(crate) value: Option<(Vec<u8>, UnixMillis)>,
}

impl Write {
    pub(crate) fn apply(self, entries: &mut Entries) {
        match self.value {
            Some(value) => drop(entries.insert(self.key, value)),
            None => drop(entries.remove(&self.key)),
        }
    }

    fn matches(&self, prefix: &str, is_put: bool) -> bool {
        self.key.starts_with(prefix) && self.value.is_some() == is_put
    }
}

/// The writes that a broken store makes instead of one.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) now: Option<Write>,
    /// Written by separate requests, right after this one.
    pub(crate) next: Vec<Write>,
}

const SESSION: &str = "session:";
const ENTRY: &str = "user_session:";
const TOMBSTONE: &str = "session_revoked:";
const MARK: &str = "user_session_revoked:";

impl Broken {
    pub(crate) fn plan(self, write: Write, held_back: &mut Vec<Write>) -> Plan {
        // The write that is held back, and the one that it waits for.
        let (held, awaited): ((&str, bool), (&str, bool)) = match self {
            Self::NoTombstones if write.matches(TOMBSTONE, true) => return Plan::default(),
            Self::NoMarks if write.matches(MARK, true) => return Plan::default(),
            Self::MarksLate => ((MARK, true), (ENTRY, false)),
            Self::TombstonesLate => ((TOMBSTONE, true), (ENTRY, false)),
            Self::EntryAfterSession => ((ENTRY, true), (SESSION, true)),
            Self::EntryDeletedFirst => ((SESSION, false), (ENTRY, false)),
            _ => return Plan { now: Some(write), ..Plan::default() },
        };
        if write.matches(held.0, held.1) {
            held_back.push(write);
            return Plan::default();
        }
        let next = if write.matches(awaited.0, awaited.1) { std::mem::take(held_back) } else { Vec::new() };
        Plan { now: Some(write), next }
    }

    pub(crate) fn read(self, key: &str, value: Option<Vec<u8>>) -> Option<Vec<u8>> {
        match self {
            Self::TombstonesUnread if key.starts_with(TOMBSTONE) => None,
            Self::PasswordUnread if key == KEY => None,
            Self::MovesUnread if key.starts_with(TOMBSTONE) => {
                value.map(|value| value.strip_suffix(b" moved").map_or_else(|| value.clone(), <[u8]>::to_vec))
            }
            Self::MarksUnread if key.starts_with(MARK) => None,
            Self::RecentEntriesAreStale if key.starts_with(ENTRY) => value.map(|_| b"0".to_vec()),
            _ => value,
        }
    }
}
