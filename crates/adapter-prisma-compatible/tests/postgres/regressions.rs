//! Regression tests for bugs of the SQL adapters of Lucia JS, by their numbers, as far as Postgres differs.

use adapter_prisma_compatible::PrismaConfig;
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, UserAdapter, UserSchema};

use crate::support::{Database, config, count, key, kind, named, run, session, texts, user};

/// The code, the table and the constraint classify an error; the message may be in any language.
#[tokio::test]
async fn p2_errors_are_classified_in_any_language() {
    let database = Database::create(config()).await;
    let german = "MESSAGE = 'doppelter Schlüsselwert verletzt Unique-Constraint', ERRCODE = '23505', TABLE = 'User'";
    let english = r#"MESSAGE = 'duplicate key value violates unique constraint "User_pkey"'"#;
    for (raised, expected) in [
        (format!("{german}, CONSTRAINT = 'User_pkey'"), (Kind::DuplicateUserId, None)),
        (
            format!("{german}, CONSTRAINT = 'User_username_key'"),
            (Kind::DuplicateAttribute, Some("username".to_owned())),
        ),
        (english.to_owned(), (Kind::Backend, None)),
    ] {
        let refuse = format!(
            r#"CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
                   AS $$ BEGIN RAISE EXCEPTION USING {raised}; END $$;
               CREATE OR REPLACE TRIGGER refuse BEFORE INSERT ON "User" FOR EACH ROW EXECUTE FUNCTION refuse()"#
        );
        run(&database.pool, &refuse).await;
        assert_eq!(named(database.set_user(&user("u1"), None).await), expected, "{raised}");
    }
}

/// Foreign keys may be checked immediately, at the commit, or not at all.
#[tokio::test]
async fn p8_user_and_key_are_written_atomically_with_any_foreign_key() {
    let database = Database::create(config()).await;
    for clause in ["DEFERRABLE INITIALLY IMMEDIATE", "DEFERRABLE INITIALLY DEFERRED", ""] {
        run(
            &database.pool,
            r#"ALTER TABLE "Key" DROP CONSTRAINT "Key_user_id_fkey"; DELETE FROM "Key"; DELETE FROM "User""#,
        )
        .await;
        if !clause.is_empty() {
            let sql = r#"ALTER TABLE "Key" ADD CONSTRAINT "Key_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "User"("id")"#;
            run(&database.pool, &format!("{sql} {clause}")).await;
        } else {
            run(&database.pool, r#"ALTER TABLE "Key" ADD CONSTRAINT "Key_user_id_fkey" CHECK (true)"#).await;
        }
        database.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
        assert_eq!(kind(database.set_user(&user("u2"), Some(&key("p:k", "u2"))).await), Kind::DuplicateKeyId);
        assert_eq!((count(&database.pool, "User").await, count(&database.pool, "Key").await), (1, 1), "{clause}");
    }
}

/// The details, hint and context of an error may contain a value, as those of triggers do.
#[tokio::test]
async fn an_error_of_a_trigger_contains_only_its_message() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    for (body, message) in [
        ("RAISE EXCEPTION 'not now' USING DETAIL = NEW.\"id\", HINT = NEW.\"id\"", "not now"),
        ("EXECUTE pg_catalog.format('SELECT absent(%L)', NEW.\"id\")", "absent"),
    ] {
        let refuse = format!(
            r#"CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; END $$;
               CREATE OR REPLACE TRIGGER refuse BEFORE INSERT ON "Session" FOR EACH ROW EXECUTE FUNCTION refuse()"#
        );
        run(&database.pool, &refuse).await;
        let error = database.set_session(&session("hunter2", "u1")).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Backend);
        assert!(texts(&error).contains(message) && !texts(&error).contains("hunter2"), "{}", texts(&error));
    }
}

/// Postgres names the partition whose constraint was violated instead of its table.
#[tokio::test]
async fn errors_of_a_partition_are_those_of_its_table() {
    let tables = r#"CREATE TABLE "User" ("id" TEXT PRIMARY KEY);
        CREATE TABLE "Session" ("id" TEXT PRIMARY KEY, "user_id" TEXT NOT NULL REFERENCES "User" ("id"),
            "active_expires" BIGINT NOT NULL, "idle_expires" BIGINT NOT NULL) PARTITION BY HASH ("id");
        CREATE TABLE session_0 PARTITION OF "Session" FOR VALUES WITH (MODULUS 1, REMAINDER 0);
        CREATE TABLE "Key" ("id" TEXT PRIMARY KEY, "user_id" TEXT NOT NULL REFERENCES "User" ("id"), "hashed_password" TEXT)
            PARTITION BY HASH ("id");
        CREATE TABLE key_0 PARTITION OF "Key" FOR VALUES WITH (MODULUS 1, REMAINDER 0)"#;
    let database = Database::from_sql(tables, PrismaConfig::default()).await;
    database.set_user(&UserSchema::new("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    assert_eq!(kind(database.set_key(&key("p:k", "u1")).await), Kind::DuplicateKeyId);
    assert_eq!(kind(database.set_user(&UserSchema::new("u2"), Some(&key("p:k", "u2"))).await), Kind::DuplicateKeyId);
    assert_eq!(kind(database.set_session(&session("s1", "absent")).await), Kind::InvalidUserId);
    assert_eq!(kind(database.set_key(&key("p:2", "absent")).await), Kind::InvalidUserId);
}
