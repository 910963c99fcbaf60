use serde_json::{Number, Value};

use super::{Reason, datetime, decimal::Decimal, id::holds_text, json};
use crate::{
    config::AttributeType,
    driver::SqlValue,
    schema::{AttributeColumn, Limit, TimeForm},
};

const NOT_HELD: Reason = "the column cannot hold it";

/// The stored form of a value: what Prisma would write.
pub(crate) fn encode(attribute: &AttributeColumn, value: &Value) -> Result<SqlValue, Reason> {
    if attribute.generated {
        return Err("the database computes it");
    }
    if value.is_null() {
        return match attribute.column.kind {
            _ if attribute.nullable => Ok(SqlValue::Null),
            // What Prisma calls JsonNull.
            AttributeType::Json => Ok(SqlValue::from("null")),
            _ => Err("it must not be null"),
        };
    }
    let limit = &attribute.column.limit;
    match attribute.column.kind {
        AttributeType::String => string(attribute, value),
        AttributeType::Int | AttributeType::BigInt => match integer(value).ok_or("it must be an integer of 64 bits")? {
            integer if is_in_range(limit, integer) => Ok(SqlValue::Integer(integer)),
            _ => Err(NOT_HELD),
        },
        AttributeType::Float => {
            let float = value.as_number().and_then(float).ok_or("it must be a number that a double holds")?;
            if *limit == Limit::Single && !is_single(float) { Err(NOT_HELD) } else { Ok(SqlValue::Real(float)) }
        }
        AttributeType::Boolean => value.as_bool().map(SqlValue::Boolean).ok_or("it must be a boolean"),
        AttributeType::DateTime => {
            let millis = millis(value).ok_or("it must be an RFC 3339 time or milliseconds")?;
            // What could not be read again is refused in any form.
            date_time(attribute.time_form, millis).filter(|_| is_kept(limit, millis)).ok_or(NOT_HELD)
        }
        AttributeType::Json if !json::is_held(value, limit) => Err(NOT_HELD),
        AttributeType::Json => as_json(attribute, value).ok_or("it must be a number of 64 bits"),
        AttributeType::Bytes => {
            let bytes = bytes(value).ok_or("it must be an array of numbers from 0 to 255")?;
            if has_length(limit, bytes.len()) { Ok(SqlValue::Blob(bytes)) } else { Err(NOT_HELD) }
        }
        AttributeType::Decimal => {
            decimal(attribute, value).ok_or("it must be a decimal number whose digits the column keeps")
        }
    }
}

fn string(attribute: &AttributeColumn, value: &Value) -> Result<SqlValue, Reason> {
    let text = value.as_str().ok_or("it must be a string")?;
    if attribute.labels.is_empty() {
        return if holds_text(&attribute.column.limit, text) { Ok(SqlValue::from(text)) } else { Err(NOT_HELD) };
    }
    let known = attribute.labels.iter().find(|(label, _)| label == text);
    known.map(|(_, stored)| SqlValue::from(stored.as_str())).ok_or("it must be a label of the enum")
}

fn is_in_range(limit: &Limit, integer: i64) -> bool {
    match limit {
        Limit::Range(from, to) => (*from..=*to).contains(&integer),
        _ => true,
    }
}

/// Whether a number is the same again when it was stored in 32 bits, and read by its shortest digits.
#[expect(clippy::cast_possible_truncation, reason = "that is what is looked at")]
fn is_single(float: f64) -> bool {
    let single = float as f32;
    single.is_finite() && single.to_string().parse() == Ok(float)
}

/// JavaScript has no other numbers than floating point ones, so `5.0` is an integer too.
fn integer(value: &Value) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_991.0;
    let number = value.as_number()?;
    number.as_i64().or_else(|| {
        let float = number.as_f64().filter(|_| number.is_f64())?;
        #[expect(clippy::cast_possible_truncation, reason = "it is an integer within the exact range")]
        (float.trunc() == float && float.abs() <= EXACT).then_some(float as i64)
    })
}

/// An integer that a double would round is refused.
fn float(number: &Number) -> Option<f64> {
    let float = number.as_f64().filter(|float| float.is_finite())?;
    let exact = number.is_f64() || number.as_i128() == Some(rounded(float));
    exact.then_some(float)
}

#[expect(clippy::cast_possible_truncation, reason = "every integer of JSON is far inside the range of i128")]
const fn rounded(float: f64) -> i128 {
    float as i128
}

fn millis(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => datetime::from_rfc3339(text),
        Value::Number(_) => integer(value),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn is_kept(limit: &Limit, millis: i64) -> bool {
    match limit {
        Limit::Times { step, of_day } => millis % step == 0 && (!of_day || (0..86_400_000).contains(&millis)),
        _ => true,
    }
}

fn date_time(form: TimeForm, millis: i64) -> Option<SqlValue> {
    let text = datetime::to_stored(millis)?;
    Some(match form {
        TimeForm::WithOffset => SqlValue::Text(text),
        TimeForm::Plain => SqlValue::Text(datetime::to_plain(millis)?),
        TimeForm::Millis => SqlValue::Integer(millis),
    })
}

/// Numeric affinity would round a large number that is given as text.
fn as_json(attribute: &AttributeColumn, value: &Value) -> Option<SqlValue> {
    match value {
        Value::Number(number) if attribute.numeric_affinity => {
            number.as_i64().map(SqlValue::Integer).or_else(|| float(number).map(SqlValue::Real))
        }
        _ => json::print(value).map(SqlValue::Text),
    }
}

fn bytes(value: &Value) -> Option<Vec<u8>> {
    let byte = |value: &Value| value.as_u64().and_then(|byte| u8::try_from(byte).ok());
    value.as_array()?.iter().map(byte).collect()
}

fn has_length(limit: &Limit, length: usize) -> bool {
    match limit {
        Limit::Bytes { min, max } => (*min..=*max).contains(&length),
        _ => true,
    }
}

fn decimal(attribute: &AttributeColumn, value: &Value) -> Option<SqlValue> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let decimal = Decimal::parse(&text)?;
    if attribute.numeric_affinity {
        return decimal.as_integer().map(SqlValue::Integer).or_else(|| decimal.as_float().map(SqlValue::Real));
    }
    let fits = match attribute.column.limit {
        Limit::Digits { precision, scale } => decimal.fits(precision, scale),
        _ => true,
    };
    fits.then_some(SqlValue::Text(text))
}
