use std::{collections::BTreeSet, fmt};

/// Something that one backend guarantees and another does not.
///
/// Everything else in the contract of the traits holds for every backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Promise {
    /// A key of an unknown user is refused, and deleting a user deletes its keys.
    KeysReferenceUsers,
    /// A session of an unknown user is refused, and deleting a user deletes its sessions.
    SessionsReferenceUsers,
    /// A user and its first key are inserted both or not at all, and so that nobody sees one of them alone.
    AtomicUserAndKey,
    /// The store has columns: an attribute of any other name is refused.
    FixedAttributes,
    /// No two users have the same [`USERNAME`](crate::schema::USERNAME).
    UniqueAttributes,
    /// [`APPROVED_BY`](crate::schema::APPROVED_BY) of a session is a foreign key to the user table.
    ReferenceAttributes,
    /// Ids are compared byte by byte. A database with a collation that ignores case or accents compares them otherwise.
    ExactIds,
    /// Inserting a session if there is none of its id, and updating one, are each a single step.
    AtomicWrites,
    /// Rotating a session is a single step.
    AtomicRotation,
    /// Deleting all sessions of a user is a single step as far as a session that is inserted meanwhile is concerned.
    AtomicDeleteAll,
    /// A session and its index entry are written in a single step: an entry without a session is a leftover.
    AtomicIndex,
    /// The store drops a session by itself when it has expired.
    ExpiresRecords,
}

impl Promise {
    /// Every promise.
    pub const ALL: [Self; 12] = [
        Self::KeysReferenceUsers,
        Self::SessionsReferenceUsers,
        Self::AtomicUserAndKey,
        Self::FixedAttributes,
        Self::UniqueAttributes,
        Self::ReferenceAttributes,
        Self::ExactIds,
        Self::AtomicWrites,
        Self::AtomicRotation,
        Self::AtomicDeleteAll,
        Self::AtomicIndex,
        Self::ExpiresRecords,
    ];

    /// The name by which a report gives it as a reason.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::KeysReferenceUsers => "keys_reference_users",
            Self::SessionsReferenceUsers => "sessions_reference_users",
            Self::AtomicUserAndKey => "atomic_user_and_key",
            Self::FixedAttributes => "fixed_attributes",
            Self::UniqueAttributes => "unique_attributes",
            Self::ReferenceAttributes => "reference_attributes",
            Self::ExactIds => "exact_ids",
            Self::AtomicWrites => "atomic_writes",
            Self::AtomicRotation => "atomic_rotation",
            Self::AtomicDeleteAll => "atomic_delete_all",
            Self::AtomicIndex => "atomic_index",
            Self::ExpiresRecords => "expires_records",
        }
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a backend's [`BackDoor`](crate::BackDoor) can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Access {
    /// Read and replace the stored JSON of a session.
    RawSessions,
    /// Make a stored session unreadable.
    Corruption,
    /// Read and extend the index of a user's sessions, and let a session expire under it.
    Index,
    /// Read the expiry that the store has recorded for a session and for the index.
    RecordedExpiry,
    /// Make a write fail.
    FailingWrites,
    /// Open two stores side by side; see [`Backend::open_neighbours`](crate::Backend::open_neighbours).
    Neighbours,
}

impl Access {
    /// The name by which a report gives it as a reason.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RawSessions => "raw_sessions",
            Self::Corruption => "corruption",
            Self::Index => "index",
            Self::RecordedExpiry => "recorded_expiry",
            Self::FailingWrites => "failing_writes",
            Self::Neighbours => "neighbours",
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a backend promises, and what its back door can do. It decides which cases run.
///
/// ```
/// use adapter_tests::{Access, Profile, Promise};
///
/// let sql = Profile::all().without(Promise::ExpiresRecords).with_access(Access::Corruption);
/// let key_value = Profile::none().with(Promise::ExactIds).with(Promise::ExpiresRecords);
/// assert!(sql.promises(Promise::AtomicUserAndKey) && !key_value.promises(Promise::AtomicUserAndKey));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    promises: BTreeSet<Promise>,
    access: BTreeSet<Access>,
}

impl Profile {
    /// Nothing is promised, and there is no back door.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Everything is promised. There is no back door.
    #[must_use]
    pub fn all() -> Self {
        Self { promises: Promise::ALL.into(), access: BTreeSet::new() }
    }

    /// Adds a promise.
    #[must_use]
    pub fn with(mut self, promise: Promise) -> Self {
        self.promises.insert(promise);
        self
    }

    /// Takes a promise away.
    #[must_use]
    pub fn without(mut self, promise: Promise) -> Self {
        self.promises.remove(&promise);
        self
    }

    /// Says that the back door can do this.
    #[must_use]
    pub fn with_access(mut self, access: Access) -> Self {
        self.access.insert(access);
        self
    }

    /// Whether the backend promises this.
    #[must_use]
    pub fn promises(&self, promise: Promise) -> bool {
        self.promises.contains(&promise)
    }

    /// Whether the back door can do this.
    #[must_use]
    pub fn allows(&self, access: Access) -> bool {
        self.access.contains(&access)
    }
}
