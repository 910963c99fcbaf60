use lucia_sql::driver::{DriverError, Failure, Place, Retry, sqlite::place};
use sqlx::error::ErrorKind;

use crate::sqlx_pool::is_outage;

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

/// The primary result code of SQLite.
pub(super) fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code = error.as_database_error()?.code()?.parse::<i32>().ok()?;
    Some(code & 0xFF)
}

/// Whether somebody else holds a lock.
///
/// The busy timeout of the connection covers most locks. It covers neither those between connections that share a cache,
/// nor a pool of the application that has none; and a writer may be unlucky for longer than it lasts.
pub(super) fn is_locked(error: &sqlx::Error) -> bool {
    const BUSY: i32 = 5;
    const LOCKED: i32 = 6;
    matches!(primary_code(error), Some(BUSY | LOCKED))
}

/// Busy, locked, interrupted, out of memory, an I/O error, disk full, or a file that cannot be opened or locked.
fn is_unavailable(primary_code: Option<i32>) -> bool {
    matches!(primary_code, Some(5 | 6 | 7 | 9 | 10 | 13 | 14 | 15))
}
