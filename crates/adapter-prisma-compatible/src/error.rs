use std::error::Error as StdError;

use lucia_core::{AdapterError, AdapterErrorKind as Kind};

use crate::{
    driver::{DriverError, Failure},
    schema::{Column, Ident},
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

    /// The error of a statement that writes a user or a session.
    ///
    /// A foreign key that is violated is one of an attribute's: the user was looked for by the statement itself (bug P3).
    pub(crate) fn of_row(error: DriverError, id: &Ident, attributes: &[Column], duplicate: Kind) -> Self {
        let attribute = |place: &Option<String>| {
            let column = attributes.iter().find(|column| Some(&column.ident.name) == place.as_ref())?;
            Some(column.field.clone())
        };
        let (kind, attribute) = match &error.failure {
            Failure::Unique(Some(place)) if place.eq_ignore_ascii_case(&id.name) => (duplicate, None),
            Failure::Unique(place) => (Kind::DuplicateAttribute, attribute(place)),
            Failure::NotNull(place) => (Kind::InvalidAttribute, attribute(place)),
            Failure::ForeignKey | Failure::Check => (Kind::InvalidAttribute, None),
            Failure::Unavailable | Failure::Other => return Self::plain(error),
        };
        Self::Driver { kind, attribute, source: error.source }
    }

    /// The error of a statement that writes a key, which has nothing unique but its id.
    pub(crate) fn of_key(error: DriverError) -> Self {
        let kind = match error.failure {
            Failure::Unique(_) => Kind::DuplicateKeyId,
            Failure::ForeignKey => Kind::InvalidUserId,
            _ => return Self::plain(error),
        };
        Self::Driver { kind, attribute: None, source: error.source }
    }

    pub(crate) const fn is_duplicate_attribute(&self) -> bool {
        matches!(self, Self::Driver { kind: Kind::DuplicateAttribute, .. })
    }
}
