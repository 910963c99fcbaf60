/// A value as databases store it.
///
/// It is exhaustive, as every driver has to bind each kind.
#[derive(Clone, Debug, PartialEq)]
pub enum SqlValue {
    /// `NULL`
    Null,
    /// A boolean, on databases that have them.
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

impl From<&str> for SqlValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// The values of a row, in the order in which the statement names them.
pub type Row = Vec<SqlValue>;
