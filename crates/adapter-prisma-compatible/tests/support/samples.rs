//! Sample users, keys and sessions, and helpers for errors.

use std::error::Error;

use adapter_prisma_compatible::{Attribute, AttributeType, PrismaConfig, Table};
use lucia_core::{
    AdapterErrorKind, AdapterResult, Attributes, KeyId, KeySchema, SessionSchema, SessionUpdate, UnixMillis, UserSchema,
};
use serde_json::Value;

/// Returns the configuration of users with a unique name and an optional age, and sessions with an optional country.
pub(crate) fn config() -> PrismaConfig {
    PrismaConfig::default()
        .user(
            Table::named("User")
                .attribute("username", Attribute::string().unique())
                .attribute("age", Attribute::new(AttributeType::BigInt).optional()),
        )
        .session(Table::named("Session").attribute("country", Attribute::string().optional()))
}

pub(crate) fn user(id: &str) -> UserSchema {
    UserSchema::new(id).with_attributes(Attributes::from([("username", format!("name of {id}"))])).unwrap()
}

pub(crate) fn key(id: &str, user_id: &str) -> KeySchema {
    KeySchema::new(KeyId::from_stored(id), user_id)
}

pub(crate) fn session(id: &str, user_id: &str) -> SessionSchema {
    SessionSchema::new(id, user_id, UnixMillis::new(1_000), UnixMillis::new(2_000))
}

/// Returns an update to these times, optionally with the expected end of the idle period.
pub(crate) fn renewal(active: i64, idle: i64, expected: Option<i64>) -> SessionUpdate {
    let mut update = SessionUpdate::renewal(UnixMillis::new(active), UnixMillis::new(idle));
    update.expected_idle_expires = expected.map(UnixMillis::new);
    update
}

pub(crate) fn one(name: &str, value: impl Into<Value>) -> Attributes {
    Attributes::from([(name, value.into())])
}

/// Returns the kind of the error.
pub(crate) fn kind<T: std::fmt::Debug>(result: AdapterResult<T>) -> AdapterErrorKind {
    result.unwrap_err().kind()
}

/// Returns the kind of the error, and its attribute.
pub(crate) fn named<T: std::fmt::Debug>(result: AdapterResult<T>) -> (AdapterErrorKind, Option<String>) {
    let error = result.unwrap_err();
    (error.kind(), error.attribute().map(str::to_owned))
}

/// Returns the texts of an error and its causes.
pub(crate) fn texts(error: &dyn Error) -> String {
    let mut texts = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(cause) = source {
        texts.push_str(&format!(" {cause} {cause:?}"));
        source = cause.source();
    }
    texts
}
