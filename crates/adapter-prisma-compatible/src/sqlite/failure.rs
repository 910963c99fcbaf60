use lucia_sql::driver::{DriverError, Failure, Place, Retry, sqlite::place};
use sqlx::error::ErrorKind;

use crate::outage::is_outage;

pub(super) fn classify(error: sqlx::Error) -> DriverError {
    let failure = match &error {
        error if is_outage(error) => Failure::Unavailable,
        sqlx::Error::Database(database) => match database.kind() {
            ErrorKind::UniqueViolation => Failure::Unique(place(database.message())),
            ErrorKind::ForeignKeyViolation => Failure::ForeignKey(Place::default()),
            ErrorKind::NotNullViolation => Failure::NotNull(place(database.message())),
            ErrorKind::CheckViolation => Failure::Check(place(database.message())),
            _ if is_unavailable(primary_code(&error)) => Failure::Unavailable,
            _ => Failure::Other,
        },
        _ => Failure::Other,
    };
    let retry = if is_locked(&error) { Retry::AfterPause } else { Retry::Never };
    DriverError::new(failure, error).with_retry(retry)
}

/// Returns the primary result code of SQLite.
pub(super) fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code = error.as_database_error()?.code()?.parse::<i32>().ok()?;
    Some(code & 0xFF)
}

/// Returns `true` if another connection has a lock.
///
/// The busy timeout of the connection covers most locks, but not those between connections with a shared cache. A pool
/// of the application may have no busy timeout, and a writer may wait for longer than the timeout.
pub(super) fn is_locked(error: &sqlx::Error) -> bool {
    const BUSY: i32 = 5;
    const LOCKED: i32 = 6;
    matches!(primary_code(error), Some(BUSY | LOCKED))
}

/// Returns `true` if the database is busy or locked, the statement was interrupted, memory or disk are exhausted, an
/// I/O error occurred, or the file cannot be opened or locked.
fn is_unavailable(primary_code: Option<i32>) -> bool {
    matches!(primary_code, Some(5 | 6 | 7 | 9 | 10 | 13 | 14 | 15))
}
