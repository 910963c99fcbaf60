use std::{borrow::Cow, error::Error as StdError, fmt};

use lucia_sql::ConstraintKind;
use sqlx::error::{DatabaseError, ErrorKind};

/// The error of a database without values, which may be session ids or password hashes.
#[derive(Debug)]
pub(crate) struct Redacted {
    message: Cow<'static, str>,
    kind: ErrorKind,
    code: Option<String>,
    constraint: Option<String>,
    table: Option<String>,
}

/// Reduces the error for a rejected value to codes and names, because the message contains the value.
pub(crate) fn redacted(error: &dyn DatabaseError) -> sqlx::Error {
    let kind = match error.kind() {
        ErrorKind::UniqueViolation => ConstraintKind::Unique,
        ErrorKind::ForeignKeyViolation => ConstraintKind::ForeignKey,
        ErrorKind::NotNullViolation => ConstraintKind::NotNull,
        ErrorKind::CheckViolation | ErrorKind::ExclusionViolation => ConstraintKind::Check,
        _ => ConstraintKind::Type,
    };
    with_message(error, kind.message().into())
}

/// Reduces an error to its message, codes and names.
#[cfg(feature = "postgres")]
pub(crate) fn without_details(error: &dyn DatabaseError) -> sqlx::Error {
    with_message(error, error.message().to_owned().into())
}

fn with_message(error: &dyn DatabaseError, message: Cow<'static, str>) -> sqlx::Error {
    sqlx::Error::Database(Box::new(Redacted {
        message,
        kind: error.kind(),
        code: error.code().map(Cow::into_owned),
        constraint: error.constraint().map(ToOwned::to_owned),
        table: error.table().map(ToOwned::to_owned),
    }))
}

impl fmt::Display for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match (&self.code, &self.constraint) {
            (Some(code), Some(constraint)) => write!(f, " ({code}, `{constraint}`)"),
            (Some(code), None) => write!(f, " ({code})"),
            (None, _) => Ok(()),
        }
    }
}

impl StdError for Redacted {}

impl DatabaseError for Redacted {
    fn message(&self) -> &str {
        &self.message
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        self.code.as_deref().map(Cow::Borrowed)
    }

    fn as_error(&self) -> &(dyn StdError + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn StdError + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn StdError + Send + Sync + 'static> {
        self
    }

    fn constraint(&self) -> Option<&str> {
        self.constraint.as_deref()
    }

    fn table(&self) -> Option<&str> {
        self.table.as_deref()
    }

    fn kind(&self) -> ErrorKind {
        match self.kind {
            ErrorKind::UniqueViolation => ErrorKind::UniqueViolation,
            ErrorKind::ForeignKeyViolation => ErrorKind::ForeignKeyViolation,
            ErrorKind::NotNullViolation => ErrorKind::NotNullViolation,
            ErrorKind::CheckViolation => ErrorKind::CheckViolation,
            ErrorKind::ExclusionViolation => ErrorKind::ExclusionViolation,
            _ => ErrorKind::Other,
        }
    }
}
