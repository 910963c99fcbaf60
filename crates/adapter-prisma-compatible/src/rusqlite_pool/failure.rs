use lucia_sql::driver::{DriverError, Failure, Retry, sqlite};
use rusqlite::{Error, ErrorCode, ffi};

/// Classifies an error. Those of SQLite name tables and columns, and contain no values.
pub(super) fn classify(error: Error) -> DriverError {
    let code = error.sqlite_error().map(|error| error.extended_code);
    let failure = match (&error, code) {
        (Error::SqliteFailure(_, message), Some(code)) => sqlite::failure(code, message.as_deref().unwrap_or_default()),
        _ => Failure::Other,
    };
    DriverError::new(failure, error).with_retry(code.map_or(Retry::Never, sqlite::retry))
}

/// Returns `true` if another connection has a lock, or the statement was interrupted.
pub(super) fn must_wait(error: &Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::OperationInterrupted)
    )
}

/// Returns the error of a pool that was closed.
pub(super) fn closed() -> Error {
    Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CANTOPEN), Some("the pool is closed".to_owned()))
}

/// Returns the error of a call that no connection was available for in time. It has waited enough.
pub(super) fn no_connection() -> Error {
    let message = "all connections of the pool are in use (`connection_limit` and `pool_timeout` of the URL)";
    Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CANTOPEN), Some(message.to_owned()))
}

/// Returns a copy of an error of SQLite, for another call that failed with it.
pub(super) fn copy(error: &Error) -> Option<Error> {
    match error {
        Error::SqliteFailure(code, message) => Some(Error::SqliteFailure(*code, message.clone())),
        _ => None,
    }
}
