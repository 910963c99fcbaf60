use std::error::Error;

/// Where a constraint was violated, as far as the driver says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) table: Option<String>,
    pub(crate) column: Option<String>,
    /// The name of the constraint or index.
    pub(crate) constraint: Option<String>,
}

/// Why a statement failed, as far as the driver's codes tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    Unique(Place),
    ForeignKey(Place),
    NotNull(Place),
    Check(Place),
    /// A column cannot hold a value: it is too long, out of range, or of another type.
    Value(Place),
    /// There is a table, an index or a constraint of the name.
    Exists,
    /// The database's user lacks the right to it.
    Denied,
    Unavailable,
    Other,
}

/// What a pool does about a failure. Unless the connection was lost, nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    None,
    /// Others were in the way: repeat after a pause.
    Wait,
    /// The prepared statements of the connection are out of date: repeat once without them.
    Prepare,
    /// The server closed the connection before it saw the statement, or takes no writes: repeat on another connection.
    Replace,
    /// The connection was lost, and the server may have executed the statement: repeat it on another one if it only reads.
    Lost,
}

/// A failure, and the driver's own error.
#[derive(Debug)]
pub(crate) struct DriverError {
    pub(crate) failure: Failure,
    pub(crate) remedy: Remedy,
    pub(crate) source: Box<dyn Error + Send + Sync>,
}

impl DriverError {
    /// The table that it is about, if the driver says so.
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

    /// The same failure before a commit was sent: if the connection was lost, the server rolls the transaction back.
    #[must_use]
    pub(crate) fn before_commit(self) -> Self {
        let remedy = if self.remedy == Remedy::Lost { Remedy::Replace } else { self.remedy };
        Self { remedy, ..self }
    }
}

/// A failed transaction; `step` is the statement that failed, unless it was the transaction itself.
#[derive(Debug)]
pub(crate) struct StepError {
    pub(crate) step: Option<usize>,
    pub(crate) error: DriverError,
}

impl From<DriverError> for StepError {
    /// The failure of the transaction itself.
    fn from(error: DriverError) -> Self {
        Self { step: None, error }
    }
}
