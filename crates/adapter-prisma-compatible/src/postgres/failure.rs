use lucia_sql::driver::{DriverError, Failure, Place, Retry};
use sqlx::{error::DatabaseError, postgres::PgDatabaseError};

use crate::{redacted, sqlx_pool::is_outage};

/// Decides by SQLSTATE alone; texts are in the language of the server.
pub(super) fn classify(error: sqlx::Error) -> DriverError {
    let failure = match &error {
        error if is_outage(error) => Failure::Unavailable,
        sqlx::Error::Database(database) => failure(&**database),
        _ => Failure::Other,
    };
    let retry = retry(&error);
    let error = match error {
        sqlx::Error::Database(database) if tells_values(&*database) => redacted::redacted(&*database),
        // The details and the context of any error may have the parameters of a statement in them, or what a trigger made.
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
        // Data exceptions: too long, out of range, not of the type.
        (_, "22") => Failure::Value(place(error)),
        ("42501", _) => Failure::Denied,
        // A statement, lock or transaction that took too long, or was in the way of others; a server that only reads.
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

/// Whether the message repeats values: those of data exceptions and violated constraints do.
fn tells_values(error: &dyn DatabaseError) -> bool {
    error.code().is_some_and(|code| code.starts_with("22") || code.starts_with("23"))
}

fn retry(error: &sqlx::Error) -> Retry {
    let code = match error {
        sqlx::Error::Io(_) => return Retry::IfRead,
        sqlx::Error::Database(database) => database.code().unwrap_or_default(),
        _ => return Retry::Never,
    };
    match (&*code, code.get(..2).unwrap_or_default()) {
        // A deadlock, or a transaction that could not be serialised.
        ("40001" | "40P01", _) => Retry::AfterPause,
        // A statement whose columns have other types by now, or which somebody deallocated. Both are refused before they run.
        ("0A000" | "26000", _) => Retry::Unprepared,
        // A server that only reads; a connection, or the transaction on it, that was idle for too long.
        ("25006" | "57P05" | "25P03", _) => Retry::Elsewhere,
        // Shutdown by an operator or after a crash; a connection that broke between a pooler and the server.
        ("57P01" | "57P02", _) | (_, "08") => Retry::IfRead,
        _ => Retry::Never,
    }
}
