use lucia_core::{AdapterErrorKind as Kind, Attributes};
use serde_json::Value;

use crate::{
    driver::SqlValue,
    error::Error,
    refusal::Refusal,
    statement::{Insert, Update},
    tables::{AttributeColumn, Column, Ident},
    value::{self, encode},
};

/// Sets the attributes of an insert.
///
/// Columns without a default are always named, so that most inserts use the same prepared statement.
pub(super) fn inserted<'t>(
    mut insert: Insert<'t>,
    table: &Ident,
    columns: &'t [AttributeColumn],
    attributes: &Attributes,
) -> Result<Insert<'t>, Error> {
    reject_unknown(table, columns, attributes)?;
    for column in columns {
        let value = match attributes.get(&column.name) {
            Some(value) => encoded(column, value)?,
            None if !column.is_always_written() => continue,
            None if column.nullable || column.filled => SqlValue::Null,
            None => return Err(missing(column)),
        };
        insert = insert.set(&column.column, value);
    }
    Ok(insert)
}

/// Sets the given attributes of an update.
pub(super) fn updated<'t>(
    mut update: Update<'t>,
    table: &Ident,
    columns: &'t [AttributeColumn],
    attributes: &Attributes,
) -> Result<Update<'t>, Error> {
    reject_unknown(table, columns, attributes)?;
    for column in columns {
        if let Some(value) = attributes.get(&column.name) {
            update = update.set(&column.column, encoded(column, value)?);
        }
    }
    Ok(update)
}

/// Returns an id as a parameter, or an error of kind `otherwise` if the column cannot store it.
pub(super) fn id(column: &Column, id: &str, otherwise: Kind) -> Result<SqlValue, Error> {
    value::id(column, id).map_err(|reason| Error::id(otherwise, column, reason))
}

/// Checks that the values of an attribute are integers.
pub(super) fn check_integer(table: &Ident, columns: &[AttributeColumn], name: &str) -> Result<(), Error> {
    match columns.iter().find(|column| column.name == name).map(|attribute| &attribute.column) {
        None => Err(unknown(table, columns, name)),
        Some(column) if column.is_integer() => Ok(()),
        Some(column) => Err(Error::attribute(name, column.reject("must be an integer".into()))),
    }
}

fn reject_unknown(table: &Ident, columns: &[AttributeColumn], attributes: &Attributes) -> Result<(), Error> {
    match attributes.iter().find(|(name, _)| columns.iter().all(|column| column.name != *name)) {
        None => Ok(()),
        Some((name, _)) => Err(unknown(table, columns, name)),
    }
}

fn unknown(table: &Ident, columns: &[AttributeColumn], name: &str) -> Error {
    let attributes = columns.iter().map(|column| column.name.clone()).collect();
    Error::attribute(name, Refusal::Unknown { table: table.name.clone(), attributes })
}

fn missing(attribute: &AttributeColumn) -> Error {
    let Column { table, name, .. } = &attribute.column;
    Error::attribute(&attribute.name, Refusal::Missing { table: table.clone(), column: name.clone() })
}

fn encoded(attribute: &AttributeColumn, value: &Value) -> Result<SqlValue, Error> {
    let rejected = |reason| Error::attribute(&attribute.name, attribute.column.reject(reason));
    encode(attribute, value).map_err(rejected)
}
