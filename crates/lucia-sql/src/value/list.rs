//! Lists, which only Postgres supports. They are sent as the text of an array, and read as JSON.

use std::fmt::Write as _;

use serde_json::Value;

use super::{decode, encode, json};
use crate::{
    config::AttributeType,
    driver::SqlValue,
    refusal::Reason,
    tables::{AttributeColumn, Limit},
};

/// Returns the text of an array: `{"a","b"}`.
pub(super) fn to_array(attribute: &AttributeColumn, value: &Value) -> Result<SqlValue, Reason> {
    let items = value.as_array().ok_or("must be an array")?;
    let mut array = String::from("{");
    for (index, item) in items.iter().enumerate() {
        let item =
            item_text(attribute, item).map_err(|reason| format!("must be an array whose item {index} {reason}"))?;
        if index > 0 {
            array.push(',');
        }
        array.push('"');
        for character in item.chars() {
            if matches!(character, '"' | '\\') {
                array.push('\\');
            }
            array.push(character);
        }
        array.push('"');
    }
    array.push('}');
    Ok(SqlValue::Text(array))
}

/// Returns the text of an item.
fn item_text(attribute: &AttributeColumn, item: &Value) -> Result<String, Reason> {
    if item.is_null() && attribute.column.kind != AttributeType::Json {
        return Err("must not be null".into());
    }
    Ok(match encode::scalar(attribute, item)? {
        SqlValue::Null => return Err("must not be null".into()),
        SqlValue::Boolean(value) => value.to_string(),
        SqlValue::Integer(value) => value.to_string(),
        SqlValue::Real(value) => format!("{value:?}"),
        SqlValue::Text(text) => text,
        SqlValue::Blob(bytes) => bytes.iter().fold(String::from("\\x"), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        }),
    })
}

/// Reads a list that the server formatted as JSON. A null list is empty, as in Prisma.
pub(super) fn from_json(attribute: &AttributeColumn, stored: SqlValue) -> Result<Value, Reason> {
    let items = match stored {
        SqlValue::Null => return Ok(Value::Array(Vec::new())),
        SqlValue::Text(text) => serde_json::from_str::<Vec<Value>>(&text).map_err(|_| "a list")?,
        _ => return Err("a list".into()),
    };
    let item = |item| {
        let item = cell(attribute, item).ok_or("a list of values that are not null")?;
        decode::scalar(attribute, item).map_err(|expected| format!("a list in which each item is {expected}").into())
    };
    items.into_iter().map(item).collect()
}

/// Converts an item to the value that a column of the item's type would have.
fn cell(attribute: &AttributeColumn, item: Value) -> Option<SqlValue> {
    Some(match (attribute.column.kind, item) {
        (AttributeType::Json, item) => SqlValue::Text(json::print(&item)?),
        (AttributeType::Bytes, Value::String(text)) => SqlValue::Blob(hexadecimal(&text)?),
        (AttributeType::DateTime, Value::String(time)) => match attribute.column.limit {
            Limit::Times { of_day: true, .. } => SqlValue::Text(format!("1970-01-01T{time}")),
            _ => SqlValue::Text(time),
        },
        (_, Value::String(text)) => SqlValue::Text(text),
        (_, Value::Bool(value)) => SqlValue::Boolean(value),
        (AttributeType::Float, Value::Number(number)) => SqlValue::Real(number.as_f64()?),
        (_, Value::Number(number)) => match number.as_i64() {
            Some(integer) => SqlValue::Integer(integer),
            None => SqlValue::Real(number.as_f64()?),
        },
        (_, Value::Null | Value::Array(_) | Value::Object(_)) => return None,
    })
}

/// Decodes the bytes of `\x00ff`.
fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("\\x")?.as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks(2).map(byte).collect()
}
