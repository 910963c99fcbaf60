use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};

use super::redacted::redacted;
use crate::driver::{DriverError, Failure, Place, Remedy};

/// What Diesel says of an error. It passes on neither SQLSTATE nor the server's own number, so that whatever it has no kind
/// for stays unknown.
pub(super) fn diagnose(
    error: Error,
    place: impl Fn(DatabaseErrorKind, &dyn DatabaseErrorInformation) -> Place,
) -> DriverError {
    let (failure, remedy) = match &error {
        Error::DatabaseError(kind, information) => (failure(*kind, || place(*kind, &**information)), remedy(*kind)),
        Error::BrokenTransactionManager => (Failure::Unavailable, Remedy::None),
        _ => (Failure::Other, Remedy::None),
    };
    DriverError { failure, remedy, source: Box::new(redacted(error)) }
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

const fn remedy(kind: DatabaseErrorKind) -> Remedy {
    match kind {
        DatabaseErrorKind::SerializationFailure => Remedy::Wait,
        DatabaseErrorKind::ReadOnlyTransaction => Remedy::Replace,
        _ => Remedy::None,
    }
}
