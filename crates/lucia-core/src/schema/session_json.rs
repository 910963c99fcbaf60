//! The JSON of a session, as Lucia JS's adapters for key-value stores write it: one flat object, attributes first.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as DeError, MapAccess, Visitor},
    ser::SerializeMap,
};
use serde_json::Value;

use super::SessionSchema;
use crate::{Attributes, SessionId, UnixMillis, UserId};

/// Stored bytes that are not a session. The message has the position, and never the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} at line {line}, column {column}")]
pub struct SessionJsonError {
    what: &'static str,
    line: usize,
    column: usize,
}

impl From<serde_json::Error> for SessionJsonError {
    fn from(error: serde_json::Error) -> Self {
        use serde_json::error::Category;
        let what = match error.classify() {
            Category::Data => "JSON that is not a session",
            Category::Eof => "JSON that ends too early",
            Category::Syntax | Category::Io => "not JSON",
        };
        Self { what, line: error.line(), column: error.column() }
    }
}

impl SessionSchema {
    /// Parses a session that any release of Lucia JS stored: fields in any order, times as numbers or numeric strings.
    ///
    /// # Errors
    /// Returns [`SessionJsonError`] if it is not JSON, lacks a field, or contains a lone surrogate, which JavaScript
    /// can write and Rust strings cannot hold.
    ///
    /// ```
    /// use lucia_core::SessionSchema;
    ///
    /// let json = r#"{"country":"NZ","id":"s1","user_id":"u1","active_expires":1,"idle_expires":"2"}"#;
    /// let session = SessionSchema::from_json(json.as_bytes())?;
    /// assert_eq!(session.idle_expires.get(), 2);
    /// assert_eq!(session.attributes().get("country"), Some(&"NZ".into()));
    /// # Ok::<(), lucia_core::SessionJsonError>(())
    /// ```
    pub fn from_json(json: &[u8]) -> Result<Self, SessionJsonError> {
        // Validates UTF-8 once for the whole text rather than per string.
        match std::str::from_utf8(json) {
            Ok(text) => serde_json::from_str(text),
            Err(_) => serde_json::from_slice(json),
        }
        .map_err(SessionJsonError::from)
    }

    /// Serialises the session like Lucia JS: compact, attributes first, then `id`, `user_id`, `active_expires` and
    /// `idle_expires`.
    ///
    /// ```
    /// use lucia_core::{SessionSchema, UnixMillis};
    ///
    /// let session = SessionSchema::new("s1", "u1", UnixMillis::new(1), UnixMillis::new(2));
    /// assert_eq!(session.to_json(), r#"{"id":"s1","user_id":"u1","active_expires":1,"idle_expires":2}"#);
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        #[expect(clippy::expect_used, reason = "every part is a string, an integer or a JSON value already")]
        serde_json::to_string(self).expect("a session is always representable in JSON")
    }
}

impl Serialize for SessionSchema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.attributes().len() + 4))?;
        for (name, value) in self.attributes().iter() {
            map.serialize_entry(name, value)?;
        }
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("user_id", &self.user_id)?;
        map.serialize_entry("active_expires", &self.active_expires)?;
        map.serialize_entry("idle_expires", &self.idle_expires)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for SessionSchema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(SessionVisitor)
    }
}

struct SessionVisitor;

impl<'de> Visitor<'de> for SessionVisitor {
    type Value = SessionSchema;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a session")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SessionSchema, A::Error> {
        let (mut id, mut user_id, mut active, mut idle) = (None, None, None, None);
        let mut attributes = Attributes::new();
        while let Some(field) = map.next_key::<Field>()? {
            match field {
                Field::Id => id = Some(map.next_value::<SessionId>()?),
                Field::UserId => user_id = Some(map.next_value::<UserId>()?),
                Field::ActiveExpires => active = Some(map.next_value::<StoredTime>()?.0),
                Field::IdleExpires => idle = Some(map.next_value::<StoredTime>()?.0),
                Field::Attribute(name) => drop(attributes.insert(name, map.next_value::<Value>()?)),
            }
        }
        let mut session = SessionSchema::new(
            id.ok_or_else(|| A::Error::missing_field("id"))?,
            user_id.ok_or_else(|| A::Error::missing_field("user_id"))?,
            active.ok_or_else(|| A::Error::missing_field("active_expires"))?,
            idle.ok_or_else(|| A::Error::missing_field("idle_expires"))?,
        );
        // Reserved names were parsed as fields, so none of the attributes has one.
        session.attributes = attributes;
        Ok(session)
    }
}

