use std::{error::Error as StdError, fmt};

use lucia_core::{AdapterError, AdapterErrorKind as Kind, AttributesError};

use crate::{
    driver::{DriverError, Failure, Place},
    refusal::{ConstraintKind, Reason, Refusal},
    tables::{AttributeColumn, Column, WriteTarget},
};

/// The error of an operation: an [`AdapterError`] whose kind can still be changed.
#[derive(Debug)]
pub(crate) struct Error {
    kind: Kind,
    attribute: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The source of an error for a stored value that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("column `{column}` of table `{table}` is {column_type}: the stored value is not {expected}")]
struct Unreadable {
    table: String,
    column: String,
    column_type: String,
    expected: Reason,
}

#[derive(Debug, thiserror::Error)]
#[error("wrong kind of connection: the adapter uses {expected}, and the connection is to {found}")]
struct WrongConnection {
    expected: &'static str,
    found: &'static str,
}

#[derive(Debug, thiserror::Error)]
#[error("the key belongs to another user")]
struct WrongUser;

impl From<Kind> for Error {
    /// Creates an error that is not caused by another one.
    fn from(kind: Kind) -> Self {
        Self { kind, attribute: None, source: None }
    }
}

impl From<AttributesError> for Error {
    /// A stored attribute has a reserved name. The check of the tables prevents this.
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

    /// Creates the error for an id that its column cannot store.
    pub(crate) fn id(kind: Kind, column: &Column, reason: Reason) -> Self {
        Self::because(kind, column.reject(reason))
    }

    /// Creates the error for a rejected attribute.
    pub(crate) fn attribute(name: &str, refusal: Refusal) -> Self {
        Self { attribute: Some(name.to_owned()), ..Self::because(Kind::InvalidAttribute, refusal) }
    }

    /// Creates the error for a stored value that is not `expected`.
    pub(crate) fn unreadable(column: &Column, expected: impl Into<Reason>) -> Self {
        let Column { table, name, declared, .. } = column;
        let (table, column, column_type) = (table.clone(), name.clone(), declared.clone());
        Self::because(Kind::Decode, Unreadable { table, column, column_type, expected: expected.into() })
    }

    /// Creates the error for a stored attribute that is not `expected`.
    pub(crate) fn unreadable_attribute(attribute: &AttributeColumn, expected: impl Into<Reason>) -> Self {
        Self { attribute: Some(attribute.name.clone()), ..Self::unreadable(&attribute.column, expected) }
    }

    pub(crate) fn wrong_connection(expected: &'static str, found: &'static str) -> Self {
        Self::because(Kind::Backend, WrongConnection { expected, found })
    }

    /// Creates the error for a key that is inserted together with another user than its own.
    pub(crate) fn wrong_user() -> Self {
        Self::because(Kind::InvalidUserId, WrongUser)
    }

    /// Creates the error for a statement that reads or deletes. Foreign keys of other tables may prevent a deletion.
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

