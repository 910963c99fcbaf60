//! Values of each scalar type, including extreme ones, and their conversion for `values.js`.

use adapter_prisma_compatible::AttributeType as Kind;
use serde_json::{Map, Value, json};

use crate::provider::Provider;

/// Returns values that a column of this type can hold, in the form in which they are read.
pub(crate) fn of_kind(provider: Provider, kind: Kind, is_enum: bool) -> Vec<Value> {
    match kind {
        Kind::String if is_enum => vec![json!("SUPER"), json!("USER"), json!("ADMIN")],
        Kind::String => strings(provider),
        Kind::Int => [0, 1, -1, i32::MAX, i32::MIN].map(Value::from).to_vec(),
        Kind::BigInt => [0, -1, i64::MAX, i64::MIN, 9_007_199_254_740_993].map(Value::from).to_vec(),
        // A separate case covers the greatest numbers and the negative zero.
        Kind::Float => {
            [0.0, 3.0, 0.1, -1.5, 1e308, -1.5e308, f64::MIN_POSITIVE, 5e-324, 1e-7, 1e21].map(Value::from).to_vec()
        }
        Kind::Boolean => vec![json!(true), json!(false)],
        Kind::DateTime => times(provider),
        Kind::Json => documents(provider),
        Kind::Bytes => vec![
            json!([]),
            json!([0]),
            json!((0..=255).collect::<Vec<u8>>()),
            json!((0..70_000_u32).map(|index| (index * 7 % 251) as u8).collect::<Vec<_>>()),
        ],
        Kind::Decimal => decimals(provider),
        other => panic!("no values of {other:?}"),
    }
}

fn strings(provider: Provider) -> Vec<Value> {
    let mut strings = vec![
        String::new(),
        "plain".into(),
        "1688619843021".into(),
        " spaces ".into(),
        "'q' \"d\" `b` \\ % _ ; -- $1 ?1".into(),
        "line\r\nbreak\ttab".into(),
        "Ünï 😀 e\u{301} \u{feff}\u{202e}x \u{10ffff}".into(),
        "ж".repeat(191),
        "null".into(),
    ];
    match provider {
        Provider::Sqlite(_) => strings.extend(["a\0b".into(), "\0".into(), "x".repeat(100_000)]),
        Provider::Postgres => strings.push("x".repeat(100_000)),
        Provider::MySql => strings.extend(["a\0b".into(), "\0".into()]),
    }
    strings.into_iter().map(Value::from).collect()
}

fn times(provider: Provider) -> Vec<Value> {
    let mut times = vec![
        "1970-01-01T00:00:00.000Z",
        "1969-12-31T23:59:59.999Z",
        "2000-02-29T12:30:00.500Z",
        "9999-12-31T23:59:59.999Z",
        "1000-01-01T00:00:00.000Z",
    ];
    match provider {
        Provider::Sqlite(_) | Provider::Postgres => times.push("0001-01-01T00:00:00.001Z"),
        Provider::MySql => {}
    }
    times.into_iter().map(Value::from).collect()
}

fn documents(provider: Provider) -> Vec<Value> {
    let deep = match provider {
        Provider::Sqlite(_) | Provider::Postgres => 100,
        // The deepest JSON that MariaDB accepts.
        Provider::MySql => 28,
    };
    let mut documents = vec![
        json!({}),
        json!([]),
        json!(""),
        json!("12"),
        json!("null"),
        json!("true"),
        json!(12),
        json!(1.5),
        json!(-7),
        json!(9_007_199_254_740_991_i64),
        json!(true),
        json!(false),
        json!([null, [null], {"n": null}]),
        json!({"a": 1, "b": "é 😀 \u{7f} \\ \" / <", "list": [1, 1.5, 1e21, 1e-7, "x"]}),
        json!({"": {"": ""}, "a.b": [[]]}),
        (0..deep)
            .fold(json!("bottom"), |inner, level| if level % 2 == 0 { json!([inner]) } else { json!({"d": inner}) }),
        json!("x".repeat(100_000)),
    ];
    match provider {
        Provider::Sqlite(_) | Provider::MySql => documents.extend([json!("a\0b"), json!({"z": 1, "a": 2, "m": 3})]),
        Provider::Postgres => {}
    }
    documents
}

fn decimals(provider: Provider) -> Vec<Value> {
    let mut decimals = vec!["0", "1.5", "-1.5", "100", "-0.25", "12345.678", "9007199254740991"];
    match provider {
        // The affinity of the column converts them to 64-bit numbers.
        Provider::Sqlite(_) => {}
        Provider::Postgres | Provider::MySql => decimals.extend([
            "0.123456789012345678901234567891",
            "-0.000000000000000000000000000001",
            "12345678901234567890123456789012345.123456789012345678901234567891",
            "-99999999999999999999999999999999999",
        ]),
    }
    decimals.into_iter().map(Value::from).collect()
}

/// Converts an attribute to the form of Prisma Client.
pub(crate) fn to_client(kind: Kind, nullable: bool, value: &Value) -> Value {
    match (kind, value) {
        (Kind::Json, Value::Null) if nullable => json!({"$dbNull": true}),
        (Kind::Json, Value::Null) => json!({"$jsonNull": true}),
        (_, Value::Null) => Value::Null,
        (Kind::BigInt, value) => json!({"$bigint": value.to_string()}),
        (Kind::Float, value) if value.as_f64().is_some_and(|float| float == 0.0 && float.is_sign_negative()) => {
            json!({"$number": "-0"})
        }
        (Kind::DateTime, value) => json!({"$date": value}),
        (Kind::Decimal, value) => json!({"$decimal": value}),
        (Kind::Bytes, value) => {
            let hex = value.as_array().unwrap().iter().map(|byte| format!("{:02x}", byte.as_u64().unwrap()));
            json!({"$bytes": hex.collect::<String>()})
        }
        (_, value) => value.clone(),
    }
}

/// Converts a value of Prisma Client to an attribute.
pub(crate) fn from_client(kind: Kind, value: &Value) -> Value {
    let tagged = |tag: &str| value.get(tag).and_then(Value::as_str).unwrap_or_else(|| panic!("{value} is not a {tag}"));
    match kind {
        _ if value.is_null() => Value::Null,
        Kind::BigInt => json!(tagged("$bigint").parse::<i64>().unwrap()),
        Kind::Float if value.is_object() => json!(tagged("$number").parse::<f64>().unwrap()),
        Kind::Float => json!(value.as_f64().unwrap()),
        Kind::DateTime => json!(tagged("$date")),
        Kind::Decimal => json!(tagged("$decimal")),
        Kind::Bytes => {
            let hex = tagged("$bytes").as_bytes();
            let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
            json!(hex.chunks(2).map(byte).collect::<Vec<_>>())
        }
        _ => value.clone(),
    }
}

/// Returns `true` if two values are equal, including the sign of zero.
pub(crate) fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) if one.is_f64() && other.is_f64() => {
            one.as_f64().map(f64::to_bits) == other.as_f64().map(f64::to_bits)
        }
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64() && one.as_i64() == other.as_i64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let equal = |(name, value): (&String, &Value)| other.get(name).is_some_and(|other| same(value, other));
            one.len() == other.len() && one.iter().all(equal)
        }
        _ => one == other,
    }
}

/// Returns the fields of a JSON object.
pub(crate) fn fields(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap_or_else(|| panic!("{value} is not an object"))
}
