//! Tests of calls during migrations, with locked rows and with deallocated statements.

use std::time::Duration;

use adapter_prisma_compatible::{Attribute, PrismaAdapter, PrismaConfig, Table};
use lucia_core::{Adapter, Attributes, SessionAdapter, UnixMillis, UserAdapter, UserSchema, UserUpdate};
use serde_json::json;

use crate::{
    deallocated::every_write_is_prepared_again,
    migrated::{
        a_migration_fails_no_call,
        postgres::{MIGRATIONS, TABLES},
    },
    support::{Database, Scratch, config, key, renewal, run, session, single, user},
};

#[tokio::test]
async fn deleting_expired_sessions_skips_locked_ones() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    for index in 0..5 {
        database.set_session(&session(&format!("s{index}"), "u1")).await.unwrap();
    }
    let mut other = database.pool.begin().await.unwrap();
    sqlx::query(r#"SELECT 1 FROM "Session" WHERE "id" = 's2' FOR UPDATE"#).execute(&mut *other).await.unwrap();
    let deletion = database.delete_expired_sessions(UnixMillis::new(3_000), 10);
    assert_eq!(tokio::time::timeout(Duration::from_secs(30), deletion).await.unwrap().unwrap(), 4);
    other.rollback().await.unwrap();
    assert_eq!(database.delete_expired_sessions(UnixMillis::new(3_000), 10).await.unwrap(), 1);
}

/// A migration may run while the application does.
#[tokio::test]
async fn a_widened_column_fails_no_call() {
    let sql = r#"
        CREATE TABLE "User" ("id" VARCHAR(15) PRIMARY KEY, "age" SMALLINT, "name" VARCHAR(10));
        CREATE TABLE "Session" ("id" VARCHAR(64) PRIMARY KEY, "user_id" VARCHAR(15) NOT NULL REFERENCES "User" ("id"),
            "active_expires" BIGINT NOT NULL, "idle_expires" BIGINT NOT NULL);
        CREATE TABLE "Key" ("id" VARCHAR(255) PRIMARY KEY, "hashed_password" VARCHAR(255), "user_id" VARCHAR(15) NOT NULL)"#;
    let database = Database::from_sql(sql, PrismaConfig::default()).await;
    let attributes = Attributes::from([("age", json!(36)), ("name", json!("Ada"))]);
    let ada = UserSchema::new("u1").with_attributes(attributes).unwrap();
    for (index, migration) in [
        "",
        r#"ALTER TABLE "User" ALTER "age" TYPE INTEGER"#,
        r#"ALTER TABLE "User" ALTER "age" TYPE BIGINT, ALTER "name" TYPE TEXT, ALTER "id" TYPE VARCHAR(255)"#,
        r#"ALTER TABLE "User" ALTER "id" TYPE TEXT; ALTER TABLE "Session" ALTER "user_id" TYPE TEXT, ALTER "id" TYPE TEXT"#,
        r#"ALTER TABLE "User" ADD COLUMN "later" TEXT; ALTER TABLE "Key" ALTER "hashed_password" TYPE TEXT"#,
    ]
    .into_iter()
    .enumerate()
    {
        run(&database.pool, migration).await;
        let id = format!("s{index}");
        if index == 0 {
            database.set_user(&ada, Some(&key("p:k", "u1"))).await.unwrap();
        }
        assert_eq!(database.set_session_and_get_user(&session(&id, "u1")).await.unwrap(), ada);
        database.update_session(&id.as_str().into(), &renewal(1, 2, Some(2_000))).await.unwrap();
        let (_, user) = database.get_session_and_user(&id.as_str().into()).await.unwrap().unwrap();
        assert_eq!(user, ada);
        assert_eq!(database.get_keys_by_user_id(&"u1".into()).await.unwrap().len(), 1);
        database.update_user(&"u1".into(), &UserUpdate::default().with_attributes(ada.attributes().clone()).unwrap()).await.unwrap();
    }
}

/// The server rejects statements that were prepared before a column changed its type (0A000); they are prepared again.
#[tokio::test]
async fn a_changed_column_type_fails_no_call() {
    let database = Database::from_sql(TABLES, PrismaConfig::default()).await;
    let migrate = async |sql: &'static str| run(&database.pool, sql).await;
    a_migration_fails_no_call(&database, migrate, &MIGRATIONS).await;
}

/// The server rejects deallocated statements (26000); they are prepared again.
#[tokio::test]
async fn deallocated_statements_fail_no_write() {
    let config =
        PrismaConfig::default().user(Table::named("User").attribute("username", Attribute::string().optional()));
    let scratch = Scratch::create().await;
    config.create_tables(&scratch.pool).await.unwrap();
    let single = single(&scratch).await;
    let adapter = PrismaAdapter::with_config(single.clone(), config).await.unwrap();
    every_write_is_prepared_again(&adapter, async || run(&single, "DISCARD ALL").await).await;
}
