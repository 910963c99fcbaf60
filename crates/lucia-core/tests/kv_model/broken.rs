//! Stores that undo a part of the protocol, to show that the part is needed.

use lucia_core::UnixMillis;

use crate::{operation::KEY, store::Entries};

/// What a store does otherwise than it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    Nothing,
    /// A revocation leaves no tombstone.
    NoTombstones,
    /// A renewal does not look for one.
    TombstonesUnread,
    /// The tombstone comes after the session has gone.
    TombstonesLate,
    /// The session is written before its index entry.
    EntryAfterSession,
    /// The index entry is deleted before its session.
    EntryGoesFirst,
    /// A revocation of all leaves no mark.
    NoMarks,
    /// Nobody looks for one.
    MarksUnread,
    /// It comes after everything was listed.
    MarksLate,
    /// Whoever signs in does not look whether the password has changed.
    PasswordUnread,
    /// Any index entry without a session is taken for a leftover.
    YoungEntriesAreLeftovers,
}

/// A key that is set, or deleted.
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

    fn is_of(&self, prefix: &str, is_put: bool) -> bool {
        self.key.starts_with(prefix) && self.value.is_some() == is_put
    }
}

/// What becomes of a write.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) now: Option<Write>,
    /// Requests of their own, right after this one.
    pub(crate) next: Vec<Write>,
}

const SESSION: &str = "session:";
const ENTRY: &str = "user_session:";
const TOMBSTONE: &str = "session_revoked:";
const MARK: &str = "user_session_revoked:";

impl Broken {
    pub(crate) fn plan(self, write: Write, held_back: &mut Vec<Write>) -> Plan {
        // What is held back, and what it waits for.
        let (held, awaited): ((&str, bool), (&str, bool)) = match self {
            Self::NoTombstones if write.is_of(TOMBSTONE, true) => return Plan::default(),
            Self::NoMarks if write.is_of(MARK, true) => return Plan::default(),
            Self::MarksLate => ((MARK, true), (ENTRY, false)),
            Self::TombstonesLate => ((TOMBSTONE, true), (ENTRY, false)),
            Self::EntryAfterSession => ((ENTRY, true), (SESSION, true)),
            Self::EntryGoesFirst => ((SESSION, false), (ENTRY, false)),
            _ => return Plan { now: Some(write), ..Plan::default() },
        };
        if write.is_of(held.0, held.1) {
            held_back.push(write);
            return Plan::default();
        }
        let next = if write.is_of(awaited.0, awaited.1) { std::mem::take(held_back) } else { Vec::new() };
        Plan { now: Some(write), next }
    }

    pub(crate) fn read(self, key: &str, value: Option<Vec<u8>>) -> Option<Vec<u8>> {
        match self {
            Self::TombstonesUnread if key.starts_with(TOMBSTONE) => None,
            Self::PasswordUnread if key == KEY => None,
            Self::MarksUnread if key.starts_with(MARK) => None,
            Self::YoungEntriesAreLeftovers if key.starts_with(ENTRY) => value.map(|_| b"0".to_vec()),
            _ => value,
        }
    }
}
