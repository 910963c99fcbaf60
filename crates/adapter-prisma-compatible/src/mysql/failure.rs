use lucia_sql::driver::{DriverError, Failure, Retry, mysql as mysql_errors};
use sqlx::mysql::MySqlDatabaseError;

use crate::{outage::is_outage, redacted::redacted};

/// Returns the number of a server error. Many errors share an SQLSTATE, and the message depends on the language of the
/// server.
fn number(error: &sqlx::Error) -> Option<u16> {
    let error = error.as_database_error()?.try_downcast_ref::<MySqlDatabaseError>()?;
    Some(error.number())
}

pub(super) fn classify(error: sqlx::Error) -> DriverError {
    let failure = match &error {
        error if is_outage(error) => Failure::Unavailable,
        sqlx::Error::Database(database) => match number(&error) {
            Some(number) => mysql_errors::failure(number, database.code().as_deref(), database.message()),
            None => Failure::Other,
        },
        _ => Failure::Other,
    };
    let retry = match &error {
        sqlx::Error::Io(_) => Retry::IfRead,
        _ => number(&error).map_or(Retry::Never, mysql_errors::retry),
    };
    let error = match error {
        // Their messages contain the value, which may be a session id or a password hash.
        sqlx::Error::Database(database)
            if matches!(failure, Failure::Unique(_) | Failure::Check(_) | Failure::Value(_)) =>
        {
            redacted(&*database)
        }
        error => error,
    };
    DriverError::new(failure, error).with_retry(retry)
}

/// Returns `true` if the savepoint does not exist.
pub(super) fn is_unknown_savepoint(error: &sqlx::Error) -> bool {
    number(error) == Some(1305)
}
