//! The configuration and rows of the model `Member`, which has every scalar type, required and optional, under mapped
//! names.

use adapter_prisma_compatible::{Attribute, AttributeType as Kind, PrismaConfig, Table};
use lucia_core::{Attributes, HashedPassword, KeyId, KeySchema, SessionSchema, UnixMillis, UserSchema};
use serde_json::{Map, Value, json};

use crate::{
    provider::Provider,
    values::{self, fields, from_client, to_client},
};

/// A field of `schema.prisma` and its column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) column: &'static str,
    pub(crate) kind: Kind,
    is_enum: bool,
    pub(crate) optional: bool,
    unique: bool,
}

const fn required(name: &'static str, column: &'static str, kind: Kind) -> Field {
    Field { name, column, kind, is_enum: false, optional: false, unique: false }
}

const fn optional(name: &'static str, column: &'static str, kind: Kind) -> Field {
    Field { optional: true, ..required(name, column, kind) }
}

const fn role(field: Field) -> Field {
    Field { is_enum: true, ..field }
}

pub(crate) const MEMBER: &[Field] = &[
    Field { unique: true, ..required("email", "email_address", Kind::String) },
    optional("nickName", "nick_name", Kind::String),
    required("age", "age", Kind::Int),
    optional("ageOpt", "age_opt", Kind::Int),
    required("big", "big", Kind::BigInt),
    optional("bigOpt", "bigOpt", Kind::BigInt),
    required("score", "score", Kind::Float),
    optional("scoreOpt", "score opt", Kind::Float),
    required("active", "active", Kind::Boolean),
    optional("activeOpt", "active-opt", Kind::Boolean),
    required("joinedAt", "joined_at", Kind::DateTime),
    optional("joinedAtOpt", "joined_at_opt", Kind::DateTime),
    required("meta", "meta", Kind::Json),
    optional("metaOpt", "meta_opt", Kind::Json),
    required("avatar", "avatar", Kind::Bytes),
    optional("avatarOpt", "avatar_opt", Kind::Bytes),
    required("price", "price", Kind::Decimal),
    optional("priceOpt", "price_opt", Kind::Decimal),
    role(required("role", "role", Kind::String)),
    role(optional("roleOpt", "role_opt", Kind::String)),
];

pub(crate) const SESSION: &[Field] = &[
    required("device", "device", Kind::String),
    optional("deviceOpt", "device_opt", Kind::String),
    required("age", "age", Kind::Int),
    optional("ageOpt", "age_opt", Kind::Int),
    required("big", "big", Kind::BigInt),
    optional("bigOpt", "bigOpt", Kind::BigInt),
    required("score", "score", Kind::Float),
    optional("scoreOpt", "score opt", Kind::Float),
    required("active", "active", Kind::Boolean),
    optional("activeOpt", "active-opt", Kind::Boolean),
    required("seenAt", "seen_at", Kind::DateTime),
    optional("seenAtOpt", "seen_at_opt", Kind::DateTime),
    required("meta", "meta", Kind::Json),
    optional("metaOpt", "meta_opt", Kind::Json),
    required("token", "token", Kind::Bytes),
    optional("tokenOpt", "token_opt", Kind::Bytes),
    required("price", "price", Kind::Decimal),
    optional("priceOpt", "price_opt", Kind::Decimal),
    role(required("role", "role", Kind::String)),
    role(optional("roleOpt", "role_opt", Kind::String)),
];

pub(crate) fn config() -> PrismaConfig {
    let declare = |table: Table, fields: &[Field]| {
        fields.iter().fold(table, |table, field| table.attribute(field.name, field.attribute()))
    };
    let sessions = Table::named("memberSessions")
        .column("id", "session_id")
        .column("user_id", "memberId")
        .column("active_expires", "activeUntil")
        .column("idle_expires", "idleUntil");
    let keys = Table::named("memberKeys")
        .column("id", "key_id")
        .column("hashed_password", "passwordHash")
        .column("user_id", "memberId");
    PrismaConfig::default()
        .user(declare(Table::named("members").column("id", "member_id"), MEMBER))
        .session(declare(sessions, SESSION))
        .key(keys)
        .user_relation_key("member")
}

impl Field {
    fn attribute(&self) -> Attribute {
        let attribute = if self.is_enum {
            Attribute::enumeration(["USER", "ADMIN"]).label("SUPER", "super-admin").named("Role")
        } else {
            Attribute::new(self.kind)
        };
        let attribute = attribute.map(self.column);
        let attribute = if self.optional { attribute.optional() } else { attribute };
        if self.unique { attribute.unique() } else { attribute }
    }

