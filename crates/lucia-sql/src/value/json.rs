use std::io::{self, Write};

use serde_json::{
    Serializer, Value,
    ser::{CompactFormatter, Formatter},
};

use crate::tables::Limit;

/// Formats JSON like `JSON.stringify`: compact, and with JavaScript's form of numbers (`1`, not `1.0`).
pub(super) fn print(value: &Value) -> Option<String> {
    let mut bytes = Vec::new();
    serde::Serialize::serialize(value, &mut Serializer::with_formatter(&mut bytes, JavaScript)).ok()?;
    String::from_utf8(bytes).ok()
}

/// Returns `true` if a column can store every string of a JSON value. Postgres cannot store a NUL character.
pub(super) fn can_store(value: &Value, limit: &Limit) -> bool {
    let Limit::Text { nul: false, .. } = limit else {
        return true;
    };
    match value {
        Value::String(text) => !text.contains('\0'),
        Value::Array(items) => items.iter().all(|item| can_store(item, limit)),
        Value::Object(map) => map.iter().all(|(name, item)| !name.contains('\0') && can_store(item, limit)),
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

struct JavaScript;

impl Formatter for JavaScript {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        match super::decimal::print_float(value) {
            Some(text) => writer.write_all(text.as_bytes()),
            None => CompactFormatter.write_null(writer),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::print;

    #[test]
    fn json_is_printed_as_javascript_does() {
        let value = json!({"b": [1, "two", null, {"z": 1.5}], "a": "é", "n": [3.0, 1e21, 1e-7, -0.0, u64::MAX]});
        let expected = r#"{"b":[1,"two",null,{"z":1.5}],"a":"é","n":[3,1e+21,1e-7,0,18446744073709551615]}"#;
        assert_eq!(print(&value).unwrap(), expected);
    }

    proptest! {
        #[test]
        fn numbers_and_texts_are_read_as_they_were(float in proptest::num::f64::NORMAL, integer: i64, text in ".*") {
            let printed = print(&json!([float, integer, text])).unwrap();
            let read: Value = serde_json::from_str(&printed).unwrap();
            prop_assert_eq!(read[0].as_f64(), Some(float));
            prop_assert_eq!(&read[1], &json!(integer));
            prop_assert_eq!(&read[2], &json!(text));
        }
    }
}
