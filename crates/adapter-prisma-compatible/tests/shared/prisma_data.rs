//! Rows of the real Prisma Client are read as by Prisma Client, and rows written here are the same, byte for byte.

use adapter_prisma_compatible::{Attribute, AttributeType, PrismaConfig, Table};
use lucia_core::{
    Adapter, Attributes, HashedPassword, KeyId, KeySchema, SessionAdapter, SessionSchema, SessionUpdate, UnixMillis,
    UserAdapter, UserSchema, UserUpdate,
};
use serde_json::{Map, Value, json};

use crate::{
    prisma_data::{FIXTURES, as_prisma_reads, fixture, stored},
    support::Database,
};

/// The names that the schema of a fixture has.
fn config(name: &str) -> PrismaConfig {
    match name.split('_').next() {
        Some("custom") => custom(),
        Some("attrs") => attrs(),
        _ => PrismaConfig::default(),
    }
}

fn custom() -> PrismaConfig {
    let users = Table::named("auth_user")
        .attribute("email", Attribute::string().unique().map("email_address"))
        .attribute("fullName", Attribute::string().optional().map("full_name"))
        .attribute("createdAt", Attribute::new(AttributeType::DateTime).map("created_at"))
        .attribute("role", Attribute::enumeration(["USER", "ADMIN"]).label("SUPER", "super-admin"));
    let sessions = Table::named("auth_session")
        .column("user_id", "uid")
        .column("active_expires", "active_until")
        .column("idle_expires", "idle_until")
        .attribute("country", Attribute::string().optional().map("country_code"));
    let keys = Table::named("auth_key").column("user_id", "uid").column("hashed_password", "pw_hash");
    PrismaConfig::default().user(users).session(sessions).key(keys).user_relation_key("auth_user")
}

pub(crate) fn attrs() -> PrismaConfig {
    let role = || Attribute::enumeration(["USER", "ADMIN"]).label("SUPER", "super-admin");
    let users = Table::named("User").attribute("role", role()).attribute("role_opt", role().optional());
    PrismaConfig::default().user(users)
}

/// Rows as Prisma Client reads them.
struct Expected {
    users: Vec<UserSchema>,
    sessions: Vec<SessionSchema>,
    keys: Vec<KeySchema>,
}

fn expected(name: &str) -> Expected {
    let json: Value = serde_json::from_str(&as_prisma_reads(name)).unwrap();
    let rows = |name: &str| json[name].as_array().unwrap().iter().map(|row| row.as_object().unwrap().clone());
    let users = rows("users").map(|mut row| {
        let id = string(&mut row, "id");
        UserSchema::new(id).with_attributes(attributes(row)).unwrap()
    });
    let sessions = rows("sessions").map(|mut row| {
        let (id, user_id) = (string(&mut row, "id"), string(&mut row, "user_id"));
        let times = ["active_expires", "idle_expires"].map(|name| represented(row.shift_remove(name).unwrap()));
        let [active, idle] = times.map(|time| UnixMillis::new(time.as_i64().unwrap()));
        SessionSchema::new(id, user_id, active, idle).with_attributes(attributes(row)).unwrap()
    });
    let keys = rows("keys").map(|mut row| {
        let key = KeySchema::new(KeyId::from_stored(string(&mut row, "id")), string(&mut row, "user_id"));
        match row["hashed_password"].as_str() {
            Some(hash) => key.with_hashed_password(HashedPassword::new(hash)),
            None => key,
        }
    });
    Expected { users: users.collect(), sessions: sessions.collect(), keys: keys.collect() }
}

fn string(row: &mut Map<String, Value>, name: &str) -> String {
    row.shift_remove(name).unwrap().as_str().unwrap().to_owned()
}

fn attributes(row: Map<String, Value>) -> Attributes {
    row.into_iter().map(|(name, value)| (name, represented(value))).collect()
}

/// JSON has neither JavaScript's 64-bit integers nor bytes; the fixtures contain objects for them.
fn represented(value: Value) -> Value {
    if let Some(digits) = value.get("$bigint").and_then(Value::as_str) {
        return json!(digits.parse::<i64>().unwrap());
    }
    if let Some(hex) = value.get("$bytes").and_then(Value::as_str) {
        let byte = |index| u8::from_str_radix(&hex[index..index + 2], 16).unwrap();
        return json!((0..hex.len()).step_by(2).map(byte).collect::<Vec<_>>());
    }
    value
}

#[tokio::test]
async fn every_row_of_prisma_is_read_as_prisma_reads_it() {
    for name in FIXTURES {
        let database = Database::on(fixture(name).await, config(name)).await;
        let expected = expected(name);
        for user in &expected.users {
            let read = database.get_user(&user.id).await.unwrap().unwrap();
            assert_eq!(read, *user, "{name}");
            let names =
                |user: &UserSchema| user.attributes().iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>();
            assert_eq!(names(&read), names(user), "{name}: in the order of the columns");
        }
        for key in &expected.keys {
            assert_eq!(database.get_key(&key.id).await.unwrap().as_ref(), Some(key), "{name}");
            assert!(database.get_keys_by_user_id(&key.user_id).await.unwrap().contains(key), "{name}");
        }
        for session in &expected.sessions {
            assert_eq!(database.get_session(&session.id).await.unwrap().as_ref(), Some(session), "{name}");
            assert!(database.get_sessions_by_user_id(&session.user_id).await.unwrap().contains(session), "{name}");
            let user = expected.users.iter().find(|user| user.id == session.user_id).unwrap();
            let joined = database.get_session_and_user(&session.id).await.unwrap();
            assert_eq!(joined, Some((session.clone(), user.clone())), "{name}");
        }
    }
}

/// Returns the attributes without empty lists, for which Prisma stored null or the default of the column.
fn as_written(user: &UserSchema) -> UserSchema {
    let is_empty_list = |name: &str, value: &Value| matches!(name, "tags" | "nums") && *value == json!([]);
    let attributes = user.attributes().iter().filter(|(name, value)| !is_empty_list(name, value));
    let attributes = attributes.map(|(name, value)| (name, value.clone())).collect();
    UserSchema::new(user.id.clone()).with_attributes(attributes).unwrap()
}

#[tokio::test]
async fn rows_written_and_updated_here_equal_those_of_prisma() {
    for name in FIXTURES {
        let database = Database::on(fixture(name).await, config(name)).await;
        let theirs = stored(&database.pool).await;
        assert!(theirs.len() >= 8, "{name}: {theirs:?}");
        let expected = expected(name);
        for user in &expected.users {
            database.delete_user(&user.id).await.unwrap();
        }
        assert_eq!(stored(&database.pool).await.len(), 0, "{name}");
        for user in &expected.users {
            database.set_user(&as_written(user), None).await.unwrap();
        }
        for key in &expected.keys {
            database.set_key(key).await.unwrap();
        }
        for session in &expected.sessions {
            database.set_session(session).await.unwrap();
        }
        assert_eq!(stored(&database.pool).await, theirs, "{name}");

        for user in &expected.users {
            database
                .update_user(
                    &user.id,
                    &UserUpdate::default().with_attributes(as_written(user).attributes().clone()).unwrap(),
                )
                .await
                .unwrap();
        }
        for session in &expected.sessions {
            let mut update = SessionUpdate::default().with_attributes(session.attributes().clone()).unwrap();
            update.idle_expires = Some(session.idle_expires);
            database.update_session(&session.id, &update).await.unwrap();
        }
        assert_eq!(stored(&database.pool).await, theirs, "{name}");
    }
}
