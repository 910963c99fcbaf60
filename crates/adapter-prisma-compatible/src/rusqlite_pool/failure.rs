use lucia_sql::driver::{DriverError, Failure, Retry, sqlite};
use rusqlite::{Error, ErrorCode};

/// Classifies an error. Those of SQLite name tables and columns, and contain no values.
pub(super) fn classify(error: Error) -> DriverError {
    let failure = match &error {
        Error::SqliteFailure(error, message) => {
            sqlite::failure(error.extended_code, message.as_deref().unwrap_or_default())
        }
        _ => Failure::Other,
    };
    let retry = retry(&error);
    DriverError::new(failure, error).with_retry(retry)
}

/// Returns the kind of retry that may succeed.
pub(super) fn retry(error: &Error) -> Retry {
    error.sqlite_error().map_or(Retry::Never, |error| sqlite::retry(error.extended_code))
}

/// Returns `true` if another connection has a lock.
pub(super) fn is_locked(error: &Error) -> bool {
    retry(error) == Retry::AfterPause
}

/// Returns `true` if the statement was interrupted.
pub(super) fn is_interrupted(error: &Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted)
}

/// Returns a copy of an error of SQLite, for another call that failed with it.
pub(super) fn copy(error: &Error) -> Option<Error> {
    match error {
        Error::SqliteFailure(code, message) => Some(Error::SqliteFailure(*code, message.clone())),
        _ => None,
    }
}
