use serde_json::{Number, Value};

use super::{
    datetime,
    decimal::{Decimal, print_float},
};
use crate::{
    config::AttributeType,
    driver::SqlValue,
    refusal::{Reason, quoted},
    tables::AttributeColumn,
};

/// Reads a single value or an item of a list. The form of each value is detected, because one column may contain
/// several forms.
pub(super) fn scalar(attribute: &AttributeColumn, stored: SqlValue) -> Result<Value, Reason> {
    let (value, expected) = match attribute.column.kind {
        AttributeType::String => return string(attribute, stored),
        AttributeType::Int | AttributeType::BigInt => (integer(&stored).map(Value::from), "an integer"),
        AttributeType::Float => (float(&stored), "a finite number"),
        AttributeType::Boolean => (boolean(&stored).map(Value::from), "a boolean"),
        AttributeType::DateTime => (date_time(&stored).map(Value::from), "a time"),
        AttributeType::Json => (json(&stored), "JSON"),
        AttributeType::Bytes => match stored {
            SqlValue::Blob(bytes) => (Some(Value::from(bytes)), "bytes"),
            _ => (None, "bytes"),
        },
        AttributeType::Decimal => (decimal(stored).map(Value::from), "a decimal number"),
    };
    value.ok_or(Reason::Borrowed(expected))
}

/// Reads an integer as Prisma does: the fraction of a floating point number is truncated.
pub(crate) fn integer(stored: &SqlValue) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    match stored {
        SqlValue::Integer(value) => Some(*value),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the range was checked, and the fraction is truncated on purpose"
        )]
        SqlValue::Real(value) if (-LIMIT..LIMIT).contains(value) => Some(*value as i64),
        SqlValue::Text(text) => text.parse().ok(),
        SqlValue::Null | SqlValue::Boolean(_) | SqlValue::Real(_) | SqlValue::Blob(_) => None,
    }
}

fn string(attribute: &AttributeColumn, stored: SqlValue) -> Result<Value, Reason> {
    let SqlValue::Text(text) = stored else {
        return Err("text".into());
    };
    if attribute.labels.is_empty() {
        return Ok(Value::String(text));
    }
    if let Some((label, _)) = attribute.labels.iter().find(|(_, stored)| *stored == text) {
        return Ok(Value::from(label.as_str()));
    }
    // A label that was added to the database later is returned unchanged, unless it could be confused with a mapped
    // label. On MySQL, '' is an invalid label.
    if text.is_empty() || attribute.labels.iter().any(|(label, _)| *label == text) {
        let labels: Vec<_> = attribute.labels.iter().map(|(_, stored)| stored).collect();
        return Err(format!("one of the labels {}", quoted(&labels)).into());
    }
    Ok(Value::String(text))
}

fn float(stored: &SqlValue) -> Option<Value> {
    match stored {
        SqlValue::Real(value) => Number::from_f64(*value).map(Value::Number),
        SqlValue::Integer(value) => Some(Value::from(*value)),
        SqlValue::Null | SqlValue::Boolean(_) | SqlValue::Text(_) | SqlValue::Blob(_) => None,
    }
}

/// Accepts only values on which all versions of Prisma agree: some read 2 and −1 as true, others as false.
fn boolean(stored: &SqlValue) -> Option<bool> {
    match stored {
        SqlValue::Boolean(value) => Some(*value),
        SqlValue::Integer(0) => Some(false),
        SqlValue::Integer(1) => Some(true),
        // All numbers of D1 are doubles.
        SqlValue::Real(0.0) => Some(false),
        SqlValue::Real(1.0) => Some(true),
        SqlValue::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
        SqlValue::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
        SqlValue::Blob(bytes) => match bytes.as_slice() {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        },
        SqlValue::Null | SqlValue::Integer(_) | SqlValue::Real(_) | SqlValue::Text(_) => None,
    }
}

/// Reads a number as milliseconds, like Prisma. sqlx would read it as seconds.
fn date_time(stored: &SqlValue) -> Option<String> {
    let millis = match stored {
        SqlValue::Text(text) => datetime::from_stored(text)?,
        SqlValue::Integer(_) | SqlValue::Real(_) => integer(stored)?,
        SqlValue::Null | SqlValue::Boolean(_) | SqlValue::Blob(_) => return None,
    };
    datetime::to_iso(millis)
}

/// Reads a JSON value. On SQLite, a number at the top level is stored as a number because of the column's numeric
/// affinity.
fn json(stored: &SqlValue) -> Option<Value> {
    match stored {
        SqlValue::Text(text) => serde_json::from_str(text).ok(),
        SqlValue::Integer(_) | SqlValue::Real(_) => float(stored),
        SqlValue::Null | SqlValue::Boolean(_) | SqlValue::Blob(_) => None,
    }
}

/// Reads a decimal number, without the trailing zeros that a column with a fixed scale adds.
fn decimal(stored: SqlValue) -> Option<String> {
    match stored {
        SqlValue::Integer(value) => Some(value.to_string()),
        SqlValue::Real(value) => print_float(value),
        SqlValue::Text(mut text) => {
            Decimal::parse(&text)?;
            if text.contains('.') && !text.contains(['e', 'E']) {
                let kept = text.trim_end_matches('0').trim_end_matches('.').len();
                text.truncate(kept);
            }
            Some(text)
        }
        SqlValue::Null | SqlValue::Boolean(_) | SqlValue::Blob(_) => None,
    }
}
