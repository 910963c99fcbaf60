use std::fmt;

/// The version of a key's value in a store with [conditional writes](super::KvStore::conditional), such as an `ETag`, a
/// generation or a revision.
///
/// The store chooses the text. Others only pass it back in [`KvCondition::Version`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct KvVersion(String);

impl KvVersion {
    /// Creates a version.
    #[must_use]
    pub fn new(version: impl Into<String>) -> Self {
        Self(version.into())
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for KvVersion {
    /// Omits the text: an `ETag` may be a hash of the value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KvVersion").finish_non_exhaustive()
    }
}

/// The condition of a write; see [`KvStore::put_if`](super::KvStore::put_if).
// Exhaustive, so that a store handles each of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum KvCondition {
    /// The key is absent.
    Absent,
    /// The value of the key has this version.
    Version(KvVersion),
}
