//! Diesel through diesel-async: the same statements on the pool of a Diesel application.

#[cfg(feature = "diesel-mysql")]
mod mysql;
mod pool;
#[cfg(feature = "diesel-postgres")]
mod postgres;
mod redacted;
mod row;
#[cfg(feature = "diesel-sqlite")]
mod sqlite;
mod statement;

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};

use self::redacted::redacted;
use super::{DriverError, Failure, Place};

/// What Diesel says of a failure. It passes on neither SQLSTATE nor the server's own number, so that whatever it has no kind
/// for stays unknown.
fn classify(error: Error, place: impl Fn(&DatabaseErrorKind, &dyn DatabaseErrorInformation) -> Place) -> DriverError {
    let failure = match &error {
        Error::DatabaseError(kind, information) => {
            let place = || place(kind, &**information);
            match kind {
                DatabaseErrorKind::UniqueViolation => Failure::Unique(place()),
                DatabaseErrorKind::ForeignKeyViolation => Failure::ForeignKey(place()),
                DatabaseErrorKind::NotNullViolation => Failure::NotNull(place()),
                DatabaseErrorKind::CheckViolation => Failure::Check(place()),
                DatabaseErrorKind::ClosedConnection
                | DatabaseErrorKind::UnableToSendCommand
                | DatabaseErrorKind::ReadOnlyTransaction
                | DatabaseErrorKind::SerializationFailure => Failure::Unavailable,
                _ => Failure::Other,
            }
        }
        Error::BrokenTransactionManager => Failure::Unavailable,
        _ => Failure::Other,
    };
    DriverError { failure, source: Box::new(redacted(error)) }
}
