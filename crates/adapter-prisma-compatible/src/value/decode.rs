use serde_json::{Number, Value};

use super::{
    Reason, datetime,
    decimal::{Decimal, print_float},
    list,
};
use crate::{config::AttributeType, driver::SqlValue, refusal::quoted, schema::AttributeColumn};

/// Reads a stored value by what it is, not by what its column was declared as: one column may hold several forms.
pub(crate) fn decode(attribute: &AttributeColumn, stored: SqlValue) -> Result<Value, Reason> {
    match stored {
        stored if attribute.column.list => list::from_json(attribute, stored),
        SqlValue::Null => Ok(Value::Null),
        stored => scalar(attribute, stored),
    }
}

/// Reads a single value, or an item of a list.
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

/// An integer as every reader of Prisma takes it: the fraction of a real is cut.
pub(crate) fn integer(stored: &SqlValue) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    match stored {
        SqlValue::Integer(value) => Some(*value),
        #[expect(clippy::cast_possible_truncation, reason = "the range was checked, and the fraction is to be cut")]
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
    // One that the database has got since is handed on, unless it would be taken for another. MySQL has '' for none of its labels.
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

/// Only what all versions of Prisma agree on: 2 and −1 are true to some of them and false to others.
fn boolean(stored: &SqlValue) -> Option<bool> {
    match stored {
        SqlValue::Boolean(value) => Some(*value),
        SqlValue::Integer(0) => Some(false),
        SqlValue::Integer(1) => Some(true),
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

/// A number is milliseconds, as Prisma reads it; sqlx would take it for seconds.
fn date_time(stored: &SqlValue) -> Option<String> {
    let millis = match stored {
        SqlValue::Text(text) => datetime::from_stored(text)?,
        SqlValue::Integer(_) | SqlValue::Real(_) => integer(stored)?,
        SqlValue::Null | SqlValue::Boolean(_) | SqlValue::Blob(_) => return None,
    };
    datetime::to_iso(millis)
}

/// A top-level number is stored as a number, because the column has numeric affinity.
fn json(stored: &SqlValue) -> Option<Value> {
    match stored {
        SqlValue::Text(text) => serde_json::from_str(text).ok(),
        SqlValue::Integer(_) | SqlValue::Real(_) => float(stored),
        SqlValue::Null | SqlValue::Boolean(_) | SqlValue::Blob(_) => None,
    }
}

/// Without the zeros at the end, which a column of fixed digits adds.
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        schema::{Column, Limit, TimeForm},
        value::{encode, json},
    };

    const KINDS: [AttributeType; 9] = [
        AttributeType::String,
        AttributeType::Int,
        AttributeType::BigInt,
        AttributeType::Float,
        AttributeType::Boolean,
        AttributeType::DateTime,
        AttributeType::Json,
        AttributeType::Bytes,
        AttributeType::Decimal,
    ];

    /// A column as each of the databases has it.
    fn column(kind: AttributeType, time_form: TimeForm, numeric_affinity: bool) -> AttributeColumn {
        let (name, quoted, sql_type) = ("x".to_owned(), "\"x\"".to_owned(), String::new());
        AttributeColumn {
            name: name.clone(),
            column: Column {
                table: String::new(),
                name,
                quoted,
                kind,
                list: false,
                declared: sql_type.clone(),
                sql_type,
                limit: Limit::None,
            },
            labels: Vec::new(),
            nullable: true,
            has_default: false,
            filled: false,
            generated: false,
            time_form,
            numeric_affinity,
        }
    }

    fn stored() -> impl Strategy<Value = SqlValue> {
        let spellings = "[-+]?[0-9]{1,20}[.]?[0-9]{0,9}(e[-+]?[0-9]{1,3})?|[0-9]{4}-[01][0-9]-[0-3][0-9][ T][0-2][0-9]:[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[+-]0[0-9]:[0-9]{2}| UTC)?|true|FALSE|\\[(null|1|[0-9]{1,25}|\"a\"|[0-9]{1,9}e[0-9]{1,2})\\]";
        prop_oneof![
            any::<bool>().prop_map(SqlValue::Boolean),
            any::<i64>().prop_map(SqlValue::Integer),
            any::<f64>().prop_map(SqlValue::Real),
            spellings.prop_map(SqlValue::Text),
            ".{0,20}".prop_map(SqlValue::Text),
            any::<Vec<u8>>().prop_map(SqlValue::Blob),
        ]
    }

    /// One spelling of all that mean the same: of numbers, which a database stores as what they are.
    fn spelled(kind: AttributeType, value: &Value) -> String {
        match value {
            Value::String(text) if kind == AttributeType::Decimal => format!("{:?}", Decimal::parse(text)),
            Value::Number(number) if kind == AttributeType::Float => {
                format!("{:?}", number.as_f64().map(|it| it + 0.0))
            }
            _ => format!("{:?}", json::print(value)),
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_so_that_the_same_is_read(
            stored in stored(), kind in proptest::sample::select(&KINDS[..]), numeric_affinity: bool,
            time_form in prop_oneof![Just(TimeForm::WithOffset), Just(TimeForm::Plain), Just(TimeForm::Millis)],
        ) {
            let column = column(kind, time_form, numeric_affinity);
            if let Ok(value) = decode(&column, stored)
                && let Ok(written) = encode(&column, &value)
            {
                let again = decode(&column, written).unwrap();
                prop_assert_eq!(spelled(kind, &again), spelled(kind, &value));
            }
        }
    }
}
