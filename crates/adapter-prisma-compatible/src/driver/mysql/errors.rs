use sqlx::mysql::MySqlDatabaseError;

use crate::{
    dialect::mysql_failure,
    driver::{DriverError, Failure, redacted::redacted},
};

/// The server's number of an error. Its SQLSTATE is the same for many of them, and its text depends on the server's language.
fn number(error: &sqlx::Error) -> Option<u16> {
    let error = error.as_database_error()?.try_downcast_ref::<MySqlDatabaseError>()?;
    Some(error.number())
}

pub(super) fn classify(error: sqlx::Error) -> DriverError {
    let failure = match &error {
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Io(_)
        | sqlx::Error::Tls(_) => Failure::Unavailable,
        sqlx::Error::Database(database) => match number(&error) {
            Some(number) => mysql_failure::failure(number, database.code().as_deref(), database.message()),
            None => Failure::Other,
        },
        _ => Failure::Other,
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
    DriverError { failure, source: Box::new(error) }
}

/// Whether others were in the way of a statement or transaction, which has changed nothing.
pub(super) fn is_in_the_way(error: &sqlx::Error) -> bool {
    number(error).is_some_and(mysql_failure::is_in_the_way)
}

/// Whether there is no savepoint of the name.
pub(super) fn is_no_savepoint(error: &sqlx::Error) -> bool {
    number(error) == Some(1305)
}

/// Whether the connection is gone.
pub(super) fn is_lost(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(_)) || matches!(number(error), Some(1053 | 1927 | 2006 | 2013 | 3169 | 4031))
}
