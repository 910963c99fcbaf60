use std::{error::Error, fmt};

/// The result of an adapter's methods.
pub type AdapterResult<T> = Result<T, AdapterError>;

/// The kind of an [`AdapterError`]. Callers decide by it how to respond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AdapterErrorKind {
    /// A user with this id already exists.
    DuplicateUserId,
    /// A key with this id already exists.
    DuplicateKeyId,
    /// A session with this id already exists.
    DuplicateSessionId,
    /// A token with this id already exists.
    DuplicateTokenId,
    /// The user does not exist.
    InvalidUserId,
    /// The key does not exist.
    InvalidKeyId,
    /// The session does not exist.
    InvalidSessionId,
    /// Another row has this value in a unique attribute. [`AdapterError::attribute`] names it, if known.
    DuplicateAttribute,
    /// The store cannot hold an attribute or its value. [`AdapterError::attribute`] names it, if known.
    InvalidAttribute,
    /// The store cannot hold this id: it is too long, contains an unsupported character, or begins as other records do.
    UnsupportedId,
    /// The condition of an update is not met, because the row changed meanwhile.
    Conflict,
    /// A stored value cannot be decoded.
    Decode,
    /// The store is unreachable or did not respond in time. A retry may succeed.
    Unavailable,
    /// Any other failure. [`source`](Error::source) is the driver's error.
    Backend,
}

impl AdapterErrorKind {
    const fn describe(self) -> &'static str {
        match self {
            Self::DuplicateUserId => "a user with this id already exists",
            Self::DuplicateKeyId => "a key with this id already exists",
            Self::DuplicateSessionId => "a session with this id already exists",
            Self::DuplicateTokenId => "a token with this id already exists",
            Self::InvalidUserId => "there is no user with this id",
            Self::InvalidKeyId => "there is no key with this id",
            Self::InvalidSessionId => "there is no session with this id",
            Self::DuplicateAttribute => "the value of a unique attribute is taken",
            Self::InvalidAttribute => "the store cannot hold an attribute",
            Self::UnsupportedId => "the store cannot hold this id",
            Self::Conflict => "the row changed meanwhile",
            Self::Decode => "a stored value cannot be decoded",
            Self::Unavailable => "the store is unavailable",
            Self::Backend => "the store failed",
        }
    }
}

/// An error of an adapter: its kind, the operation if known, and the driver's error as the source.
///
/// `Display` contains neither the source nor any value.
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

    /// Sets the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Sets the name of the affected attribute.
    #[must_use]
    pub fn with_attribute(mut self, name: impl Into<Box<str>>) -> Self {
        self.attribute = Some(name.into());
        self
    }

    /// Sets the name of the failed trait method. `lucia-auth` does this for every error of its adapter.
    #[must_use]
    pub const fn with_operation(mut self, operation: &'static str) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Returns the kind.
    #[must_use]
    pub const fn kind(&self) -> AdapterErrorKind {
        self.kind
    }

    /// Returns the name of the failed trait method. `None` if the error comes directly from an adapter.
    #[must_use]
    pub const fn operation(&self) -> Option<&'static str> {
        self.operation
    }

    /// Returns the name of the affected attribute, if known.
    #[must_use]
    pub fn attribute(&self) -> Option<&str> {
        self.attribute.as_deref()
    }

    /// Returns the first error of type `E` among the causes, such as the driver's.
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
