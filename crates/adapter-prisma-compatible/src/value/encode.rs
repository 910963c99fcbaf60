use serde_json::{Number, Value};

use super::{Reason, datetime, decimal::Decimal, json};
use crate::{config::AttributeType, driver::SqlValue, schema::Column};

/// The stored form of a value: the bytes that Prisma would write.
pub(crate) fn encode(column: &Column, value: &Value) -> Result<SqlValue, Reason> {
    if column.generated {
        return Err("the database computes it");
    }
    if value.is_null() {
        return match column.kind {
            _ if column.nullable => Ok(SqlValue::Null),
            // What Prisma calls JsonNull.
            AttributeType::Json => Ok(SqlValue::from("null")),
            _ => Err("it must not be null"),
        };
    }
    match column.kind {
        AttributeType::String => string(column, value),
        AttributeType::Int | AttributeType::BigInt => integer(value).ok_or("it must be an integer of 64 bits"),
        AttributeType::Float => value.as_number().and_then(float).ok_or("it must be a number that a double holds"),
        AttributeType::Boolean => {
            value.as_bool().map(|value| SqlValue::Integer(value.into())).ok_or("it must be a boolean")
        }
        AttributeType::DateTime => date_time(column, value).ok_or("it must be an RFC 3339 time or milliseconds"),
        AttributeType::Json => as_json(value).ok_or("it must be a number of 64 bits"),
        AttributeType::Bytes => bytes(value).ok_or("it must be an array of numbers from 0 to 255"),
        AttributeType::Decimal => decimal(value).ok_or("it must be a decimal number whose digits the column keeps"),
    }
}

fn string(column: &Column, value: &Value) -> Result<SqlValue, Reason> {
    let text = value.as_str().ok_or("it must be a string")?;
    if column.labels.is_empty() {
        return Ok(SqlValue::from(text));
    }
    let known = column.labels.iter().find(|(label, _)| label == text);
    known.map(|(_, stored)| SqlValue::from(stored.as_str())).ok_or("it must be a label of the enum")
}

/// JavaScript has no other numbers than floating point ones, so `5.0` is an integer too.
fn integer(value: &Value) -> Option<SqlValue> {
    const EXACT: f64 = 9_007_199_254_740_991.0;
    let number = value.as_number()?;
    let integer = number.as_i64().or_else(|| {
        let float = number.as_f64().filter(|_| number.is_f64())?;
        #[expect(clippy::cast_possible_truncation, reason = "it is an integer within the exact range")]
        (float.trunc() == float && float.abs() <= EXACT).then_some(float as i64)
    });
    integer.map(SqlValue::Integer)
}

/// An integer that a double would round is refused.
fn float(number: &Number) -> Option<SqlValue> {
    let float = number.as_f64().filter(|float| float.is_finite())?;
    let exact = number.is_f64() || number.as_i128() == Some(rounded(float));
    exact.then_some(SqlValue::Real(float))
}

#[expect(clippy::cast_possible_truncation, reason = "every integer of JSON is far inside the range of i128")]
const fn rounded(float: f64) -> i128 {
    float as i128
}

fn date_time(column: &Column, value: &Value) -> Option<SqlValue> {
    let millis = match value {
        Value::String(text) => datetime::from_rfc3339(text)?,
        Value::Number(_) => match integer(value)? {
            SqlValue::Integer(millis) => millis,
            _ => return None,
        },
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    // What could not be read again is refused in either form.
    let text = datetime::to_stored(millis)?;
    Some(if column.as_millis { SqlValue::Integer(millis) } else { SqlValue::Text(text) })
}

/// The column's numeric affinity would round a large number that is given as text.
fn as_json(value: &Value) -> Option<SqlValue> {
    match value {
        Value::Number(number) => number.as_i64().map(SqlValue::Integer).or_else(|| float(number)),
        _ => json::print(value).map(SqlValue::Text),
    }
}

fn bytes(value: &Value) -> Option<SqlValue> {
    let byte = |value: &Value| value.as_u64().and_then(|byte| u8::try_from(byte).ok());
    value.as_array()?.iter().map(byte).collect::<Option<_>>().map(SqlValue::Blob)
}

fn decimal(value: &Value) -> Option<SqlValue> {
    let decimal = match value {
        Value::String(text) => Decimal::parse(text)?,
        Value::Number(number) => Decimal::parse(&number.to_string())?,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    decimal.as_integer().map(SqlValue::Integer).or_else(|| decimal.as_float().map(SqlValue::Real))
}
