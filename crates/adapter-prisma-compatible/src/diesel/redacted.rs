use std::borrow::Cow;

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};
use lucia_sql::ConstraintKind;

/// What a database said, without the values that it repeats: those may be session ids or hashes of passwords.
#[derive(Debug)]
struct Redacted {
    message: Cow<'static, str>,
    table: Option<String>,
    column: Option<String>,
    constraint: Option<String>,
}

/// The same error, with nothing in it but the names of tables, columns and constraints.
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

/// Leaves out whatever is between the first quotation mark and the last, for a value may have some of its own.
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
        let told = |message| without_quotes(message);
        assert_eq!(told("Incorrect datetime value: 'it's s3cret' at row 1"), "Incorrect datetime value: '…' at row 1");
        assert_eq!(
            told(r#"invalid input syntax for type integer: "1""#),
            r#"invalid input syntax for type integer: "…""#
        );
        assert_eq!(told("database is locked"), "database is locked");
        assert_eq!(told("it's"), "it'…'s");
    }
}
