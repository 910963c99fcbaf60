use lucia_core::{AdapterError, AdapterErrorKind as Kind};
use worker::wasm_bindgen::JsCast as _;

use crate::{Failure, Reason};

/// Why D1 did not do what it was asked to: the source of an [`AdapterError`]. No value of a row is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum D1Error {
    /// An attribute cannot be stored.
    #[error("attribute `{name}`: {reason}")]
    Attribute {
        /// Its name.
        name: String,
        /// Why it cannot.
        reason: &'static str,
    },
    /// A column holds something else than its type.
    #[error("column `{column}` does not hold {expected}")]
    Decode {
        /// Its name.
        column: String,
        /// What it should hold.
        expected: &'static str,
    },
    /// D1 itself failed.
    #[error("{message}")]
    Failed {
        /// D1's own words, and SQLite's.
        message: String,
    },
}

/// Why an operation failed, before it is known which one it was.
#[derive(Debug)]
pub(crate) enum Error {
    /// Nothing failed, but there was nothing to do it to, or too much.
    Refused(Kind),
    Caused {
        kind: Kind,
        attribute: Option<String>,
        cause: D1Error,
    },
}

impl Error {
    pub(crate) fn attribute(name: &str, reason: Reason) -> Self {
        let name = name.to_owned();
        let cause = D1Error::Attribute { name: name.clone(), reason };
        Self::Caused { kind: Kind::InvalidAttribute, attribute: Some(name), cause }
    }

    pub(crate) fn decode(column: &str, expected: Reason) -> Self {
        Self::Caused {
            kind: Kind::Decode,
            attribute: None,
            cause: D1Error::Decode { column: column.to_owned(), expected },
        }
    }

    /// The error of a stored attribute, whose column has its name.
    pub(crate) fn decode_attribute(name: &str, expected: Reason) -> Self {
        let cause = D1Error::Decode { column: name.to_owned(), expected };
        Self::Caused { kind: Kind::Decode, attribute: Some(name.to_owned()), cause }
    }

    pub(crate) fn during(self, operation: &'static str) -> AdapterError {
        match self {
            Self::Refused(kind) => AdapterError::new(kind).with_operation(operation),
            Self::Caused { kind, attribute, cause } => {
                let error = AdapterError::new(kind).with_operation(operation).with_source(cause);
                match attribute {
                    Some(attribute) => error.with_attribute(attribute),
                    None => error,
                }
            }
        }
    }

    pub(crate) const fn kind(&self) -> Kind {
        match self {
            Self::Refused(kind) | Self::Caused { kind, .. } => *kind,
        }
    }
}

/// What `worker` says of a failed statement, which names a kind only together with the tables.
#[derive(Debug)]
pub(crate) struct Thrown {
    pub(crate) failure: Failure,
    message: String,
}

impl Thrown {
    pub(crate) fn into_error(self, kind: Kind, attribute: Option<String>) -> Error {
        Error::Caused { kind, attribute, cause: D1Error::Failed { message: self.message } }
    }

    /// The error of a statement that violates no constraint that is known.
    pub(crate) fn plain(self) -> Error {
        let kind = if self.failure == Failure::Unavailable { Kind::Unavailable } else { Kind::Backend };
        self.into_error(kind, None)
    }
}

impl From<worker::Error> for Thrown {
    fn from(error: worker::Error) -> Self {
        let message = match error {
            // The cause has SQLite's words, if SQLite was asked.
            worker::Error::D1(error) => {
                let thrown: &worker::js_sys::Error = error.as_ref();
                String::from(thrown.message())
            }
            worker::Error::Internal(value) => match value.dyn_ref::<worker::js_sys::Error>() {
                Some(error) => String::from(error.message()),
                None => "D1 threw a value that is not an error".to_owned(),
            },
            worker::Error::JsError(message) => message,
            other => other.to_string(),
        };
        Self { failure: Failure::new(&message), message }
    }
}
