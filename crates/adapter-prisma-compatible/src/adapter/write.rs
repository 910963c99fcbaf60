use lucia_core::Attributes;
use serde_json::Value;

use crate::{driver::SqlValue, error::Error, schema::AttributeColumn, value::encode};

/// Columns to write, and adds their values to `parameters`.
///
/// For an insert: columns that have no default are always named, so that most inserts are one prepared statement.
pub(super) fn inserted<'a>(
    columns: &'a [AttributeColumn],
    attributes: &Attributes,
    parameters: &mut Vec<SqlValue>,
) -> Result<Vec<&'a AttributeColumn>, Error> {
    refuse_unknown(columns, attributes)?;
    let mut written = Vec::with_capacity(columns.len());
    for column in columns {
        let value = match attributes.get(&column.name) {
            Some(value) => encoded(column, value)?,
            None if !column.is_always_written() => continue,
            None if column.nullable => SqlValue::Null,
            None => return Err(Error::Attribute { name: column.name.clone(), reason: "it is required" }),
        };
        parameters.push(value);
        written.push(column);
    }
    Ok(written)
}

/// The same for an update, which names nothing but the given attributes.
pub(super) fn updated<'a>(
    columns: &'a [AttributeColumn],
    attributes: &Attributes,
    parameters: &mut Vec<SqlValue>,
) -> Result<Vec<&'a AttributeColumn>, Error> {
    refuse_unknown(columns, attributes)?;
    let mut written = Vec::with_capacity(attributes.len());
    for column in columns {
        if let Some(value) = attributes.get(&column.name) {
            parameters.push(encoded(column, value)?);
            written.push(column);
        }
    }
    Ok(written)
}

fn refuse_unknown(columns: &[AttributeColumn], attributes: &Attributes) -> Result<(), Error> {
    match attributes.iter().find(|(name, _)| columns.iter().all(|column| column.name != *name)) {
        None => Ok(()),
        Some((name, _)) => Err(Error::Attribute { name: name.to_owned(), reason: "the table has no column for it" }),
    }
}

fn encoded(column: &AttributeColumn, value: &Value) -> Result<SqlValue, Error> {
    encode(column, value).map_err(|reason| Error::Attribute { name: column.name.clone(), reason })
}
