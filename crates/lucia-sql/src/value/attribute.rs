use serde_json::Value;

use super::{decode::scalar as read, encode::scalar as write, list};
use crate::{config::AttributeType, driver::SqlValue, refusal::Reason, tables::AttributeColumn};

/// Returns the stored form of a value, as Prisma would write it.
pub(crate) fn encode(attribute: &AttributeColumn, value: &Value) -> Result<SqlValue, Reason> {
    if attribute.generated {
        return Err("must be omitted, because the database computes it".into());
    }
    if value.is_null() {
        return match attribute.column.kind {
            _ if attribute.nullable => Ok(SqlValue::Null),
            // `JsonNull` in Prisma.
            AttributeType::Json if !attribute.column.list => Ok(SqlValue::from("null")),
            _ => Err("must not be null".into()),
        };
    }
    if attribute.column.list { list::to_array(attribute, value) } else { write(attribute, value) }
}

/// Reads a stored value.
pub(crate) fn decode(attribute: &AttributeColumn, stored: SqlValue) -> Result<Value, Reason> {
    match stored {
        stored if attribute.column.list => list::from_json(attribute, stored),
        SqlValue::Null => Ok(Value::Null),
        stored => read(attribute, stored),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        tables::{Column, Limit, TimeForm},
        value::{decimal::Decimal, json},
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

    /// Returns a column in the form of one of the databases.
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
                collation: String::new(),
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

    /// Returns the same text for all spellings of a number, because databases do not store the spelling.
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
        fn values_that_are_read_and_written_again_stay_the_same(
            stored in stored(), kind in proptest::sample::select(&KINDS[..]), numeric_affinity: bool,
            time_form in prop_oneof![Just(TimeForm::WithOffset), Just(TimeForm::Plain), Just(TimeForm::Millis)],
        ) {
            let column = column(kind, time_form, numeric_affinity);
            if let Ok(value) = decode(&column, stored) {
                if let Ok(written) = encode(&column, &value) {
                    let again = decode(&column, written).unwrap();
                    prop_assert_eq!(spelled(kind, &again), spelled(kind, &value));
                }
            }
        }
    }
}
