use std::fmt;

/// A value of a database. `Debug` shows neither text nor bytes, because they may be secret.
///
/// The enum is exhaustive, because every driver must bind each variant.
#[derive(Clone, PartialEq)]
pub enum SqlValue {
    /// `NULL`
    Null,
    /// A boolean, on databases with a boolean type.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// A floating point number.
    Real(f64),
    /// Text in UTF-8.
    Text(String),
    /// Bytes, and text that is not UTF-8.
    Blob(Vec<u8>),
}

impl fmt::Debug for SqlValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Boolean(value) => f.debug_tuple("Boolean").field(value).finish(),
            Self::Integer(value) => f.debug_tuple("Integer").field(value).finish(),
            Self::Real(value) => f.debug_tuple("Real").field(value).finish(),
            Self::Text(_) => f.write_str("Text(..)"),
            Self::Blob(_) => f.write_str("Blob(..)"),
        }
    }
}

impl From<&str> for SqlValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// The values of a row, in the order in which the statement selects them.
pub type Row = Vec<SqlValue>;
