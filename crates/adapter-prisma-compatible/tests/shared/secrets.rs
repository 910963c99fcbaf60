//! Errors contain no secrets.

use adapter_prisma_compatible::PrismaConfig;
use lucia_core::{HashedPassword, KeyUpdate, SessionAdapter, UserAdapter, UserSchema};

use crate::support::{Database, count, is_unique_violation, key, renewal, session, sql, texts};

/// The messages of servers contain values, and those of Postgres the whole row of a violated check.
#[tokio::test]
async fn no_error_contains_an_id_or_a_hash() {
    let tables = sql(r#"CREATE TABLE "User" ("id" VARCHAR(191) PRIMARY KEY);
        CREATE TABLE "Session" ("id" VARCHAR(191) PRIMARY KEY, "user_id" VARCHAR(191) NOT NULL, "active_expires" BIGINT NOT NULL,
            "idle_expires" BIGINT NOT NULL, CHECK ("idle_expires" < 9000));
        CREATE TABLE "Key" ("id" VARCHAR(191) PRIMARY KEY, "user_id" VARCHAR(191) NOT NULL, "hashed_password" VARCHAR(191) UNIQUE,
            CONSTRAINT "short" CHECK (length("hashed_password") < 30))"#);
    let database = Database::from_sql(&tables, PrismaConfig::default()).await;
    let secret = "hunter2".repeat(3);
    database.set_user(&UserSchema::new("u1"), None).await.unwrap();
    let own = session(&secret, "u1");
    database.set_session(&own).await.unwrap();
    let hashed = |id: &str| key(id, "u1").with_hashed_password(HashedPassword::new(secret.as_str()));
    let own_key = hashed(&format!("p:{secret}"));
    database.set_key(&own_key).await.unwrap();
    let long = KeyUpdate::default().with_hashed_password(Some(HashedPassword::new(secret.repeat(3))));
    for error in [
        database.set_session(&own).await.unwrap_err(),
        database.set_key(&own_key).await.unwrap_err(),
        database.set_key(&hashed("p:other")).await.unwrap_err(),
        database.update_key(&own_key.id, &long).await.unwrap_err(),
        database.update_session(&own.id, &renewal(1, 10_000, None)).await.unwrap_err(),
    ] {
        assert!(!texts(&error).contains("hunter2"), "{}", texts(&error));
    }
    let error = database.set_session(&own).await.unwrap_err();
    assert!(is_unique_violation(&error));
    assert_eq!((count(&database.pool, "Session").await, count(&database.pool, "Key").await), (1, 1));
}
