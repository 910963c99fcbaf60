use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

use crate::HttpError;

/// What Redis answers to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    Nil,
    Int(i64),
    Bytes(Vec<u8>),
    Array(Vec<Self>),
}

const UNEXPECTED: HttpError = HttpError::Unexpected { expected: "the JSON of Upstash's API" };

impl Reply {
    /// Reads the answer to one command, whose strings are in base64.
    pub(super) fn read(body: &[u8]) -> Result<Self, HttpError> {
        let mut fields: Map<String, Value> = serde_json::from_slice(body).map_err(|_| UNEXPECTED)?;
        match (fields.remove("error"), fields.remove("result")) {
            (Some(Value::String(error)), _) => Err(HttpError::command(&error)),
            // Gateways that wrap every answer say `null` too, among other fields. That is not an absent session.
            (None, Some(Value::Null)) if !fields.is_empty() => Err(UNEXPECTED),
            (None, Some(result)) => Self::of(result),
            _ => Err(UNEXPECTED),
        }
    }

    fn of(value: Value) -> Result<Self, HttpError> {
        match value {
            Value::Null => Ok(Self::Nil),
            Value::Number(number) => number.as_i64().map(Self::Int).ok_or(UNEXPECTED),
            // The one string that is not encoded.
            Value::String(text) if text == "OK" => Ok(Self::Bytes(text.into_bytes())),
            Value::String(text) => STANDARD.decode(text).map(Self::Bytes).map_err(|_| UNEXPECTED),
            Value::Array(values) => values.into_iter().map(Self::of).collect::<Result<_, _>>().map(Self::Array),
            Value::Bool(_) | Value::Object(_) => Err(UNEXPECTED),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(body: &str) -> Result<Reply, HttpError> {
        Reply::read(body.as_bytes())
    }

    #[test]
    fn every_kind_of_reply_is_read() {
        assert_eq!(read(r#"{"result":null}"#).unwrap(), Reply::Nil);
        assert_eq!(read(r#"{"result":-3}"#).unwrap(), Reply::Int(-3));
        assert_eq!(read(r#"{"result":"OK"}"#).unwrap(), Reply::Bytes(b"OK".to_vec()));
        assert_eq!(read(r#"{"result":"/wA="}"#).unwrap(), Reply::Bytes(vec![0xff, 0]));
        assert_eq!(read(r#"{"result":[1,["YQ=="],null]}"#).unwrap(), {
            Reply::Array(vec![Reply::Int(1), Reply::Array(vec![Reply::Bytes(b"a".to_vec())]), Reply::Nil])
        });
    }

    #[test]
    fn errors_and_nonsense_are_errors_and_quote_nothing() {
        let error = read(r#"{"error":"WRONGTYPE Operation against hunter2"}"#).unwrap_err();
        assert_eq!(error.to_string(), "the service refused the command with WRONGTYPE");
        for body in
            ["", "<html>", "[]", "null", "{}", r#"{"result":"hunter2!"}"#, r#"{"result":true}"#, r#"{"result":1.5}"#]
        {
            let error = read(body).unwrap_err();
            assert!(matches!(error, HttpError::Unexpected { .. }), "{body}");
        }
    }

    #[test]
    fn null_among_other_fields_is_a_gateways() {
        for body in [
            r#"{"result":null,"success":false,"errors":[{"code":7003}]}"#,
            r#"{"jsonrpc":"2.0","result":null}"#,
            r#"{"result":null,"error":null}"#,
            r#"{"result":null,"error":{"message":"not found"}}"#,
        ] {
            assert!(matches!(read(body), Err(HttpError::Unexpected { .. })), "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_body_panics(bytes: Vec<u8>, text in r#"\{"(result|error)":("[A-Za-z=]{0,8}"|-?[0-9]{0,25}|null|\[("YQ=="|1|null),?\])\}?"#) {
            let _ = (Reply::read(&bytes), read(&text));
        }
    }
}
