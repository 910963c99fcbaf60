//! Tests of values that are the same on all databases. Each target provides its values.

use adapter_prisma_compatible::{Attribute, AttributeType, PrismaAdapter, PrismaConfig, Table};
use lucia_core::{
    Adapter, AdapterErrorKind as Kind, AdapterResult, Attributes, SessionAdapter, SessionUpdate, UserAdapter,
    UserSchema, UserUpdate,
};
use serde_json::{Value, json};

use crate::support::{Database, config, count, kind, named, one, rows, run, session, sql, text, texts, user};

/// Writes an attribute of the user `u1`.
pub(crate) async fn write(adapter: &PrismaAdapter, name: &str, value: Value) -> AdapterResult<()> {
    adapter.update_user(&"u1".into(), &UserUpdate::default().with_attributes(one(name, value)).unwrap()).await
}

/// Reads an attribute of the user `u1`.
pub(crate) async fn read(adapter: &PrismaAdapter, name: &str) -> Value {
    adapter.get_user(&"u1".into()).await.unwrap().unwrap().attributes().get(name).unwrap().clone()
}

/// An attribute, the written value, the value that is read, and the text of the stored value in the database.
pub(crate) type Case<'a> = (&'a str, Value, Value, &'a str);

/// Writes every case with each adapter, and reads it with all of them. `shown` is the SQL expression of the stored
/// value.
pub(crate) async fn assert_round_trip(
    database: &Database,
    adapters: &[&PrismaAdapter],
    cases: &[Case<'_>],
    shown: fn(&str) -> String,
) {
    for (name, written, expected, stored) in cases {
        for writer in adapters {
            write(writer, name, Value::Null).await.unwrap();
            assert_eq!(read(writer, name).await, Value::Null, "{name}");
            let null = sql(&format!(r#"SELECT "id" FROM "User" WHERE "id" = 'u1' AND "{name}" IS NULL"#));
            assert_eq!(rows(&database.pool, &null).await.len(), 1, "{name}");

            let result = write(writer, name, written.clone()).await;
            assert!(result.is_ok(), "{name}: {written}: {result:?}");
            for reader in adapters {
                assert_eq!(read(reader, name).await, *expected, "{name}: {written}");
            }
            let shown = sql(&format!(r#"SELECT {} FROM "User" WHERE "id" = 'u1'"#, shown(name)));
            assert_eq!(text(&database.pool, &shown).await.as_deref(), Some(*stored), "{name}: {written}");
        }
    }
}

/// Each value is refused by the name of its attribute, in an update and in an insert, and with it what came along: a
/// text for `other`.
pub(crate) async fn assert_rejected(database: &Database, cases: &[(&str, Value)], other: &str) {
    let id = "u1".into();
    let before = (database.get_user(&id).await.unwrap(), count(&database.pool, "User").await);
    for (name, value) in cases {
        let mut attributes = one(name, value.clone());
        if *name != other {
            attributes.insert(other, json!("x"));
        }
        let another = UserSchema::new("another").with_attributes(attributes.clone()).unwrap();
        for result in [
            database.update_user(&id, &UserUpdate::default().with_attributes(attributes).unwrap()).await,
            database.set_user(&another, None).await,
        ] {
            let told = texts(result.as_ref().unwrap_err());
            assert!(!told.contains("hunter2"), "no value in an error: {told}");
            assert_eq!(named(result), (Kind::InvalidAttribute, Some((*name).to_owned())), "{name}: {value}");
        }
    }
    assert_eq!((database.get_user(&id).await.unwrap(), count(&database.pool, "User").await), before);
}

/// Of the users `u1` and `u2`, the first one has something that no attribute can be. `setting` comes before the
/// statement that writes it.
pub(crate) async fn assert_only_their_row_fails(database: &Database, cases: &[(&str, &str)], setting: &str) {
    for (name, literal) in cases {
        let corrupt = sql(&format!(r#"UPDATE "User" SET "{name}" = {literal} WHERE "id" = 'u1'"#));
        run(&database.pool, &format!("{setting}{corrupt}")).await;
        let unreadable = (Kind::Decode, Some((*name).to_owned()));
        assert_eq!(named(database.get_user(&"u1".into()).await), unreadable, "{name} = {literal}");
        assert!(database.get_user(&"u2".into()).await.unwrap().is_some());
        run(&database.pool, &sql(&format!(r#"UPDATE "User" SET "{name}" = NULL WHERE "id" = 'u1'"#))).await;
    }
}

/// Users and sessions with an attribute `json`, and a text beside it.
pub(crate) fn with_json() -> PrismaConfig {
    let columns = |table: Table| {
        let json = Attribute::new(AttributeType::Json).optional();
        table.attribute("json", json).attribute("note", Attribute::string().optional())
    };
    PrismaConfig::default().user(columns(Table::named("User"))).session(columns(Table::named("Session")))
}

/// Rows in which another writer has nested JSON deeper than an attribute may be written.
pub(crate) async fn json_beyond_the_depth_limit_is_read_but_not_written(database: &Database) {
    let (user_id, session_id) = ("u1".into(), "s1".into());
    database.set_user(&UserSchema::new("u1"), None).await.unwrap();
    database.set_session(&session("s1", "u1")).await.unwrap();
    let store = async |levels: usize| {
        let json = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        for table in ["User", "Session"] {
            run(&database.pool, &sql(&format!(r#"UPDATE "{table}" SET "json" = '{json}'"#))).await;
        }
        json
    };
    for levels in [100, 101, 127] {
        let json = store(levels).await;
        let note = one("note", levels.to_string());
        database.update_user(&user_id, &UserUpdate::default().with_attributes(note.clone()).unwrap()).await.unwrap();
        let update = SessionUpdate::default().with_attributes(note).unwrap();
        database.update_session(&session_id, &update).await.unwrap();
        let user = database.get_user(&user_id).await.unwrap().unwrap();
        let session = database.get_session(&session_id).await.unwrap().unwrap();
        for read in [user.attributes(), session.attributes()] {
            assert_eq!(read.get("json").unwrap().to_string(), json, "{levels} levels");
            assert_eq!(read.get("note"), Some(&json!(levels.to_string())));
        }
        let both = (session.clone(), user.clone());
        assert_eq!(database.get_session_and_user(&session_id).await.unwrap(), Some(both), "{levels} levels");
        assert_eq!(database.get_sessions_by_user_id(&user_id).await.unwrap(), [session], "{levels} levels");
        let written = UserUpdate::default().with_attributes(user.attributes().clone());
        assert_eq!(written.is_ok(), levels == 100, "{levels} levels: {written:?}");
    }
    // The error for unreadable JSON contains the name of its attribute.
    store(128).await;
    let unreadable = (Kind::Decode, Some("json".to_owned()));
    assert_eq!(named(database.get_user(&user_id).await), unreadable);
    assert_eq!(named(database.get_session(&session_id).await), unreadable);
    assert_eq!(named(database.get_session_and_user(&session_id).await), unreadable);
}

/// Of the sessions of `u1`, all but one cannot be read.
pub(crate) async fn assert_omitted_from_lists(database: &Database, corrupt: &[&str], readable: &str) {
    for id in corrupt {
        assert_eq!(kind(database.get_session(&(*id).into()).await), Kind::Decode, "{id}");
    }
    let listed = database.get_sessions_by_user_id(&"u1".into()).await.unwrap();
    assert_eq!(listed.iter().map(|session| session.id.as_str()).collect::<Vec<_>>(), [readable]);
    database.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
    assert_eq!(count(&database.pool, "Session").await, 0, "they can still be revoked");
}

/// A value of each type that all databases have.
pub(crate) fn of_every_type() -> Vec<(&'static str, Value)> {
    vec![
        ("int", json!(1)),
        ("big", json!(12_345_678_901_i64)),
        ("float", json!(2.5)),
        ("flag", json!(false)),
        ("time", json!("2023-07-06T05:04:03.021Z")),
        ("json", json!([1])),
        ("bytes", json!([1, 255])),
        ("price", json!("1.5")),
        ("role", json!("USER")),
        ("string", json!("12345678")),
    ]
}

/// Uses one connection, on which a statement is prepared once, independent of the types of later values.
pub(crate) async fn share_a_statement(single: &PrismaAdapter, values: &[(&str, Value)]) {
    for round in 0..3 {
        let of_round = |value: &Value| if round == 1 { value.clone() } else { Value::Null };
        let attributes: Attributes = values.iter().map(|(name, value)| (*name, of_round(value))).collect();
        single
            .update_user(&"u1".into(), &UserUpdate::default().with_attributes(attributes.clone()).unwrap())
            .await
            .unwrap();
        let id = format!("new{round}");
        let new = UserSchema::new(id.as_str()).with_attributes(attributes.clone()).unwrap();
        single.set_user(&new, None).await.unwrap();
        for id in ["u1", &id] {
            let user = single.get_user(&id.into()).await.unwrap().unwrap();
            for (name, value) in attributes.iter() {
                assert_eq!(user.attributes().get(name), Some(value), "{name}");
            }
        }
    }
}

#[tokio::test]
async fn missing_required_attributes_are_named() {
    let database = Database::create(config()).await;
    let username = (Kind::InvalidAttribute, Some("username".to_owned()));
    assert_eq!(named(database.set_user(&UserSchema::new("u1"), None).await), username);
    database.set_user(&user("u1"), None).await.unwrap();
    let null = UserUpdate::default().with_attributes(one("username", Value::Null)).unwrap();
    assert_eq!(named(database.update_user(&"u1".into(), &null).await), username);
}
