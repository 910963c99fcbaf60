use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};
use lucia_sql::driver::{DriverError, Failure, Place, Retry};

use super::redacted::redacted;

/// Classifies an error by Diesel's kind. Diesel provides neither the SQLSTATE nor the server's error number, so errors
/// for which it has no kind stay unclassified.
pub(super) fn diagnose(
    error: Error,
    place: impl Fn(DatabaseErrorKind, &dyn DatabaseErrorInformation) -> Place,
) -> DriverError {
    let (failure, retry) = match &error {
        Error::DatabaseError(kind, information) => (failure(*kind, || place(*kind, &**information)), retry(*kind)),
        Error::BrokenTransactionManager => (Failure::Unavailable, Retry::Never),
        _ => (Failure::Other, Retry::Never),
    };
    DriverError::new(failure, redacted(error)).with_retry(retry)
}

fn failure(kind: DatabaseErrorKind, place: impl Fn() -> Place) -> Failure {
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

const fn retry(kind: DatabaseErrorKind) -> Retry {
    match kind {
        DatabaseErrorKind::SerializationFailure => Retry::AfterPause,
        DatabaseErrorKind::ReadOnlyTransaction => Retry::Elsewhere,
        _ => Retry::Never,
    }
}