    pub(crate) fn values(&self, provider: Provider) -> Vec<Value> {
        let mut values = values::of_kind(provider, self.kind, self.is_enum);
        // A required JSON column stores the null of JSON, an optional one that of SQL.
        if self.optional || self.kind == Kind::Json {
            values.push(Value::Null);
        }
        values
    }
}

/// Returns rows of attributes that contain every value of every field.
pub(crate) fn rows(provider: Provider, fields: &[Field]) -> Vec<Attributes> {
    let values: Vec<_> = fields.iter().map(|field| field.values(provider)).collect();
    let count = values.iter().map(Vec::len).max().unwrap();
    let row = |index: usize| {
        let value = |(field, values): (&Field, &Vec<Value>)| {
            let value = values[(index + usize::from(field.optional)) % values.len()].clone();
            // No two rows share a unique value.
            (field.name, if field.unique { unique(provider, index, &value) } else { value })
        };
        fields.iter().zip(&values).map(value).collect()
    };
    (0..count).map(row).collect()
}

/// Makes a text unique, in a length that fits its column.
fn unique(provider: Provider, index: usize, value: &Value) -> Value {
    let length = if provider == Provider::MySql { 191 } else { usize::MAX };
    json!(format!("{index} {}", value.as_str().unwrap()).chars().take(length).collect::<String>())
}

pub(crate) fn id(index: usize) -> String {
    format!("member{index}")
}

pub(crate) fn member(index: usize, attributes: Attributes) -> UserSchema {
    UserSchema::new(id(index)).with_attributes(attributes).unwrap()
}

/// Returns a session of the first member.
pub(crate) fn session(index: usize, attributes: Attributes) -> SessionSchema {
    let times = [1_700_000_000_000, 4_102_444_800_000].map(UnixMillis::new);
    SessionSchema::new(format!("session{index}"), id(0), times[0], times[1]).with_attributes(attributes).unwrap()
}

/// Returns a key of a member with a password, and one without.
pub(crate) fn keys(index: usize) -> [KeySchema; 2] {
    let key =
        |provider: &str| KeySchema::new(KeyId::new(provider, &format!("Ada:{index}@example.com")).unwrap(), id(index));
    [key("email").with_hashed_password(HashedPassword::new("s2:salt:00ff")), key("github")]
}

/// Converts attributes for Prisma Client.
pub(crate) fn attributes_to_client(of: &[Field], attributes: &Attributes) -> Map<String, Value> {
    let field = |name: &str| of.iter().find(|field| field.name == name).unwrap();
    let value = |(name, value): (&str, &Value)| {
        let Field { kind, optional, .. } = field(name);
        (name.to_owned(), to_client(*kind, *optional, value))
    };
    attributes.iter().map(value).collect()
}

pub(crate) fn member_to_client(member: &UserSchema) -> Value {
    let mut row = attributes_to_client(MEMBER, member.attributes());
    row.insert("id".into(), json!(member.id.as_str()));
    Value::Object(row)
}

pub(crate) fn session_to_client(session: &SessionSchema) -> Value {
    let mut row = attributes_to_client(SESSION, session.attributes());
    let time = |time: UnixMillis| json!({"$bigint": time.get().to_string()});
    row.insert("id".into(), json!(session.id.as_str()));
    row.insert("user_id".into(), json!(session.user_id.as_str()));
    row.insert("active_expires".into(), time(session.active_expires));
    row.insert("idle_expires".into(), time(session.idle_expires));
    Value::Object(row)
}

pub(crate) fn key_to_client(key: &KeySchema) -> Value {
    let hash = key.hashed_password.as_ref().map(|hash| hash.as_str());
    json!({"id": key.id.as_str(), "user_id": key.user_id.as_str(), "hashed_password": hash})
}

fn attributes_from_client(of: &[Field], row: &Value) -> Attributes {
    of.iter().map(|field| (field.name, from_client(field.kind, &row[field.name]))).collect()
}

pub(crate) fn member_from_client(row: &Value) -> UserSchema {
    assert_eq!(fields(row).len(), MEMBER.len() + 1, "{row}");
    UserSchema::new(row["id"].as_str().unwrap()).with_attributes(attributes_from_client(MEMBER, row)).unwrap()
}

pub(crate) fn session_from_client(row: &Value) -> SessionSchema {
    assert_eq!(fields(row).len(), SESSION.len() + 4, "{row}");
    let text = |name: &str| row[name].as_str().unwrap();
    let time = |name: &str| UnixMillis::new(from_client(Kind::BigInt, &row[name]).as_i64().unwrap());
    SessionSchema::new(text("id"), text("user_id"), time("active_expires"), time("idle_expires"))
        .with_attributes(attributes_from_client(SESSION, row))
        .unwrap()
}
