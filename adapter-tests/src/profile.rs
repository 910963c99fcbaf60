use std::{borrow::Borrow, collections::BTreeSet};

use crate::{access::Access, promise::Promise};

/// The promises of a backend and the operations of its back door. They decide which cases run.
///
/// ```
/// use adapter_tests::{Access, Profile, Promise};
///
/// let sql = Profile::relational().with_access([Access::Corruption]);
/// let memory = Profile::relational().without(Promise::COLUMNS);
/// let key_value = Profile::key_value().with([Promise::AtomicDeleteAll]).with_access(Access::ALL);
/// assert!(sql.promises(Promise::FixedAttributes) && !memory.promises(Promise::FixedAttributes));
/// assert!(key_value.promises(Promise::ExpiresRecords) && key_value.allows(Access::Index));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    promises: BTreeSet<Promise>,
    access: BTreeSet<Access>,
    page_size: usize,
}

impl Profile {
    /// Creates the profile of a backend that promises nothing and has no back door.
    #[must_use]
    pub fn none() -> Self {
        Self { promises: BTreeSet::new(), access: BTreeSet::new(), page_size: 1_000 }
    }

    /// Creates the profile of a backend that makes every promise and has no back door.
    #[must_use]
    pub fn all() -> Self {
        Self::none().with(Promise::ALL)
    }

    /// Creates the profile of a relational database: every promise except [`Promise::ExpiresRecords`].
    #[must_use]
    pub fn relational() -> Self {
        Self::all().without([Promise::ExpiresRecords])
    }

    /// Creates the profile of sessions in a plain key-value store with expiring keys: [`Promise::ExactIds`] and
    /// [`Promise::ExpiresRecords`].
    ///
    /// A store whose reads and listings are always current also promises [`Promise::AtomicDeleteAll`], and one with
    /// conditional writes [`Promise::AtomicWrites`] and [`Promise::AtomicRotation`].
    #[must_use]
    pub fn key_value() -> Self {
        Self::none().with([Promise::ExactIds, Promise::ExpiresRecords])
    }

    /// Adds promises.
    #[must_use]
    pub fn with(mut self, promises: impl IntoIterator<Item: Borrow<Promise>>) -> Self {
        self.promises.extend(promises.into_iter().map(|promise| *promise.borrow()));
        self
    }

    /// Removes promises.
    #[must_use]
    pub fn without(mut self, promises: impl IntoIterator<Item: Borrow<Promise>>) -> Self {
        for promise in promises {
            self.promises.remove(promise.borrow());
        }
        self
    }

    /// Adds operations that the back door supports.
    #[must_use]
    pub fn with_access(mut self, access: impl IntoIterator<Item: Borrow<Access>>) -> Self {
        self.access.extend(access.into_iter().map(|access| *access.borrow()));
        self
    }

    /// Sets the number of records that the backend lists, reads or deletes in one request, at least one. The cases that
    /// need several pages store more records than that. Defaults to 1,000, as many as most services allow.
    ///
    /// A smaller number saves time if every page of the backend and of its adapter is as small, or if it has no pages:
    /// records that fit into one page would hide that the next one is missing.
    ///
    /// ```
    /// use adapter_tests::Profile;
    ///
    /// assert_eq!(Profile::key_value().page_size(), 1_000);
    /// assert_eq!(Profile::key_value().with_page_size(100).page_size(), 100);
    /// ```
    #[must_use]
    pub fn with_page_size(mut self, records: usize) -> Self {
        self.page_size = records.max(1);
        self
    }

    /// Returns the number of records on a page.
    #[must_use]
    pub fn page_size(&self) -> usize {
        self.page_size
    }

    /// Returns `true` if the backend makes this promise.
    #[must_use]
    pub fn promises(&self, promise: Promise) -> bool {
        self.promises.contains(&promise)
    }

    /// Returns `true` if the back door supports this operation.
    #[must_use]
    pub fn allows(&self, access: Access) -> bool {
        self.access.contains(&access)
    }
}

impl Default for Profile {
    /// Returns [`Profile::none`].
    fn default() -> Self {
        Self::none()
    }
}
