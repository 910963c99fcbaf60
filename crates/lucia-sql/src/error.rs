use std::{error::Error as StdError, fmt};

use lucia_core::{AdapterError, AdapterErrorKind as Kind, AttributesError};

use crate::{
    driver::{DriverError, Failure, Place},
    refusal::{ConstraintKind, Reason, Refusal},
    tables::{AttributeColumn, Column, Written},
};

/// Why an operation failed: an [`AdapterError`] whose kind may still change.
#[derive(Debug)]
pub(crate) struct Error {
    kind: Kind,
    attribute: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// A stored value that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("column `{column}` of table `{table}` is {column_type}: the stored value is not {expected}")]
struct Unreadable {
    table: String,
    column: String,
    column_type: String,
    expected: Reason,
}

#[derive(Debug, thiserror::Error)]
#[error("the connection is one to {found}, and the adapter's tables are in {expected}")]
struct OtherDatabase {
    expected: &'static str,
    found: &'static str,
}

#[derive(Debug, thiserror::Error)]
#[error("the key's user id is not the user's")]
struct OthersKey;

impl From<Kind> for Error {
    /// Nothing failed, but there was nothing to do it to, or too much.
    fn from(kind: Kind) -> Self {
        Self { kind, attribute: None, source: None }
    }
}

impl From<AttributesError> for Error {
    /// A stored attribute has a reserved name, which the check of the tables refuses.
    fn from(error: AttributesError) -> Self {
        Self::because(Kind::Decode, error)
    }
}

impl From<Error> for AdapterError {
    fn from(error: Error) -> Self {
        let Error { kind, attribute, source } = error;
        let error = Self::new(kind);
        let error = match source {
            Some(source) => error.with_source(source),
            None => error,
        };
        match attribute {
            Some(attribute) => error.with_attribute(attribute),
            None => error,
        }
    }
}

impl Error {
    fn because(kind: Kind, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { kind, attribute: None, source: Some(source.into()) }
    }

    /// The error of an id that its column cannot hold.
    pub(crate) fn id(kind: Kind, column: &Column, reason: Reason) -> Self {
        Self::because(kind, column.refuses(reason))
    }

    /// The error of an attribute that was refused.
    pub(crate) fn attribute(name: &str, refusal: Refusal) -> Self {
        Self { attribute: Some(name.to_owned()), ..Self::because(Kind::InvalidAttribute, refusal) }
    }

    /// The error of a stored value that is not what is expected.
    pub(crate) fn unreadable(column: &Column, expected: impl Into<Reason>) -> Self {
        let Column { table, name, declared, .. } = column;
        let (table, column, column_type) = (table.clone(), name.clone(), declared.clone());
        Self::because(Kind::Decode, Unreadable { table, column, column_type, expected: expected.into() })
    }

    /// The error of a stored attribute that is not what is expected.
    pub(crate) fn unreadable_attribute(attribute: &AttributeColumn, expected: impl Into<Reason>) -> Self {
        Self { attribute: Some(attribute.name.clone()), ..Self::unreadable(&attribute.column, expected) }
    }

    pub(crate) fn other_database(expected: &'static str, found: &'static str) -> Self {
        Self::because(Kind::Backend, OtherDatabase { expected, found })
    }

    /// The error of a key that would be inserted with another user than its own.
    pub(crate) fn others_key() -> Self {
        Self::because(Kind::InvalidUserId, OthersKey)
    }

    /// The error of a statement that writes no row of a table: it reads, or it deletes, which foreign keys of other tables may
    /// forbid.
    pub(crate) fn plain(error: DriverError) -> Self {
        let kind = if error.failure == Failure::Unavailable { Kind::Unavailable } else { Kind::Backend };
        match error.failure {
            Failure::ForeignKey(Place { table, column, constraint: name }) => {
                let kind_of = ConstraintKind::Reference;
                Self::because(kind, Refusal::Constraint { kind: kind_of, name, table, column, source: error.source })
            }
            _ => Self::because(kind, error.source),
        }
    }

