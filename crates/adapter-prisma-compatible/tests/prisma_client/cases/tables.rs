//! Cases of the tables and indexes that this crate creates.

use adapter_prisma_compatible::{Attribute, AttributeType as Type, PrismaConfig, Table};
use lucia_core::{SessionAdapter as _, SessionSchema, UnixMillis, UserAdapter as _, UserSchema};
use serde_json::json;

use crate::{database::Database, members, provider::Provider};

/// The index recommended for large tables, `@@index([idle_expires])` in `schema.prisma`.
pub(super) async fn the_expiry_index_is_created_once(provider: Provider) {
    for (config, table, index) in [
        (PrismaConfig::default(), "Session", "Session_idle_expires_idx"),
        (members::config(), "memberSessions", "memberSessions_idleUntil_idx"),
    ] {
        let database = Database::with_tables(provider, &config).await;
        let before = database.indexes(table).await;
        assert!(!before.iter().any(|name| name == index), "{before:?}");
        database.create_expiry_index(&config).await;
        database.create_expiry_index(&config).await;
        database.create_tables(&config).await;
        let mut expected = before;
        expected.push(index.to_owned());
        expected.sort();
        let mut made = database.indexes(table).await;
        made.sort();
        assert_eq!(made, expected);
    }
}

/// Rows of the default mode are deleted in batches, with and without the index.
pub(super) async fn expired_sessions_are_deleted_by_the_index(provider: Provider) {
    let config = PrismaConfig::default();
    let database = Database::with_tables(provider, &config).await;
    database.create_expiry_index(&config).await;
    let adapter = database.adapter(config).await;
    adapter.set_user(&UserSchema::new("u1"), None).await.unwrap();
    for index in 0..10 {
        let time = UnixMillis::new(index);
        adapter.set_session(&SessionSchema::new(format!("s{index}"), "u1", time, time)).await.unwrap();
    }
    for (limit, deleted) in [(4, 4), (4, 2), (4, 0)] {
        assert_eq!(adapter.delete_expired_sessions(UnixMillis::new(6), limit).await.unwrap(), deleted);
    }
    assert_eq!(adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap().len(), 4);
}

/// Declared defaults are defaults of the database, and apply to omitted columns.
pub(super) async fn declared_defaults_apply_to_omitted_columns(provider: Provider) {
    let role = Attribute::enumeration(["USER"]).label("SUPER", "super-admin").named("Role");
    let users = Table::named("User")
        .attribute("nick", Attribute::string().default_value("n'o\"n\\e"))
        .attribute("age", Attribute::new(Type::Int).default_value(18))
        .attribute("big", Attribute::new(Type::BigInt).default_value(i64::MAX))
        .attribute("score", Attribute::new(Type::Float).default_value(-1.5))
        .attribute("active", Attribute::new(Type::Boolean).default_value(true))
        .attribute("price", Attribute::new(Type::Decimal).default_value("-1.25"))
        .attribute("role", role.default_value("SUPER"))
        .attribute("joined", Attribute::new(Type::DateTime).default_now());
    let config = PrismaConfig::default().user(users);
    let database = Database::with_tables(provider, &config).await;
    let adapter = database.adapter(config).await;
    adapter.set_user(&UserSchema::new("u1"), None).await.unwrap();
    let read = adapter.get_user(&"u1".into()).await.unwrap().unwrap();
    for (name, value) in [
        ("nick", json!("n'o\"n\\e")),
        ("age", json!(18)),
        ("big", json!(i64::MAX)),
        ("score", json!(-1.5)),
        ("active", json!(true)),
        ("price", json!("-1.25")),
        ("role", json!("SUPER")),
    ] {
        assert_eq!(read.attributes().get(name), Some(&value), "{name}");
    }
    assert!(read.attributes().get("joined").unwrap().as_str().unwrap().starts_with("20"));
}
