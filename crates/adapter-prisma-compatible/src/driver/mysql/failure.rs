use sqlx::mysql::MySqlDatabaseError;

use crate::{
    dialect::mysql_failure,
    driver::{DriverError, Failure, Remedy, redacted::redacted, sqlx::is_outage},
};

/// The server's number of an error. Its SQLSTATE is the same for many of them, and its text depends on the server's language.
fn number(error: &sqlx::Error) -> Option<u16> {
    let error = error.as_database_error()?.try_downcast_ref::<MySqlDatabaseError>()?;
    Some(error.number())
}

pub(super) fn classify(error: sqlx::Error) -> DriverError {
    let failure = match &error {
        error if is_outage(error) => Failure::Unavailable,
        sqlx::Error::Database(database) => match number(&error) {
            Some(number) => mysql_failure::failure(number, database.code().as_deref(), database.message()),
            None => Failure::Other,
        },
        _ => Failure::Other,
    };
    let remedy = match &error {
        sqlx::Error::Io(_) => Remedy::Lost,
        _ => number(&error).map_or(Remedy::None, mysql_failure::remedy),
    };
    let error = match error {
        // Their messages repeat the value, which may be a session id or a hash.
        sqlx::Error::Database(database)
            if matches!(failure, Failure::Unique(_) | Failure::Check(_) | Failure::Value(_)) =>
        {
            redacted(&*database)
        }
        error => error,
    };
    DriverError { failure, remedy, source: Box::new(error) }
}

/// Whether there is no savepoint of the name.
pub(super) fn is_no_savepoint(error: &sqlx::Error) -> bool {
    number(error) == Some(1305)
}
