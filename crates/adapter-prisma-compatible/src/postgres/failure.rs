use lucia_sql::driver::{DriverError, Failure, Place, Retry};
use sqlx::{error::DatabaseError, postgres::PgDatabaseError};

use crate::{outage::is_outage, redacted};

/// Classifies an error by its SQLSTATE only, because the message depends on the language of the server.
pub(super) fn classify(error: sqlx::Error) -> DriverError {
    let failure = match &error {
        error if is_outage(error) => Failure::Unavailable,
        sqlx::Error::Database(database) => failure(&**database),
        _ => Failure::Other,
    };
    let retry = retry(&error);
    let error = match error {
        sqlx::Error::Database(database) if contains_values(&*database) => redacted::redacted(&*database),
        // The details and the context of any error may contain parameters of a statement, or values from a trigger.
        sqlx::Error::Database(database) => redacted::without_details(&*database),
        error => error,
    };
    DriverError::new(failure, error).with_retry(retry)
}

fn failure(error: &dyn DatabaseError) -> Failure {
    let code = error.code().unwrap_or_default();
    match (&*code, code.get(..2).unwrap_or_default()) {
        ("23505" | "23P01", _) => Failure::Unique(place(error)),
        ("23503" | "23001", _) => Failure::ForeignKey(place(error)),
        ("23502", _) => Failure::NotNull(place(error)),
        ("23514", _) => Failure::Check(place(error)),
        // Data exceptions: too long, out of range, or malformed.
        (_, "22") => Failure::Value(place(error)),
        ("42501", _) => Failure::Denied,
        // A timeout of a statement, lock or transaction, a conflict with another transaction, or a read-only server.
        ("57014" | "55P03" | "25P03" | "25P04" | "25006" | "40001" | "40P01", _) => Failure::Unavailable,
        // The connection, the server's resources, an operator's intervention, the system.
        (_, "08" | "53" | "57" | "58") => Failure::Unavailable,
        _ => Failure::Other,
    }
}

fn place(error: &dyn DatabaseError) -> Place {
    let column = error.as_error().downcast_ref::<PgDatabaseError>().and_then(PgDatabaseError::column);
    Place {
        table: error.table().map(ToOwned::to_owned),
        column: column.map(ToOwned::to_owned),
        constraint: error.constraint().map(ToOwned::to_owned),
    }
}

/// Returns `true` if the message contains values, as those of data exceptions and violated constraints do.
fn contains_values(error: &dyn DatabaseError) -> bool {
    error.code().is_some_and(|code| code.starts_with("22") || code.starts_with("23"))
}

fn retry(error: &sqlx::Error) -> Retry {
    let code = match error {
        sqlx::Error::Io(_) => return Retry::IfRead,
        sqlx::Error::Database(database) => database.code().unwrap_or_default(),
        _ => return Retry::Never,
    };
    match (&*code, code.get(..2).unwrap_or_default()) {
        // A deadlock, or a serialization failure.
        ("40001" | "40P01", _) => Retry::AfterPause,
        // A prepared statement whose columns have changed, or that was deallocated. The server rejects both before
        // running them.
        ("0A000" | "26000", _) => Retry::Unprepared,
        // A read-only server, or a connection or transaction that was idle for too long.
        ("25006" | "57P05" | "25P03", _) => Retry::Elsewhere,
        // A shutdown by an operator or after a crash, or a lost connection between a pooler and the server.
        ("57P01" | "57P02", _) | (_, "08") => Retry::IfRead,
        _ => Retry::Never,
    }
}
