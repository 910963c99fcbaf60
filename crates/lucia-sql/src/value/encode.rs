use serde_json::{Number, Value};

use super::{
    datetime,
    decimal::Decimal,
    id::{check_text, one_of},
    json,
};
use crate::{
    config::AttributeType,
    driver::SqlValue,
    refusal::Reason,
    tables::{AttributeColumn, Limit, TimeForm},
};

/// Returns the stored form of a single value, or of an item of a list.
pub(super) fn scalar(attribute: &AttributeColumn, value: &Value) -> Result<SqlValue, Reason> {
    let limit = &attribute.column.limit;
    match attribute.column.kind {
        AttributeType::String => string(attribute, value),
        AttributeType::Int | AttributeType::BigInt => {
            let integer = integer(value).ok_or("must be a 64-bit integer")?;
            check_range(limit, integer).map(|()| SqlValue::Integer(integer))
        }
        AttributeType::Float => {
            let float = value
                .as_number()
                .and_then(float)
                .ok_or("must be a number with an exact 64-bit floating point representation")?;
            if *limit == Limit::Single && !is_single(float) {
                return Err("must be a number with an exact 32-bit floating point representation".into());
            }
            Ok(SqlValue::Real(float))
        }
        AttributeType::Boolean => {
            value.as_bool().map(SqlValue::Boolean).ok_or(Reason::Borrowed("must be true or false"))
        }
        AttributeType::DateTime => {
            let millis = millis(value).ok_or("must be an RFC 3339 time with an offset, or milliseconds since 1970")?;
            check_time(limit, millis)?;
            // A time that could not be read again is rejected in every form.
            date_time(attribute.time_form, millis).ok_or(Reason::Borrowed("must be in the years -9999 to 9999"))
        }
        AttributeType::Json if !json::can_store(value, limit) => Err("must not contain a NUL character".into()),
        AttributeType::Json => {
            as_json(attribute, value).ok_or(Reason::Borrowed("must be a number with a 64-bit representation"))
        }
        AttributeType::Bytes => {
            let bytes = bytes(value).ok_or("must be an array of numbers from 0 to 255")?;
            check_length(limit, bytes.len()).map(|()| SqlValue::Blob(bytes))
        }
        AttributeType::Decimal => decimal(attribute, value),
    }
}

fn string(attribute: &AttributeColumn, value: &Value) -> Result<SqlValue, Reason> {
    let text = value.as_str().ok_or("must be a string")?;
    if attribute.labels.is_empty() {
        return check_text(&attribute.column.limit, text).map(|()| SqlValue::from(text));
    }
    let known = attribute.labels.iter().find(|(label, _)| label == text);
    let labels = || attribute.labels.iter().map(|(label, _)| label).collect::<Vec<_>>();
    known.map(|(_, stored)| SqlValue::from(stored.as_str())).ok_or_else(|| one_of(&labels()))
}

fn check_range(limit: &Limit, integer: i64) -> Result<(), Reason> {
    match limit {
        Limit::Range(from, to) if !(*from..=*to).contains(&integer) => {
            Err(format!("must be an integer from {from} to {to}").into())
        }
        _ => Ok(()),
    }
}

/// Returns `true` if a number stays the same when it is stored in 32 bits and read with the fewest possible digits.
#[expect(clippy::cast_possible_truncation, reason = "that is what is looked at")]
fn is_single(float: f64) -> bool {
    let single = float as f32;
    single.is_finite() && single.to_string().parse() == Ok(float)
}

/// Reads an integer. `5.0` is one, too, because all numbers of JavaScript are floating point numbers.
fn integer(value: &Value) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_991.0;
    let number = value.as_number()?;
    number.as_i64().or_else(|| {
        let float = number.as_f64().filter(|_| number.is_f64())?;
        #[expect(clippy::cast_possible_truncation, reason = "it is an integer within the exact range")]
        (float.trunc() == float && float.abs() <= EXACT).then_some(float as i64)
    })
}

/// Reads a number, and rejects an integer that a double would round.
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

fn check_time(limit: &Limit, millis: i64) -> Result<(), Reason> {
    const DAY: i64 = 86_400_000;
    match limit {
        Limit::Times { of_day: true, .. } if !(0..DAY).contains(&millis) => Err("must be on 1970-01-01 in UTC".into()),
        Limit::Times { step, .. } if millis % step == 0 => Ok(()),
        Limit::Times { step: DAY, .. } => Err("must be midnight in UTC".into()),
        Limit::Times { step, .. } => Err(format!("must be a multiple of {step} milliseconds").into()),
        _ => Ok(()),
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

/// Returns the stored form of JSON. With numeric affinity, a number is not sent as text, because SQLite would round it.
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

fn check_length(limit: &Limit, length: usize) -> Result<(), Reason> {
    match limit {
        Limit::Bytes { min, max } if !(*min..=*max).contains(&length) => {
            let least = if min == max { "exactly" } else { "at most" };
            Err(format!("must have {least} {max} bytes, and has {length}").into())
        }
        _ => Ok(()),
    }
}

fn decimal(attribute: &AttributeColumn, value: &Value) -> Result<SqlValue, Reason> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
    };
    let decimal = Decimal::parse(&text).ok_or("must be a decimal number, as a string of digits")?;
    if attribute.numeric_affinity {
        let number = decimal.as_integer().map(SqlValue::Integer).or_else(|| decimal.as_float().map(SqlValue::Real));
        return number.ok_or(Reason::Borrowed("must not have more digits than a floating point number"));
    }
    match attribute.column.limit {
        Limit::Digits { precision, scale } if !decimal.fits(precision, scale) => {
            Err(format!("must have at most {precision} digits, {scale} of them after the decimal point").into())
        }
        _ => Ok(SqlValue::Text(text)),
    }
}
