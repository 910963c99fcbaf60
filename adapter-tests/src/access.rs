use std::fmt;

/// An operation that a backend's [`BackDoor`](crate::BackDoor) supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Access {
    /// Reads and replaces the stored JSON of a session.
    RawSessions,
    /// Makes a stored session unreadable.
    Corruption,
    /// Reads and extends the index of a user's sessions, and lets a session expire without its index entry.
    Index,
    /// Reads the expiry that the store has recorded for a session and for the index, or for a token and a counter.
    RecordedExpiry,
    /// Makes a write fail.
    FailingWrites,
    /// Reads everything that the store holds.
    StoredBytes,
    /// Opens two stores side by side; see [`Backend::open_neighbours`](crate::Backend::open_neighbours).
    Neighbours,
}

impl Access {
    /// Every operation.
    pub const ALL: &'static [Self] = &[
        Self::RawSessions,
        Self::Corruption,
        Self::Index,
        Self::RecordedExpiry,
        Self::FailingWrites,
        Self::StoredBytes,
        Self::Neighbours,
    ];

    /// Returns the name that a report gives as the reason of an ignored case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RawSessions => "raw_sessions",
            Self::Corruption => "corruption",
            Self::Index => "index",
            Self::RecordedExpiry => "recorded_expiry",
            Self::FailingWrites => "failing_writes",
            Self::StoredBytes => "stored_bytes",
            Self::Neighbours => "neighbours",
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
