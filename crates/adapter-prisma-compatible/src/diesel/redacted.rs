use std::borrow::Cow;

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};
use lucia_sql::ConstraintKind;

/// The error of a database without values, which may be session ids or password hashes.
#[derive(Debug)]
struct Redacted {
    message: Cow<'static, str>,
    table: Option<String>,
    column: Option<String>,
    constraint: Option<String>,
}

/// Reduces an error to a message without values, and the names of tables, columns and constraints.
pub(super) fn redacted(error: Error) -> Error {
    let Error::DatabaseError(kind, information) = error else {
        return error;
    };
    let violated = match kind {
        DatabaseErrorKind::UniqueViolation => Some(ConstraintKind::Unique),
        DatabaseErrorKind::ForeignKeyViolation => Some(ConstraintKind::ForeignKey),
        DatabaseErrorKind::NotNullViolation => Some(ConstraintKind::NotNull),
        DatabaseErrorKind::CheckViolation => Some(ConstraintKind::Check),
        _ => None,
    };
    let message = match violated {
        Some(kind) => Cow::Borrowed(kind.message()),
        None => without_quotes(information.message()).into(),
    };
    let redacted = Redacted {
        message,
        table: information.table_name().map(ToOwned::to_owned),
        column: information.column_name().map(ToOwned::to_owned),
        constraint: information.constraint_name().map(ToOwned::to_owned),
    };
    Error::DatabaseError(kind, Box::new(redacted))
}

/// Removes the text between the first and the last quotation mark, because a value may contain quotation marks.
fn without_quotes(message: &str) -> String {
    const QUOTES: [char; 2] = ['\'', '"'];
    match (message.find(QUOTES), message.rfind(QUOTES)) {
        (Some(first), Some(last)) => format!("{}…{}", &message[..=first], &message[last..]),
        _ => message.to_owned(),
    }
}

impl DatabaseErrorInformation for Redacted {
    fn message(&self) -> &str {
        &self.message
    }

    fn details(&self) -> Option<&str> {
        None
    }

    fn hint(&self) -> Option<&str> {
        None
    }

    fn table_name(&self) -> Option<&str> {
        self.table.as_deref()
    }

    fn column_name(&self) -> Option<&str> {
        self.column.as_deref()
    }

    fn constraint_name(&self) -> Option<&str> {
        self.constraint.as_deref()
    }

    fn statement_position(&self) -> Option<i32> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_left_out() {
        let duplicate = Box::new("Duplicate entry 's3cret' for key 'PRIMARY'".to_owned());
        let error = redacted(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, duplicate));
        assert!(!format!("{error:?} {error}").contains("s3cret"));
        let redact = |message| without_quotes(message);
        assert_eq!(
            redact("Incorrect datetime value: 'it's s3cret' at row 1"),
            "Incorrect datetime value: '…' at row 1"
        );
        assert_eq!(
            redact(r#"invalid input syntax for type integer: "1""#),
            r#"invalid input syntax for type integer: "…""#
        );
        assert_eq!(redact("database is locked"), "database is locked");
        assert_eq!(redact("it's"), "it'…'s");
    }
}
