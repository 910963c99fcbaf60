//! Rows that the real Prisma Client wrote are read as it reads them, and ours have the same bytes.

use crate::support::{Database, Scratch, fixtures, one, rows, run, text};
use adapter_prisma_compatible::{Attribute, DateTimeFormat, PrismaAdapter, PrismaConfig, Table, sqlx::SqlitePool};
use lucia_core::{
    Adapter, Attributes, HashedPassword, KeyId, KeySchema, SessionAdapter, SessionSchema, SessionUpdate, UnixMillis,
    UserAdapter, UserSchema, UserUpdate,
};
use serde_json::{Map, Value, json};

fn custom() -> PrismaConfig {
    let users = Table::named("auth_user")
        .attribute("email", Attribute::string().unique().map("email_address"))
        .attribute("fullName", Attribute::string().optional().map("full_name"))
        .attribute("createdAt", Attribute::new(adapter_prisma_compatible::AttributeType::DateTime).map("created_at"))
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

/// A database, its rows as Prisma Client reads them, and its names.
type PrismaDatabase = (&'static str, &'static str, fn() -> PrismaConfig);

const DATABASES: [PrismaDatabase; 6] = [
    ("lucia_bs3.db", "bs3_lucia.json", PrismaConfig::default),
    ("test_bs3.db", "bs3_test.json", PrismaConfig::default),
    ("custom_bs3.db", "bs3_custom.json", custom),
    ("custom_bs3_unixms.db", "bs3_custom_unixepoch-ms.json", custom),
    ("attrs_bs3.db", "bs3_attrs.json", attrs),
    ("attrs_bs3_unixms.db", "bs3_attrs_unixepoch-ms.json", attrs),
];

/// Rows as Prisma Client reads them.
struct Expected {
    users: Vec<UserSchema>,
    sessions: Vec<SessionSchema>,
    keys: Vec<KeySchema>,
}

fn expected(file: &str) -> Expected {
    let json: Value = serde_json::from_slice(&std::fs::read(fixtures().join(file)).unwrap()).unwrap();
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
    for (file, json, config) in DATABASES {
        let database = Database::on(Scratch::fixture(file).await, config()).await;
        let expected = expected(json);
        for user in &expected.users {
            assert_eq!(database.get_user(&user.id).await.unwrap().as_ref(), Some(user), "{file}");
            let names: Vec<_> = user.attributes().iter().map(|(name, _)| name.to_owned()).collect();
            let read = database.get_user(&user.id).await.unwrap().unwrap();
            let read: Vec<_> = read.attributes().iter().map(|(name, _)| name.to_owned()).collect();
            assert_eq!(read, names, "{file}: in the order of the columns");
        }
        for key in &expected.keys {
            assert_eq!(database.get_key(&key.id).await.unwrap().as_ref(), Some(key), "{file}");
            assert!(database.get_keys_by_user_id(&key.user_id).await.unwrap().contains(key), "{file}");
        }
        for session in &expected.sessions {
            assert_eq!(database.get_session(&session.id).await.unwrap().as_ref(), Some(session), "{file}");
            assert!(database.get_sessions_by_user_id(&session.user_id).await.unwrap().contains(session), "{file}");
            let user = expected.users.iter().find(|user| user.id == session.user_id).unwrap();
            let joined = database.get_session_and_user(&session.id).await.unwrap();
            assert_eq!(joined, Some((session.clone(), user.clone())), "{file}");
        }
    }
}

#[tokio::test]
async fn rows_written_here_have_the_bytes_of_prisma() {
    for (file, json, config) in DATABASES {
        let theirs = Scratch::fixture(file).await;
        let ours = Scratch::fixture(file).await;
        let is_millis = file.contains("unixms");
        let format = if is_millis { DateTimeFormat::UnixEpochMillis } else { DateTimeFormat::Iso8601 };
        let adapter = PrismaAdapter::with_config(ours.pool.clone(), config().date_time_format(format)).await.unwrap();
        let expected = expected(json);
        for user in &expected.users {
            adapter.delete_user(&user.id).await.unwrap();
        }
        for user in &expected.users {
            adapter.set_user(user, None).await.unwrap();
        }
        for key in &expected.keys {
            adapter.set_key(key).await.unwrap();
        }
        for session in &expected.sessions {
            adapter.set_session(session).await.unwrap();
        }
        let stored = stored(&ours.pool).await;
        assert!(stored.len() >= 8, "{file}: {stored:?}");
        assert_eq!(stored, self::stored(&theirs.pool).await, "{file}");
    }
}

#[tokio::test]
async fn updates_have_the_bytes_of_prisma() {
    for (file, json, config) in DATABASES {
        let theirs = Scratch::fixture(file).await;
        let ours = Scratch::fixture(file).await;
        // The format is that of the rows that are there.
        let adapter = PrismaAdapter::with_config(ours.pool.clone(), config()).await.unwrap();
        let expected = expected(json);
        for user in &expected.users {
            let update = UserUpdate::new(user.attributes().clone()).unwrap();
            adapter.update_user(&user.id, &update).await.unwrap();
        }
        for session in &expected.sessions {
            let mut update = SessionUpdate::default().with_attributes(session.attributes().clone()).unwrap();
            update.idle_expires = Some(session.idle_expires);
            adapter.update_session(&session.id, &update).await.unwrap();
        }
        assert_eq!(stored(&ours.pool).await, stored(&theirs.pool).await, "{file}");
    }
}

/// Every value of every row, with its storage class.
async fn stored(pool: &SqlitePool) -> Vec<Vec<Option<String>>> {
    let tables = rows(pool, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").await;
    let mut stored = Vec::new();
    for table in tables.iter().map(|row| row[0].as_deref().unwrap()) {
        let columns = rows(pool, &format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid")).await;
        let columns = columns.iter().map(|row| row[0].as_deref().unwrap());
        let values: Vec<_> = columns.map(|name| format!("typeof(\"{name}\") || ' ' || quote(\"{name}\")")).collect();
        stored.extend(rows(pool, &format!("SELECT {} FROM \"{table}\" ORDER BY id", values.join(", "))).await);
    }
    stored
}

#[tokio::test]
async fn the_format_of_times_follows_the_newest_row() {
    let database = Database::on(Scratch::fixture("attrs_bs3.db").await, attrs()).await;
    let time = || one("last_seen", "2024-05-06T07:08:09.123+02:00");
    let id = "sessactive00000000000000000000000000000a".into();
    let update = || SessionUpdate::default().with_attributes(time()).unwrap();
    let stored = "SELECT typeof(last_seen) || ' ' || last_seen FROM Session WHERE id LIKE 'sessactive%'";

    database.update_session(&id, &update()).await.unwrap();
    assert_eq!(text(&database.pool, stored).await.as_deref(), Some("text 2024-05-06T05:08:09.123+00:00"));

    run(&database.pool, "UPDATE Session SET last_seen = 5 WHERE rowid = (SELECT max(rowid) FROM Session)").await;
    database.update_session(&id, &update()).await.unwrap();
    assert_eq!(
        text(&database.pool, stored).await.as_deref(),
        Some("text 2024-05-06T05:08:09.123+00:00"),
        "decided when it was made"
    );

    let later = PrismaAdapter::with_config(database.pool.clone(), attrs()).await.unwrap();
    later.update_session(&id, &update()).await.unwrap();
    assert_eq!(text(&database.pool, stored).await.as_deref(), Some("integer 1714972089123"));
    let read = later.get_session(&id).await.unwrap().unwrap();
    assert_eq!(read.attributes().get("last_seen"), Some(&json!("2024-05-06T05:08:09.123Z")));
}

#[tokio::test]
async fn defaults_of_the_database_fill_what_an_insert_leaves_out() {
    let database = Database::on(Scratch::fixture("attrs_bs3.db").await, attrs()).await;
    run(&database.pool, "DELETE FROM User").await;
    let required = [
        ("username", json!("carol")),
        ("updated_at", json!(0)),
        ("uu", json!("u")),
        ("cu", json!("c")),
        ("blob", json!([1])),
    ];
    let carol = UserSchema::new("carol").with_attributes(Attributes::from(required)).unwrap();
    database.set_user(&carol, None).await.unwrap();
    let read = database.get_user(&carol.id).await.unwrap().unwrap();
    let attribute = |name| read.attributes().get(name).unwrap().clone();
    assert_eq!(attribute("nick_def"), json!("n'o\"ne"));
    assert_eq!(attribute("big"), json!(9_007_199_254_740_993_i64));
    assert_eq!(attribute("role"), json!("USER"));
    assert_eq!(attribute("meta"), json!({"a": 1}));
    assert_eq!(attribute("price"), json!("1.1"));
    assert_eq!(attribute("dt_fixed"), json!("2024-01-02T03:04:05.678Z"), "with the space that Prisma's default has");
    assert_eq!(attribute("nick"), json!(null));
}
