use std::{error::Error, fmt};

/// Where a constraint was violated, as far as the database says.
///
/// It is exhaustive, as drivers construct it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The table.
    pub table: Option<String>,
    /// The column.
    pub column: Option<String>,
    /// The name of the constraint or index.
    pub constraint: Option<String>,
}

/// The reason of a failed statement, from the codes of the database or driver.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// Another row has the value.
    Unique(Place),
    /// A row refers to one that does not exist, or to the one that was to be deleted.
    ForeignKey(Place),
    /// A column that must not be null was null.
    NotNull(Place),
    /// A `CHECK` was violated.
    Check(Place),
    /// A column cannot hold a value: it is too long, out of range, or of another type.
    Value(Place),
    /// A table, an index or a constraint of the name exists.
    Exists,
    /// The database's user lacks a right.
    Denied,
    /// The database was not reached, was too busy or takes no writes.
    Unavailable,
    /// Anything else.
    Other,
}

/// The remedy for a failure. Unless the outcome is unknown, nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// Nothing.
    Never,
    /// Other transactions were in the way: the same again after a pause.
    AfterPause,
    /// The prepared statements of the connection are out of date: the same again without them, on this connection.
    Unprepared,
    /// The server did not see the statement, or takes no writes: the same again on another connection.
    Elsewhere,
    /// The connection was lost and the outcome is unknown: a read again on another connection, and a write never.
    IfRead,
}

/// A failure, and the driver's own error.
#[derive(Debug)]
#[non_exhaustive]
pub struct DriverError {
    /// The reason of the failure.
    pub failure: Failure,
    /// The remedy.
    pub retry: Retry,
    /// The index of the failed statement among several, or `None` for the transaction itself.
    pub step: Option<usize>,
    /// The driver's own error. It must not hold a value of a row or parameter.
    pub source: Box<dyn Error + Send + Sync>,
}

impl DriverError {
    /// Creates an error that is not tried again.
    pub fn new(failure: Failure, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { failure, retry: Retry::Never, step: None, source: source.into() }
    }

    /// Sets what helps.
    #[must_use]
    pub fn with_retry(self, retry: Retry) -> Self {
        Self { retry, ..self }
    }

    /// Sets which statement of several failed.
    #[must_use]
    pub fn at_step(self, step: usize) -> Self {
        Self { step: Some(step), ..self }
    }

    /// Returns the same failure before a commit was sent: if the connection was lost, the server rolls the transaction back.
    #[must_use]
    pub fn before_commit(self) -> Self {
        let retry = if self.retry == Retry::IfRead { Retry::Elsewhere } else { self.retry };
        Self { retry, ..self }
    }

    /// Returns the table that it is about, if the database says so.
    pub(crate) fn table(&self) -> Option<&str> {
        match &self.failure {
            Failure::Unique(place)
            | Failure::ForeignKey(place)
            | Failure::NotNull(place)
            | Failure::Check(place)
            | Failure::Value(place) => place.table.as_deref(),
            Failure::Exists | Failure::Denied | Failure::Unavailable | Failure::Other => None,
        }
    }
}

impl fmt::Display for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.failure {
            Failure::Unavailable => "the database is unavailable",
            _ => "the database refused the statement",
        })
    }
}

impl Error for DriverError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}
