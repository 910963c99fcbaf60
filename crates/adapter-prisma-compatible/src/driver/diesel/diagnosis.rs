use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};

use super::redacted::redacted;
use crate::driver::{DriverError, Failure, Place};

/// What a statement failed of.
#[derive(Debug)]
pub(super) struct Diagnosis {
    pub(super) error: DriverError,
    /// Whether others were in its way. It has changed nothing then, and may be repeated.
    pub(super) in_the_way: bool,
}

impl Diagnosis {
    /// What Diesel says of it. It passes on neither SQLSTATE nor the server's own number, so that whatever it has no kind for
    /// stays unknown.
    pub(super) fn of(error: Error, place: impl Fn(DatabaseErrorKind, &dyn DatabaseErrorInformation) -> Place) -> Self {
        let failure = match &error {
            Error::DatabaseError(kind, information) => failure(*kind, || place(*kind, &**information)),
            Error::BrokenTransactionManager => Failure::Unavailable,
            _ => Failure::Other,
        };
        let in_the_way = matches!(&error, Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _));
        Self { error: DriverError { failure, source: Box::new(redacted(error)) }, in_the_way }
    }
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
