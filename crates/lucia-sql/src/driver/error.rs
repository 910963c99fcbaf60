use std::{error::Error, fmt};

/// The location of a violated constraint, as far as the database reports it.
///
/// The struct is exhaustive, because drivers construct it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The table.
    pub table: Option<String>,
    /// The column.
    pub column: Option<String>,
    /// The name of the constraint or index.
    pub constraint: Option<String>,
}

/// The reason why a statement failed, according to the error codes of the database or driver.
///
/// Its variants are exhaustive, because drivers construct them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// Another row has the value.
    Unique(Place),
    /// A row refers to a row that does not exist, or to the row to delete.
    ForeignKey(Place),
    /// A `NOT NULL` column was null.
    NotNull(Place),
    /// A `CHECK` constraint was violated.
    Check(Place),
    /// A column cannot store a value, because it is too long, out of range, or of another type.
    Value(Place),
    /// A table, index or constraint with this name exists.
    Exists,
    /// The database's user lacks a privilege.
    Denied,
    /// The database is not reachable, is too busy, or is read-only.
    Unavailable,
    /// Anything else.
    Other,
}

/// The kind of retry that may succeed after a failure.
///
/// Except for [`IfRead`](Self::IfRead), the failed statement had no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// A retry does not help.
    Never,
    /// The statement conflicted with other transactions: retry after a pause.
    AfterPause,
    /// The prepared statements of the connection are out of date: retry without them on the same connection. The driver
    /// itself must do so; [`Retrying`](super::Retrying) does not.
    Unprepared,
    /// The server did not receive the statement, or is read-only: retry on another connection.
    Elsewhere,
    /// The connection was lost, and the outcome is unknown: retry on another connection if the statement only reads,
    /// and do not retry a write.
    IfRead,
}

/// The error of a driver: a classified failure, and the driver's own error as its source.
#[derive(Debug)]
#[non_exhaustive]
pub struct DriverError {
    /// The reason of the failure.
    pub failure: Failure,
    /// The kind of retry that may succeed.
    pub retry: Retry,
    /// The index of the failed statement in [`execute_all`](super::Driver::execute_all), or `None` if the transaction
    /// itself failed.
    pub step: Option<usize>,
    /// The driver's own error. It must not contain the value of a row or parameter.
    pub source: Box<dyn Error + Send + Sync>,
}

impl DriverError {
    /// Creates an error after which the statement is not retried.
    pub fn new(failure: Failure, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { failure, retry: Retry::Never, step: None, source: source.into() }
    }

    /// Sets the kind of retry that may succeed. Defaults to [`Retry::Never`].
    #[must_use]
    pub fn with_retry(self, retry: Retry) -> Self {
        Self { retry, ..self }
    }

    /// Sets the index of the failed statement in [`execute_all`](super::Driver::execute_all).
    #[must_use]
    pub fn at_step(self, step: usize) -> Self {
        Self { step: Some(step), ..self }
    }

    /// Marks the failure as one before the commit was sent. If the connection was lost, the server rolls the
    /// transaction back, so that a write can be retried, too.
    #[must_use]
    pub fn before_commit(self) -> Self {
        let retry = if self.retry == Retry::IfRead { Retry::Elsewhere } else { self.retry };
        Self { retry, ..self }
    }

    /// Returns the table of the violated constraint, if the database reports it.
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
            _ => "the database rejected the statement",
        })
    }
}

impl Error for DriverError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}
