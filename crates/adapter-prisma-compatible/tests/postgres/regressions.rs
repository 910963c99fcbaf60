//! Bugs of Lucia's own SQL adapters, by their numbers, where Postgres differs from others.

use adapter_prisma_compatible::PrismaConfig;
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, UserAdapter, UserSchema};

use crate::support::{Database, config, count, key, kind, named, run, session, texts, user};

/// A server says by a code, a table and a constraint why it failed; its message is in whatever language it speaks.
#[tokio::test]
async fn p2_the_language_of_the_server_decides_nothing() {
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

/// Foreign keys that are checked at once, later, or not at all.
#[tokio::test]
async fn p8_user_and_key_are_one_step_whatever_checks_their_foreign_key() {
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

/// Details, hints and the context may repeat a value whatever the code of the error: those of triggers do.
#[tokio::test]
async fn no_error_of_a_trigger_tells_an_id_beside_its_message() {
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

/// Postgres names the partition whose constraint was violated, as it would name another table.
#[tokio::test]
async fn a_partition_is_its_table() {
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
