use std::fmt;

/// A guarantee that some backends give and others do not.
///
/// Everything else in the contract of the traits holds for every backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Promise {
    /// A key of an unknown user is rejected, and deleting a user deletes its keys.
    KeysReferenceUsers,
    /// A session of an unknown user is rejected, and deleting a user deletes its sessions.
    SessionsReferenceUsers,
    /// A token of an unknown user is rejected, and deleting a user deletes its tokens.
    TokensReferenceUsers,
    /// A user and its first key are inserted atomically: no reader sees one without the other.
    AtomicUserAndKey,
    /// Attributes are columns: an attribute with any other name is rejected.
    FixedAttributes,
    /// No two users have the same [`USERNAME`](crate::schema::USERNAME).
    UniqueAttributes,
    /// [`APPROVED_BY`](crate::schema::APPROVED_BY) of a session is a foreign key to the user table.
    ReferenceAttributes,
    /// Ids are compared byte by byte, not by a collation that ignores case or accents.
    ExactIds,
    /// Inserting a session whose id is free, and updating a session, are each atomic.
    AtomicWrites,
    /// Rotating a session is atomic with respect to other calls.
    AtomicRotation,
    /// Deleting all sessions of a user is atomic with respect to a session that is inserted meanwhile.
    AtomicDeleteAll,
    /// A session and its index entry are written atomically.
    AtomicIndex,
    /// The store deletes expired sessions, tokens and counters by itself.
    ExpiresRecords,
}

impl Promise {
    /// Every promise.
    pub const ALL: &'static [Self] = &[
        Self::KeysReferenceUsers,
        Self::SessionsReferenceUsers,
        Self::TokensReferenceUsers,
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

    /// The promises of a store that keeps attributes in columns.
    pub const COLUMNS: &'static [Self] = &[Self::FixedAttributes, Self::UniqueAttributes, Self::ReferenceAttributes];

    /// Returns the name that a report gives as the reason of an ignored case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::KeysReferenceUsers => "keys_reference_users",
            Self::SessionsReferenceUsers => "sessions_reference_users",
            Self::TokensReferenceUsers => "tokens_reference_users",
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
