use lucia_sql::driver::{DriverError, Failure, Retry, sqlite};

use crate::outage::is_outage;

pub(super) fn classify(error: sqlx::Error) -> DriverError {
    let code = extended_code(&error);
    let failure = match (&error, code) {
        (error, _) if is_outage(error) => Failure::Unavailable,
        (sqlx::Error::Database(database), Some(code)) => sqlite::failure(code, database.message()),
        _ => Failure::Other,
    };
    DriverError::new(failure, error).with_retry(code.map_or(Retry::Never, sqlite::retry))
}

/// Returns the primary result code of SQLite.
pub(super) fn primary_code(error: &sqlx::Error) -> Option<i32> {
    Some(extended_code(error)? & 0xFF)
}

/// Returns `true` if another connection has a lock.
pub(super) fn is_locked(error: &sqlx::Error) -> bool {
    extended_code(error).is_some_and(|code| sqlite::retry(code) == Retry::AfterPause)
}

fn extended_code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}
