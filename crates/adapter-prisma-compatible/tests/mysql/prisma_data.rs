//! Rows that the real Prisma Client wrote are read as it reads them, and ours are the same to the byte.

use adapter_prisma_compatible::{Attribute, AttributeType, PrismaConfig, Table, sqlx::MySqlPool};
use lucia_core::{
    Adapter, Attributes, HashedPassword, KeyId, KeySchema, SessionAdapter, SessionSchema, SessionUpdate, UnixMillis,
    UserAdapter, UserSchema, UserUpdate,
};
use serde_json::{Map, Value, json};

use crate::{
    server::Scratch,
    support::{Database, rows, run, text},
};

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../fixtures/mysql/", $name))
    };
}

/// The tables of Prisma, the rows of Prisma, the rows as Prisma Client reads them, and the names.
type Fixture = (&'static str, &'static str, &'static str, fn() -> PrismaConfig);

const FIXTURES: [Fixture; 4] = [
    (fixture!("lucia.sql"), fixture!("lucia_data.sql"), fixture!("mdb_lucia.json"), PrismaConfig::default),
    (fixture!("test.sql"), fixture!("test_data.sql"), fixture!("mdb_test.json"), PrismaConfig::default),
    (fixture!("custom.sql"), fixture!("custom_data.sql"), fixture!("mdb_custom.json"), custom),
    (fixture!("attrs.sql"), fixture!("attrs_data.sql"), fixture!("mdb_attrs.json"), attrs),
];

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

fn attrs() -> PrismaConfig {
    let role = || Attribute::enumeration(["USER", "ADMIN"]).label("SUPER", "super-admin");
    let users = Table::named("User").attribute("role", role()).attribute("role_opt", role().optional());
    PrismaConfig::default().user(users)
}

async fn with_rows(tables: &str, data: &str, config: PrismaConfig) -> Database {
    let scratch = Scratch::create().await;
    run(&scratch.pool, tables).await;
    run(&scratch.pool, data).await;
    Database::on(scratch, config).await
}

/// Rows as Prisma Client reads them.
struct Expected {
    users: Vec<UserSchema>,
    sessions: Vec<SessionSchema>,
    keys: Vec<KeySchema>,
}

fn expected(json: &str) -> Expected {
    let json: Value = serde_json::from_str(json).unwrap();
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

/// JSON has no 64-bit integers of JavaScript's and no bytes; the fixtures have objects for them.
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
    for (tables, data, json, config) in FIXTURES {
        let database = with_rows(tables, data, config()).await;
        let expected = expected(json);
        for user in &expected.users {
            assert_eq!(database.get_user(&user.id).await.unwrap().as_ref(), Some(user));
        }
        for key in &expected.keys {
            assert_eq!(database.get_key(&key.id).await.unwrap().as_ref(), Some(key));
            assert!(database.get_keys_by_user_id(&key.user_id).await.unwrap().contains(key));
        }
        for session in &expected.sessions {
            assert_eq!(database.get_session(&session.id).await.unwrap().as_ref(), Some(session));
            assert!(database.get_sessions_by_user_id(&session.user_id).await.unwrap().contains(session));
            let user = expected.users.iter().find(|user| user.id == session.user_id).unwrap();
            let joined = database.get_session_and_user(&session.id).await.unwrap();
            assert_eq!(joined, Some((session.clone(), user.clone())));
        }
    }
}

#[tokio::test]
async fn rows_written_and_updated_here_are_those_of_prisma() {
    for (tables, data, json, config) in FIXTURES {
        let database = with_rows(tables, data, config()).await;
        let theirs = stored(&database.pool).await;
        assert!(theirs.len() >= 8);
        let expected = expected(json);
        for user in &expected.users {
            database.delete_user(&user.id).await.unwrap();
        }
        assert_eq!(stored(&database.pool).await.len(), 0);
        for user in &expected.users {
            database.set_user(user, None).await.unwrap();
        }
        for key in &expected.keys {
            database.set_key(key).await.unwrap();
        }
        for session in &expected.sessions {
            database.set_session(session).await.unwrap();
        }
        assert_eq!(stored(&database.pool).await, theirs);

        for user in &expected.users {
            database.update_user(&user.id, &UserUpdate::new(user.attributes().clone()).unwrap()).await.unwrap();
        }
        for session in &expected.sessions {
            let mut update = SessionUpdate::default().with_attributes(session.attributes().clone()).unwrap();
            update.idle_expires = Some(session.idle_expires);
            database.update_session(&session.id, &update).await.unwrap();
        }
        assert_eq!(stored(&database.pool).await, theirs);
    }
}

/// Every value as the server prints it.
async fn stored(pool: &MySqlPool) -> Vec<Vec<Option<String>>> {
    let tables = rows(
        pool,
        "SELECT CAST(TABLE_NAME AS CHAR) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1",
    )
    .await;
    let mut stored = Vec::new();
    for table in tables.iter().map(|row| row[0].as_deref().unwrap()) {
        let columns = format!(
            "SELECT CAST(GROUP_CONCAT(CONCAT('CAST(CAST(`', COLUMN_NAME, '` AS BINARY) AS CHAR)') ORDER BY ORDINAL_POSITION) AS CHAR)
             FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{table}' AND DATA_TYPE NOT LIKE '%blob'"
        );
        let blobs = format!(
            "SELECT CAST(GROUP_CONCAT(CONCAT('HEX(`', COLUMN_NAME, '`)') ORDER BY ORDINAL_POSITION) AS CHAR)
             FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{table}' AND DATA_TYPE LIKE '%blob'"
        );
        let columns = text(pool, &columns).await.into_iter().chain(text(pool, &blobs).await);
        let columns = columns.collect::<Vec<_>>().join(", ");
        stored.extend(rows(pool, &format!("SELECT {columns} FROM `{table}` ORDER BY `id`")).await);
    }
    stored
}
