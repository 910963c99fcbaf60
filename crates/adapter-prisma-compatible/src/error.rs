use std::error::Error as StdError;

use lucia_core::{AdapterError, AdapterErrorKind as Kind};

use crate::{
    driver::{DriverError, Failure},
    schema::{Column, Written},
    value::Reason,
};

/// Why an operation failed, before it is known which operation it was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Nothing failed, but there was nothing to do it to, or too much.
    #[error("refused")]
    Refused(Kind),
    #[error("{reason}")]
    Attribute { name: String, reason: Reason },
    #[error("column `{column}` does not hold {expected}")]
    Decode { column: String, expected: Reason },
    #[error("the connection is one of {found}, and the adapter of {expected}")]
    OtherDatabase { expected: &'static str, found: &'static str },
    #[error("the driver failed")]
    Driver { kind: Kind, attribute: Option<String>, source: Box<dyn StdError + Send + Sync> },
}

impl Error {
    /// The error of an adapter's method.
    pub(crate) fn during(self, operation: &'static str) -> AdapterError {
        match self {
            Self::Refused(kind) => AdapterError::new(kind, operation),
            Self::Attribute { ref name, .. } => {
                AdapterError::new(Kind::InvalidAttribute, operation).with_attribute(name.as_str()).with_source(self)
            }
            Self::OtherDatabase { .. } => AdapterError::new(Kind::Backend, operation).with_source(self),
            Self::Decode { .. } => AdapterError::new(Kind::Decode, operation).with_source(self),
            Self::Driver { kind, attribute, source } => {
                let error = AdapterError::new(kind, operation).with_source(source);
                match attribute {
                    Some(attribute) => error.with_attribute(attribute),
                    None => error,
                }
            }
        }
    }

    /// The error of a statement that violates no constraint of ours.
    pub(crate) fn plain(error: DriverError) -> Self {
        let kind = if error.failure == Failure::Unavailable { Kind::Unavailable } else { Kind::Backend };
        Self::Driver { kind, attribute: None, source: error.source }
    }

    /// The error of a statement that writes a row.
    ///
    /// A foreign key that is violated without a name is one of the application's own: the user was looked for by the
    /// statement itself (bug P3). A table of keys has no attributes.
    pub(crate) fn of(written: Written<'_>, error: DriverError) -> Self {
        let has_attributes = written.duplicate != Kind::DuplicateKeyId;
        let is =
            |column: &Column, place: Option<&str>| place.is_some_and(|name| name.eq_ignore_ascii_case(&column.name));
        let attribute = |place: Option<&str>| {
            let attribute = written.attributes.iter().find(|attribute| is(&attribute.column, place))?;
            Some(attribute.name.clone())
        };
        let (kind, attribute) = match &error.failure {
            Failure::Unique(place) => match written.column(place) {
                Some(column) if is(written.id, Some(column)) => (written.duplicate, None),
                None if !has_attributes => (written.duplicate, None),
                column => (Kind::DuplicateAttribute, attribute(column)),
            },
            Failure::ForeignKey(place) => match written.column(place) {
                column if written.user_id.is_some_and(|user_id| is(user_id, column)) => (Kind::InvalidUserId, None),
                column => (Kind::InvalidAttribute, attribute(column)),
            },
            Failure::Value(place) if !has_attributes || is(written.id, written.column(place)) => {
                (Kind::UnsupportedId, None)
            }
            Failure::NotNull(place) | Failure::Check(place) | Failure::Value(place) => {
                (Kind::InvalidAttribute, attribute(written.column(place)))
            }
            Failure::Exists | Failure::Denied | Failure::Unavailable | Failure::Other => return Self::plain(error),
        };
        Self::Driver { kind, attribute, source: error.source }
    }

    pub(crate) const fn is_duplicate_attribute(&self) -> bool {
        matches!(self, Self::Driver { kind: Kind::DuplicateAttribute, .. })
    }
}
