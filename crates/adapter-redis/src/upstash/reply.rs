//! Decodes the JSON of Upstash's REST API into replies of Redis.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use redis::{ErrorKind, RedisError, RedisResult, Value, parse_redis_value};
use serde_json::{Map, Value as Json};

use crate::classify::code;

/// Decodes the response to one command, whose strings are in base64.
pub(super) fn one(body: &[u8]) -> RedisResult<Value> {
    let fields: Map<String, Json> = serde_json::from_slice(body).map_err(|_| unexpected())?;
    reply(fields)
}

/// Decodes the response to this number of commands.
pub(super) fn many(body: &[u8], commands: usize) -> RedisResult<Vec<Value>> {
    let answers: Vec<Map<String, Json>> = serde_json::from_slice(body).map_err(|_| unexpected())?;
    if answers.len() != commands {
        return Err(unexpected());
    }
    answers.into_iter().map(reply).collect()
}

/// Decodes the response to a failed command or a discarded transaction.
pub(super) fn rejection(body: &[u8]) -> RedisError {
    match one(body).map(Value::extract_error) {
        Ok(Err(error)) => error,
        Err(error) => error,
        Ok(Ok(_)) => unexpected(),
    }
}

fn reply(mut fields: Map<String, Json>) -> RedisResult<Value> {
    match (fields.remove("error"), fields.remove("result")) {
        (Some(Json::String(text)), _) => error(&text),
        // Gateways may return a `null` result too, next to other fields. This does not mean that the session does not
        // exist.
        (None, Some(Json::Null)) if !fields.is_empty() => Err(unexpected()),
        (None, Some(result)) => value(result),
        _ => Err(unexpected()),
    }
}

fn value(json: Json) -> RedisResult<Value> {
    match json {
        Json::Null => Ok(Value::Nil),
        Json::Number(number) => number.as_i64().map(Value::Int).ok_or_else(unexpected),
        // The only string that is not encoded.
        Json::String(text) if text == "OK" => Ok(Value::Okay),
        Json::String(text) => STANDARD.decode(text).map(Value::BulkString).map_err(|_| unexpected()),
        Json::Array(values) => values.into_iter().map(value).collect::<RedisResult<_>>().map(Value::Array),
        Json::Bool(_) | Json::Object(_) => Err(unexpected()),
    }
}

/// Returns the error of a command with its code. Omits its text, which may quote keys.
fn error(text: &str) -> RedisResult<Value> {
    let reply = |line: &str| parse_redis_value(format!("-{line}\r\n").as_bytes());
    let is_code = |code: &&str| !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_uppercase());
    let quoting = reply(&text.replace(['\r', '\n'], " "))?.extract_error().err();
    let code = quoting.as_ref().and_then(code).filter(is_code).unwrap_or("ERR");
    reply(&format!("{code} the service rejected the command"))
}

fn unexpected() -> RedisError {
    (ErrorKind::Client, "the response is not one of Upstash's REST API: check the URL").into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(body: &str) -> RedisResult<Value> {
        one(body.as_bytes()).and_then(Value::extract_error)
    }

    #[test]
    fn every_kind_of_reply_is_decoded() {
        assert_eq!(read(r#"{"result":null}"#).unwrap(), Value::Nil);
        assert_eq!(read(r#"{"result":-3}"#).unwrap(), Value::Int(-3));
        assert_eq!(read(r#"{"result":"OK"}"#).unwrap(), Value::Okay);
        assert_eq!(read(r#"{"result":"/wA="}"#).unwrap(), Value::BulkString(vec![0xff, 0]));
        let array = vec![Value::Int(1), Value::Array(vec![Value::BulkString(b"a".to_vec())]), Value::Nil];
        assert_eq!(read(r#"{"result":[1,["YQ=="],null]}"#).unwrap(), Value::Array(array));
    }

    #[test]
    fn pipelines_have_a_reply_for_each_command() {
        let body = br#"[{"result":"OK"},{"error":"WRONGTYPE hunter2"},{"result":1}]"#;
        let values = many(body, 3).unwrap();
        assert_eq!((&values[0], &values[2]), (&Value::Okay, &Value::Int(1)));
        assert!(matches!(&values[1], Value::ServerError(error) if error.code() == "WRONGTYPE"), "{values:?}");
        assert!(many(body, 2).is_err());
        assert!(many(br#"{"result":"OK"}"#, 1).is_err());
    }

    #[test]
    fn a_failed_command_is_never_a_reply() {
        assert_eq!(rejection(br#"{"error":"EXECABORT Transaction discarded"}"#).code(), Some("EXECABORT"));
        for body in [r#"{"result":null}"#, r#"{"result":1}"#, "[]", "Bad Request"] {
            assert_eq!(rejection(body.as_bytes()).kind(), ErrorKind::Client, "{body}");
        }
    }

    #[test]
    fn errors_have_codes_and_quote_nothing() {
        for (text, code) in [
            ("WRONGTYPE Operation against hunter2", "WRONGTYPE"),
            ("NOSCRIPT No matching script. Please use EVAL.", "NOSCRIPT"),
            ("ERR Error running script (call to f_0a9f): @user_script:1: WRONGTYPE hunter2", "WRONGTYPE"),
            ("ERR unknown command 'hunter2', with args beginning with: 'OOM'", "ERR"),
            ("hunter2", "ERR"),
            ("", "ERR"),
        ] {
            let error = read(&serde_json::json!({ "error": text }).to_string()).unwrap_err();
            assert_eq!(error.code(), Some(code), "{text}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn other_responses_are_errors_without_quotes() {
        for body in [
            "",
            "<html>",
            "[]",
            "null",
            "{}",
            r#"{"result":"hunter2!"}"#,
            r#"{"result":true}"#,
            r#"{"result":1.5}"#,
            // Of a gateway.
            r#"{"result":null,"success":false,"errors":[{"code":7003}]}"#,
            r#"{"jsonrpc":"2.0","result":null}"#,
            r#"{"result":null,"error":null}"#,
            r#"{"result":null,"error":{"message":"hunter2"}}"#,
        ] {
            let error = read(body).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Client, "{body}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn no_body_panics(bytes: Vec<u8>, text in r#"\[?\{"(result|error)":("[A-Za-z= \r\n]{0,8}"|-?[0-9]{0,25}|null|\[("YQ=="|1|null),?\])\}?\]?"#) {
            let _ = (one(&bytes), read(&text), many(&bytes, 1), many(text.as_bytes(), 1));
        }
    }
}