    /// Creates the error for a statement that writes a row.
    ///
    /// A violated foreign key without a name is not the one of the user, because the statement itself checks that the
    /// user exists. The tables of keys and tokens have no attributes.
    pub(crate) fn of(target: WriteTarget<'_>, error: DriverError) -> Self {
        let has_attributes = !matches!(target.duplicate, Kind::DuplicateKeyId | Kind::DuplicateTokenId);
        let is =
            |column: &Column, place: Option<&str>| place.is_some_and(|name| name.eq_ignore_ascii_case(&column.name));
        let attribute = |place: Option<&str>| {
            let attribute = target.attributes.iter().find(|attribute| is(&attribute.column, place))?;
            Some(attribute.name.clone())
        };
        let (violated, place) = match error.failure {
            Failure::ForeignKey(ref place) if target.is_elsewhere(place) => return Self::plain(error),
            Failure::Unique(place) => (ConstraintKind::Unique, place),
            Failure::ForeignKey(place) => (ConstraintKind::ForeignKey, place),
            Failure::NotNull(place) => (ConstraintKind::NotNull, place),
            Failure::Check(place) => (ConstraintKind::Check, place),
            // On MySQL, the quoted name may be the value.
            Failure::Value(place) => {
                let column = place.column.filter(|name| target.has_column(name));
                (ConstraintKind::Type, Place { column, ..place })
            }
            Failure::Exists | Failure::Denied | Failure::Unavailable | Failure::Other => return Self::plain(error),
        };
        if target.is_elsewhere(&place) {
            let Place { table, column, constraint: name } = place;
            let refusal = Refusal::Constraint { kind: violated, name, table, column, source: error.source };
            return Self::because(Kind::Backend, refusal);
        }
        let column = target.column(&place);
        let (kind, attribute) = match violated {
            ConstraintKind::Unique if is(target.id, column) || column.is_none() && !has_attributes => {
                (target.duplicate, None)
            }
            ConstraintKind::Unique => (Kind::DuplicateAttribute, attribute(column)),
            ConstraintKind::ForeignKey if target.user_id.is_some_and(|user_id| is(user_id, column)) => {
                (Kind::InvalidUserId, None)
            }
            ConstraintKind::Type if is(target.id, column) => (Kind::UnsupportedId, None),
            ConstraintKind::Type if target.duplicate == Kind::DuplicateKeyId => (Kind::UnsupportedId, None),
            // Ids and kinds have a limited length, which is checked before.
            ConstraintKind::Type if target.duplicate == Kind::DuplicateTokenId => {
                (Kind::InvalidAttribute, Some("data".to_owned()))
            }
            ConstraintKind::Type if column.is_none() => (Kind::InvalidAttribute, target.only_format()),
            _ => (Kind::InvalidAttribute, attribute(column)),
        };
        let column = column.map(ToOwned::to_owned);
        let table = place.table.or_else(|| Some(target.id.table.clone()));
        let refusal =
            Refusal::Constraint { kind: violated, name: place.constraint, table, column, source: error.source };
        Self { attribute, ..Self::because(kind, refusal) }
    }

    /// Returns the error with another kind and without the attribute.
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

    /// Returns the error for an insert into `User`, which has the columns `id` and `age`.
    fn rejected(number: u16, message: &str) -> AdapterError {
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
            collation: String::new(),
            limit: Limit::None,
        };
        let duplicate = Kind::DuplicateUserId;
        let target =
            WriteTarget { table: &table, id: &id, user_id: None, attributes: &[], constraints: &[], duplicate };
        let failure = mysql::failure(number, Some("22007"), message);
        Error::of(target, DriverError::new(failure, "rejected")).into()
    }

    #[test]
    fn values_in_messages_are_not_reported_as_columns() {
        for (number, message) in [
            (1292, "Truncated incorrect INTEGER value: 's3cret'"),
            (1292, "Incorrect datetime value: 's3cret'"),
            (1411, "Incorrect datetime value: 's3cret' for function str_to_date"),
            (1525, "Incorrect DATE value: 's3cret'"),
            (3854, "Cannot convert string 's3cret' from utf8mb4 to ascii"),
            (1366, "Incorrect integer value: 'x' for column `app`.`audit`.`s3cret` at row 1"),
        ] {
            let error = rejected(number, message);
            let refusal = error.downcast_ref::<Refusal>().unwrap();
            assert!(matches!(refusal, Refusal::Constraint { column: None, .. }), "{refusal:?}");
            assert!(!format!("{error:?} {refusal}").contains("s3cret"), "{error:?}");
        }
        let error = rejected(1366, "Incorrect integer value: 's3cret' for column `app`.`User`.`age` at row 1");
        let refusal = error.downcast_ref::<Refusal>().unwrap();
        assert!(matches!(refusal, Refusal::Constraint { column: Some(column), .. } if column == "age"), "{refusal:?}");
        assert_eq!(rejected(1292, "Incorrect value: 'x' for column 'id'").kind(), Kind::UnsupportedId);
    }
}