/// The name of a field. The row's own names are matched without copying, because they are parsed on every request.
enum Field {
    Id,
    UserId,
    ActiveExpires,
    IdleExpires,
    Attribute(String),
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_identifier(FieldVisitor)
    }
}

struct FieldVisitor;

impl Visitor<'_> for FieldVisitor {
    type Value = Field;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E: DeError>(self, name: &str) -> Result<Field, E> {
        Ok(match name {
            "id" => Field::Id,
            "user_id" => Field::UserId,
            "active_expires" => Field::ActiveExpires,
            "idle_expires" => Field::IdleExpires,
            _ => Field::Attribute(name.to_owned()),
        })
    }
}

/// A time in any form that an adapter of Lucia JS stored.
struct StoredTime(UnixMillis);

impl<'de> Deserialize<'de> for StoredTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TimeVisitor).map(|millis| Self(UnixMillis::new(millis)))
    }
}

struct TimeVisitor;

impl Visitor<'_> for TimeVisitor {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time")
    }

    fn visit_i64<E: DeError>(self, number: i64) -> Result<i64, E> {
        Ok(number)
    }

    fn visit_u64<E: DeError>(self, number: u64) -> Result<i64, E> {
        i64::try_from(number).map_err(|_| E::custom("not a time"))
    }

    fn visit_f64<E: DeError>(self, number: f64) -> Result<i64, E> {
        integral(number).ok_or_else(|| E::custom("not a time"))
    }

    fn visit_str<E: DeError>(self, text: &str) -> Result<i64, E> {
        text.parse().map_err(|_| E::custom("not a time"))
    }
}

/// Parses a whole number that JavaScript printed with a fraction or an exponent, if it is exact.
fn integral(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53, so nothing is cut")]
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(json: &str) -> Result<SessionSchema, SessionJsonError> {
        SessionSchema::from_json(json.as_bytes())
    }

    #[test]
    fn lucia_js_order_is_kept() {
        let json = r#"{"country":"XX","nothing":null,"id":"s","user_id":"u","active_expires":1795197527069,"idle_expires":1795201126069}"#;
        assert_eq!(read(json).unwrap().to_json(), json);
    }

    #[test]
    fn times_are_numbers_or_numeric_strings() {
        let session =
            read(r#"{"idle_expires":"1795201126069","id":"s","active_expires":1.795e12,"user_id":"u"}"#).unwrap();
        assert_eq!(session.idle_expires.get(), 1_795_201_126_069);
        assert_eq!(session.active_expires.get(), 1_795_000_000_000);
        for idle in ["null", "true", "1.5", "\"\"", "\"soon\"", "1e30", "[1]"] {
            let json = format!(r#"{{"id":"s","user_id":"u","active_expires":1,"idle_expires":{idle}}}"#);
            assert!(read(&json).is_err(), "{idle}");
        }
    }

    #[test]
    fn a_missing_field_and_a_lone_surrogate_are_refused() {
        assert!(read(r#"{"id":"s","user_id":"u","active_expires":1}"#).is_err());
        assert!(read(r#"{"id":"s","user_id":"u","active_expires":1,"idle_expires":2,"name":"\ud800"}"#).is_err());
        assert!(read("").is_err());
        assert!(read("[]").is_err());
        assert!(SessionSchema::from_json(b"\xff\x00").is_err());
    }

    #[test]
    fn errors_quote_nothing() {
        let error = read(r#"{"id":"s","user_id":"u","active_expires":"hunter2","idle_expires":2}"#).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }

    #[test]
    fn integers_above_2_to_the_53_are_exact() {
        let json =
            r#"{"n":9007199254740993,"id":"s","user_id":"u","active_expires":9223372036854775807,"idle_expires":-1}"#;
        let session = read(json).unwrap();
        assert_eq!(session.attributes().get("n"), Some(&json!(9_007_199_254_740_993_i64)));
        assert_eq!(session.to_json(), json);
    }

    proptest! {
        #[test]
        fn any_session_survives(id in ".*", user in ".*", active: i64, idle: i64, value in ".*", number: f64) {
            let attributes = Attributes::from([("text", json!(value)), ("number", json!(number))]);
            let session = SessionSchema::new(id, user, UnixMillis::new(active), UnixMillis::new(idle))
                .with_attributes(attributes).unwrap();
            prop_assert_eq!(read(&session.to_json()).unwrap(), session);
        }

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = SessionSchema::from_json(&bytes);
        }

        #[test]
        fn no_json_like_text_panics(text in r#"\{("(id|user_id|active_expires|idle_expires|x)":("\PC*"|-?[0-9]{1,25}|null|\{\}),?){0,6}\}"#) {
            let _ = read(&text);
        }
    }
}