    /// The error of a statement that writes a row.
    ///
    /// A violated foreign key without a name belongs to the application, because the statement itself checks the user. A
    /// key table has no attributes.
    pub(crate) fn of(written: Written<'_>, error: DriverError) -> Self {
        let has_attributes = written.duplicate != Kind::DuplicateKeyId;
        let is =
            |column: &Column, place: Option<&str>| place.is_some_and(|name| name.eq_ignore_ascii_case(&column.name));
        let attribute = |place: Option<&str>| {
            let attribute = written.attributes.iter().find(|attribute| is(&attribute.column, place))?;
            Some(attribute.name.clone())
        };
        let (violated, place) = match error.failure {
            Failure::ForeignKey(ref place) if written.is_elsewhere(place) => return Self::plain(error),
            Failure::Unique(place) => (ConstraintKind::Unique, place),
            Failure::ForeignKey(place) => (ConstraintKind::ForeignKey, place),
            Failure::NotNull(place) => (ConstraintKind::NotNull, place),
            Failure::Check(place) => (ConstraintKind::Check, place),
            // What MySQL quotes may be the value.
            Failure::Value(place) => {
                let column = place.column.filter(|name| written.has_column(name));
                (ConstraintKind::Type, Place { column, ..place })
            }
            Failure::Exists | Failure::Denied | Failure::Unavailable | Failure::Other => return Self::plain(error),
        };
        if written.is_elsewhere(&place) {
            let Place { table, column, constraint: name } = place;
            let refusal = Refusal::Constraint { kind: violated, name, table, column, source: error.source };
            return Self::because(Kind::Backend, refusal);
        }
        let column = written.column(&place);
        let (kind, attribute) = match violated {
            ConstraintKind::Unique if is(written.id, column) || column.is_none() && !has_attributes => {
                (written.duplicate, None)
            }
            ConstraintKind::Unique => (Kind::DuplicateAttribute, attribute(column)),
            ConstraintKind::ForeignKey if written.user_id.is_some_and(|user_id| is(user_id, column)) => {
                (Kind::InvalidUserId, None)
            }
            ConstraintKind::Type if !has_attributes || is(written.id, column) => (Kind::UnsupportedId, None),
            ConstraintKind::Type if column.is_none() => (Kind::InvalidAttribute, written.only_form()),
            _ => (Kind::InvalidAttribute, attribute(column)),
        };
        let column = column.map(ToOwned::to_owned);
        let table = place.table.or_else(|| Some(written.id.table.clone()));
        let refusal =
            Refusal::Constraint { kind: violated, name: place.constraint, table, column, source: error.source };
        Self { attribute, ..Self::because(kind, refusal) }
    }

    /// The same error as one of another kind, which is no longer about an attribute.
    pub(crate) fn into_kind(self, kind: Kind) -> Self {
        Self { kind, attribute: None, ..self }
    }

    pub(crate) fn is_duplicate_attribute(&self) -> bool {
        self.kind == Kind::DuplicateAttribute
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Some(source) => source.fmt(f),
            None => write!(f, "{:?}", self.kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::AttributeType,
        driver::mysql,
        tables::{Ident, Limit},
    };

    /// The error of an insert into `User`, which has the columns `id` and `age`.
    fn refused(number: u16, message: &str) -> AdapterError {
        let table = Ident {
            name: "User".to_owned(),
            quoted: "`User`".to_owned(),
            columns: vec!["id".to_owned(), "age".to_owned()],
            partitions: Vec::new(),
            filled: Vec::new(),
        };
        let id = Column {
            table: "User".to_owned(),
            name: "id".to_owned(),
            quoted: "`id`".to_owned(),
            kind: AttributeType::String,
            list: false,
            declared: "varchar(191)".to_owned(),
            sql_type: String::new(),
            limit: Limit::None,
        };
        let duplicate = Kind::DuplicateUserId;
        let written = Written { table: &table, id: &id, user_id: None, attributes: &[], constraints: &[], duplicate };
        let failure = mysql::failure(number, Some("22007"), message);
        Error::of(written, DriverError::new(failure, "refused")).into()
    }

    #[test]
    fn no_value_passes_for_a_column() {
        for (number, message) in [
            (1292, "Truncated incorrect INTEGER value: 's3cret'"),
            (1292, "Incorrect datetime value: 's3cret'"),
            (1411, "Incorrect datetime value: 's3cret' for function str_to_date"),
            (1525, "Incorrect DATE value: 's3cret'"),
            (3854, "Cannot convert string 's3cret' from utf8mb4 to ascii"),
            (1366, "Incorrect integer value: 'x' for column `app`.`audit`.`s3cret` at row 1"),
        ] {
            let error = refused(number, message);
            let refusal = error.downcast_ref::<Refusal>().unwrap();
            assert!(matches!(refusal, Refusal::Constraint { column: None, .. }), "{refusal:?}");
            assert!(!format!("{error:?} {refusal}").contains("s3cret"), "{error:?}");
        }
        let error = refused(1366, "Incorrect integer value: 's3cret' for column `app`.`User`.`age` at row 1");
        let refusal = error.downcast_ref::<Refusal>().unwrap();
        assert!(matches!(refusal, Refusal::Constraint { column: Some(column), .. } if column == "age"), "{refusal:?}");
        assert_eq!(refused(1292, "Incorrect value: 'x' for column 'id'").kind(), Kind::UnsupportedId);
    }
}
