//! Attributes as parameters and as results.

use serde_json::{Number, Value};

use crate::AttributeType;

/// Why a value does not fit.
pub(crate) type Reason = &'static str;

/// What D1 is given, and what it gives back.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum D1Value {
    Null,
    Number(f64),
    Text(String),
    /// Bytes, which nothing here is stored as.
    Other,
}

impl D1Value {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}

/// The stored form of an attribute.
///
/// An integer goes as text, which D1 does not round, and which SQLite turns into an integer in a column that is declared
/// with `INT` in its type.
pub(crate) fn encode(kind: AttributeType, value: &Value) -> Result<D1Value, Reason> {
    if value.is_null() {
        return Ok(D1Value::Null);
    }
    match kind {
        AttributeType::String => value.as_str().map(|text| D1Value::Text(text.to_owned())).ok_or("it must be a string"),
        AttributeType::BigInt => {
            value.as_i64().map(|integer| D1Value::Text(integer.to_string())).ok_or("it must be an integer of 64 bits")
        }
        AttributeType::Float => float(value).map(D1Value::Number).ok_or("it must be a number that a double holds"),
        AttributeType::Boolean => {
            value.as_bool().map(|value| D1Value::Number(value.into())).ok_or("it must be a boolean")
        }
        AttributeType::Json => Ok(D1Value::Text(value.to_string())),
    }
}

/// Reads a stored attribute. Integers and JSON come as text.
pub(crate) fn decode(kind: AttributeType, stored: D1Value) -> Result<Value, Reason> {
    let read = match (kind, stored) {
        (_, D1Value::Null) => Some(Value::Null),
        (AttributeType::String, D1Value::Text(text)) => Some(Value::String(text)),
        (AttributeType::BigInt, D1Value::Text(text)) => text.parse::<i64>().ok().map(Value::from),
        (AttributeType::Float, D1Value::Number(number)) => Number::from_f64(number).map(Value::Number),
        (AttributeType::Boolean, D1Value::Number(0.0)) => Some(Value::Bool(false)),
        (AttributeType::Boolean, D1Value::Number(1.0)) => Some(Value::Bool(true)),
        (AttributeType::Json, D1Value::Text(text)) => serde_json::from_str(&text).ok(),
        _ => None,
    };
    read.ok_or(match kind {
        AttributeType::String => "text",
        AttributeType::BigInt => "an integer",
        AttributeType::Float => "a finite number",
        AttributeType::Boolean => "a boolean",
        AttributeType::Json => "JSON",
    })
}

/// An integer that a double would round is refused.
fn float(value: &Value) -> Option<f64> {
    let number = value.as_number()?;
    let float = number.as_f64().filter(|float| float.is_finite())?;
    #[expect(clippy::cast_possible_truncation, reason = "every integer of JSON is far inside the range of i128")]
    let exact = number.is_f64() || number.as_i128() == Some(float as i128);
    exact.then_some(float)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn values_of_another_type_are_refused() {
        for (kind, value) in [
            (AttributeType::String, json!(1)),
            (AttributeType::BigInt, json!("1")),
            (AttributeType::BigInt, json!(1.5)),
            (AttributeType::BigInt, json!(u64::MAX)),
            (AttributeType::Float, json!((1_i64 << 53) + 1)),
            (AttributeType::Float, json!("1")),
            (AttributeType::Boolean, json!(1)),
        ] {
            assert!(encode(kind, &value).is_err(), "{kind:?} {value}");
        }
    }

    #[test]
    fn what_nobody_stores_is_refused() {
        for (kind, stored) in [
            (AttributeType::String, D1Value::Number(1.0)),
            (AttributeType::BigInt, D1Value::Text("1.5".to_owned())),
            (AttributeType::Boolean, D1Value::Number(2.0)),
            (AttributeType::Json, D1Value::Text("{".to_owned())),
        ] {
            assert!(decode(kind, stored.clone()).is_err(), "{kind:?} {stored:?}");
        }
    }

    proptest! {
        #[test]
        fn values_survive(text in ".*", integer: i64, number in proptest::num::f64::NORMAL, flag: bool) {
            for (kind, value) in [
                (AttributeType::String, json!(text)),
                (AttributeType::BigInt, json!(integer)),
                (AttributeType::Float, json!(number)),
                (AttributeType::Boolean, json!(flag)),
                (AttributeType::Json, json!({"text": text, "list": [integer, flag, null]})),
                (AttributeType::Json, json!(text)),
                (AttributeType::Float, Value::Null),
            ] {
                prop_assert_eq!(decode(kind, encode(kind, &value).unwrap()).unwrap(), value);
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = decode(AttributeType::Json, D1Value::Text(text.clone()));
            let _ = decode(AttributeType::BigInt, D1Value::Text(text));
        }
    }
}
