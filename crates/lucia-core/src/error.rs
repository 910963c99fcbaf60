use std::{error::Error, fmt};

/// What an adapter method returns.
pub type AdapterResult<T> = Result<T, AdapterError>;

/// What went wrong in an adapter, as far as a caller can act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AdapterErrorKind {
    /// Insert: a user with this id exists already.
    DuplicateUserId,
    /// Insert or rename: a key with this id exists already.
    DuplicateKeyId,
    /// Insert or rotation: a session with this id exists already.
    DuplicateSessionId,
    /// There is no user with this id.
    InvalidUserId,
    /// There is no key with this id.
    InvalidKeyId,
    /// There is no session with this id.
    InvalidSessionId,
    /// Another row has this value in a unique attribute, which [`AdapterError::attribute`] names where it is known.
    DuplicateAttribute,
    /// The store has no place for an attribute, or not for a value of this kind; [`AdapterError::attribute`] names it.
    InvalidAttribute,
    /// The store cannot hold this id: it is too long, or has a character that the store has no way to write.
    UnsupportedId,
    /// The condition of an update was not met: somebody changed the row first.
    Conflict,
    /// What is stored is not what an adapter of this kind writes.
    Decode,
    /// The store could not be reached, or did not answer in time. Trying again may help.
    Unavailable,
    /// Any other failure of the store; [`source`](Error::source) has the driver's own error.
    Backend,
}

impl AdapterErrorKind {
    const fn describe(self) -> &'static str {
        match self {
            Self::DuplicateUserId => "a user with this id exists already",
            Self::DuplicateKeyId => "a key with this id exists already",
            Self::DuplicateSessionId => "a session with this id exists already",
            Self::InvalidUserId => "there is no user with this id",
            Self::InvalidKeyId => "there is no key with this id",
            Self::InvalidSessionId => "there is no session with this id",
            Self::DuplicateAttribute => "the value of a unique attribute is taken",
            Self::InvalidAttribute => "the store cannot hold an attribute",
            Self::UnsupportedId => "the store cannot hold this id",
            Self::Conflict => "the row was changed by somebody else",
            Self::Decode => "a stored value could not be read",
            Self::Unavailable => "the store is unavailable",
            Self::Backend => "the store failed",
        }
    }
}

/// The error of every adapter: its kind, the operation that failed if it is known, and the driver's own error as the source.
///
/// `Display` repeats neither the source nor any value.
///
/// ```
/// use std::error::Error as _;
/// use lucia_core::{AdapterError, AdapterErrorKind};
///
/// let cause = std::io::Error::other("connection refused");
/// let error = AdapterError::new(AdapterErrorKind::Unavailable).with_source(cause);
/// assert_eq!(error.to_string(), "the store is unavailable");
/// assert!(error.downcast_ref::<std::io::Error>().is_some());
/// ```
#[derive(Debug)]
pub struct AdapterError {
    kind: AdapterErrorKind,
    operation: Option<&'static str>,
    attribute: Option<Box<str>>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl AdapterError {
    /// Creates an error of this kind.
    #[must_use]
    pub const fn new(kind: AdapterErrorKind) -> Self {
        Self { kind, operation: None, attribute: None, source: None }
    }

    /// Adds the error that caused it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Adds the name of the attribute that it is about.
    #[must_use]
    pub fn with_attribute(mut self, name: impl Into<Box<str>>) -> Self {
        self.attribute = Some(name.into());
        self
    }

    /// Adds the name of the trait method that failed. [`WithOperationNames`](crate::WithOperationNames) does so for every
    /// method of an adapter.
    #[must_use]
    pub const fn with_operation(mut self, operation: &'static str) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Returns the kind, which decides what to do about the error.
    #[must_use]
    pub const fn kind(&self) -> AdapterErrorKind {
        self.kind
    }

    /// Returns the name of the trait method that failed. `None` if the error comes straight from an adapter.
    #[must_use]
    pub const fn operation(&self) -> Option<&'static str> {
        self.operation
    }

    /// The name of the attribute that it is about, where that is known.
    #[must_use]
    pub fn attribute(&self) -> Option<&str> {
        self.attribute.as_deref()
    }

    /// Returns the first error of type `E` among its causes: the driver's own, for example.
    #[must_use]
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        std::iter::successors(self.source(), |&cause| cause.source()).find_map(|cause| cause.downcast_ref())
    }
}

impl fmt::Display for AdapterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.operation {
            write!(f, "{operation}: ")?;
        }
        f.write_str(self.kind.describe())?;
        match &self.attribute {
            Some(attribute) => write!(f, " (`{attribute}`)"),
            None => Ok(()),
        }
    }
}

impl From<AdapterErrorKind> for AdapterError {
    fn from(kind: AdapterErrorKind) -> Self {
        Self::new(kind)
    }
}

impl Error for AdapterError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}
