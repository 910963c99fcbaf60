use sqlx::{error::DatabaseError, postgres::PgDatabaseError};

use crate::driver::{DriverError, Failure, Place, redacted::redacted};

/// Decides by SQLSTATE alone; texts are in the language of the server.
pub(super) fn classify(error: sqlx::Error) -> DriverError {
    let failure = match &error {
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Io(_)
        | sqlx::Error::Tls(_) => Failure::Unavailable,
        sqlx::Error::Database(database) => failure(&**database),
        _ => Failure::Other,
    };
    let error = match error {
        sqlx::Error::Database(database) if tells_values(&*database) => redacted(&*database),
        error => error,
    };
    DriverError { failure, source: Box::new(error) }
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

/// Whether the message or the details repeat values: those of data exceptions and violated constraints do.
fn tells_values(error: &dyn DatabaseError) -> bool {
    error.code().is_some_and(|code| code.starts_with("22") || code.starts_with("23"))
}

/// Whether others were in the way of a transaction, which has changed nothing: a deadlock, or one that could not be
/// serialised.
pub(super) fn is_in_the_way(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    matches!(code.as_deref(), Some("40001" | "40P01"))
}

/// Whether the connection is gone.
pub(super) fn is_lost(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    matches!(error, sqlx::Error::Io(_)) || matches!(code.as_deref(), Some("57P01" | "57P02" | "57P05"))
}
