//! Tests of the construction of adapters, of the creation of tables, and of their errors.

use adapter_prisma_compatible::{
    Attribute, Mismatch, PrismaAdapter, PrismaConfig, PrismaUserAdapter, SetupError, Table, postgres,
};
use lucia_core::{Adapter, SessionAdapter, UserAdapter, UserSchema};

use crate::{
    server::{Scratch, administer, url},
    shared::setup::mismatches,
    support::{Pool, config, count, key, rows, run, session, user},
};

/// Returns the definitions of all tables, from the catalog.
pub(crate) async fn made(pool: &Pool) -> Vec<String> {
    let catalogue =
        "SELECT format('%s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull)
            FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
            WHERE c.relnamespace = current_schema()::regnamespace
        UNION SELECT format('%s %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint
            WHERE connamespace = current_schema()::regnamespace
        UNION SELECT replace(pg_get_indexdef(indexrelid), current_schema(), '') FROM pg_index
            JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = current_schema()::regnamespace
        ORDER BY 1";
    rows(pool, catalogue).await.into_iter().map(|row| row[0].clone().unwrap()).collect()
}

#[tokio::test]
async fn one_error_names_every_mismatch() {
    let scratch = Scratch::create().await;
    run(
        &scratch.pool,
        r#"CREATE TYPE "Role" AS ENUM ('USER');
           CREATE TABLE "User" ("id" CHAR(15) PRIMARY KEY, "role" "Role", "point" POINT NOT NULL);
           CREATE TABLE "Session" ("id" TEXT, "owner" CHAR(15), "active_expires" TIMESTAMP(3) NOT NULL, "idle_expires" INTEGER NOT NULL);
           CREATE COLLATION folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
           CREATE TABLE folded ("id" TEXT COLLATE folded PRIMARY KEY, "owner" TEXT COLLATE folded, "hash" INTEGER);
           CREATE VIEW "Key" AS SELECT 'x' AS "id""#,
    )
    .await;
    let users = Table::named("User").attribute("role", Attribute::enumeration(["USER", "ADMIN"]));
    let sessions = Table::named("Session").column("user_id", "owner");
    let found = mismatches(&scratch, PrismaConfig::default().user(users).session(sessions)).await;
    let texts: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "column `id` of table `User` has the type CHAR, which ignores trailing spaces, so different ids could be equal \
             (needed: VARCHAR or TEXT)",
            "column `role` of table `User` has no label `ADMIN`: its labels are `USER`; correct the name, or map it with \
             `Attribute::label`",
            "column `point` of table `User` is point and required, but attributes do not support this type: give it a \
             default, allow null, or name it with `Table::filled_by_trigger` if a trigger sets it",
            "column `id` of table `Session` is neither the primary key nor unique: make it the primary key",
            "column `owner` of table `Session` has the type CHAR, which ignores trailing spaces, so different ids could be \
             equal (needed: VARCHAR or TEXT)",
            "column `active_expires` of table `Session` is timestamp(3) without time zone (needed: BIGINT)",
            "column `idle_expires` of table `Session` is integer (needed: BIGINT)",
            "`Key` is a view (needed: a table with support for transactions)",
        ]
    );

    let keys = Table::named("folded").column("user_id", "owner").column("hashed_password", "secret");
    let found = mismatches(&scratch, PrismaConfig::default().key(keys)).await;
    let texts: Vec<_> = found.iter().map(ToString::to_string).filter(|text| text.contains("folded")).collect();
    assert_eq!(
        texts,
        [
            "column `id` of table `folded` has the collation `folded`, which is not deterministic, so different ids could be \
             equal (needed: a deterministic collation such as \"C\")",
            "column `owner` of table `folded` has the collation `folded`, which is not deterministic, so different ids \
             could be equal (needed: a deterministic collation such as \"C\")",
            "table `folded` has no column `secret` for the field `hashed_password` (needed: TEXT): create it, or name the \
             existing column with `Table::column(\"hashed_password\", ..)`",
        ]
    );
}

/// Each of these columns would reject values that Lucia writes, or fail when a session is validated or rotated.
#[tokio::test]
async fn unsuitable_columns_are_rejected() {
    const USERS: &str = r#"CREATE TABLE "User" ("id" TEXT PRIMARY KEY)"#;
    const SESSIONS: &str = r#"CREATE TABLE "Session" ("id" TEXT PRIMARY KEY, "user_id" TEXT NOT NULL,
        "active_expires" BIGINT NOT NULL, "idle_expires" BIGINT NOT NULL)"#;
    const KEYS: &str = r#"CREATE TABLE "Key" ("id" TEXT PRIMARY KEY, "user_id" TEXT NOT NULL, "hashed_password" TEXT)"#;
    for (table, from, to, expected) in [
        ("Key", "\"id\" TEXT", "\"id\" UUID", "column `id` of table `Key` is uuid (needed: TEXT)"),
        ("Key", "\"id\" TEXT", "\"id\" INET", "column `id` of table `Key` is inet (needed: TEXT)"),
        ("Key", "\"user_id\" TEXT", "\"user_id\" UUID", "(needed: text, like `id` of table `User`)"),
        (
            "Key",
            "\"hashed_password\" TEXT",
            "\"hashed_password\" VARCHAR(60)",
            "column `hashed_password` of table `Key` is character varying(60) (needed: at least 97 characters, or another \
             `password_hash_length` in the configuration)",
        ),
        (
            "Key",
            "\"hashed_password\" TEXT",
            "\"hashed_password\" TEXT NOT NULL",
            "column `hashed_password` of table `Key` is NOT NULL, so keys without a password could not be stored: allow \
             null, or set `password_keys_only` in the configuration if every key has a password",
        ),
        (
            "Session",
            "\"id\" TEXT",
            "\"id\" VARCHAR(63)",
            "column `id` of table `Session` is character varying(63) (needed: TEXT, with at least 64 characters)",
        ),
        (
            "Session",
            "\"id\" TEXT",
            "\"id\" UUID",
            "column `id` of table `Session` is uuid (needed: TEXT, with at least 64 characters)",
        ),
        ("Session", "\"user_id\" TEXT", "\"user_id\" UUID", "(needed: text, like `id` of table `User`)"),
        ("User", "\"id\" TEXT", "\"id\" CIDR", "column `id` of table `User` is cidr (needed: TEXT)"),
        ("User", "\"id\" TEXT", "\"id\" TEXT[]", "column `id` of table `User` is text[] (needed: TEXT)"),
        ("User", "\"id\" TEXT", "\"id\" INTEGER", "column `id` of table `User` is integer (needed: TEXT)"),
    ] {
        let scratch = Scratch::create().await;
        for sql in [USERS, SESSIONS, KEYS] {
            let is_meant = sql.contains(&format!("TABLE \"{table}\""));
            let sql = if is_meant { sql.replace(from, to) } else { sql.to_owned() };
            run(&scratch.pool, &sql).await;
        }
        let found = mismatches(&scratch, PrismaConfig::default()).await;
        let texts: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert!(texts.len() == 1 && texts[0].ends_with(expected), "{to}: {texts:?}");
        if to.contains("VARCHAR(60)") {
            let config = PrismaConfig::default().password_hash_length(60);
            PrismaAdapter::with_config(scratch.pool.clone(), config).await.unwrap();
        }
    }
}

/// The tables are those that Prisma creates for `id String @id @db.Uuid`.
#[tokio::test]
async fn tables_can_be_created_for_users_with_uuids() {
    let types = async |scratch: &Scratch| {
        let sql = "SELECT table_name || '.' || column_name || ' ' || data_type FROM information_schema.columns
            WHERE table_schema = current_schema() AND column_name IN ('id', 'user_id') ORDER BY 1";
        rows(&scratch.pool, sql).await.into_iter().map(|row| row[0].clone().unwrap()).collect::<Vec<_>>()
    };
    let expected = ["Key.id text", "Key.user_id uuid", "Session.id text", "Session.user_id uuid", "User.id uuid"];
    let scratch = Scratch::create().await;
    let config = PrismaConfig::default().user_id_type("UUID");
    config.create_tables(&scratch.pool).await.unwrap();
    assert_eq!(types(&scratch).await, expected);
    let adapter = PrismaAdapter::with_config(scratch.pool.clone(), config.clone()).await.unwrap();
    let id = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
    adapter.set_user(&UserSchema::new(id), Some(&key("p:k", id))).await.unwrap();
    adapter.set_session(&session("s1", id)).await.unwrap();
    assert_eq!(adapter.get_session_and_user(&"s1".into()).await.unwrap().unwrap().1.id.as_str(), id);
    config.create_tables(&scratch.pool).await.unwrap();

    // The other tables have the type of an existing table of users.
    let scratch = Scratch::create().await;
    run(&scratch.pool, r#"CREATE TABLE "User" ("id" UUID PRIMARY KEY)"#).await;
    PrismaConfig::default().create_tables(&scratch.pool).await.unwrap();
    assert_eq!(types(&scratch).await, expected);
    PrismaAdapter::new(scratch.pool.clone()).await.unwrap();

    let scratch = Scratch::create().await;
    run(&scratch.pool, r#"CREATE TABLE "User" ("id" UUID PRIMARY KEY); CREATE TABLE "Session" ("user_id" TEXT)"#).await;
    let refused = PrismaConfig::default().create_tables(&scratch.pool).await.unwrap_err();
    let expected = "column `user_id` of table `Session` is text (needed: uuid)";
    assert!(refused.to_string().ends_with(expected), "{refused}");
    // With sessions in another store, a table of this name is not checked.
    PrismaConfig::default().create_user_tables(&scratch.pool).await.unwrap();
    PrismaUserAdapter::new(scratch.pool.clone()).await.unwrap();
}

/// The error names the object that could not be created, and the reason.
#[tokio::test]
async fn the_error_names_a_foreign_key_that_cannot_be_created() {
    let scratch = Scratch::create().await;
    run(&scratch.pool, r#"CREATE TABLE "User" ("id" SERIAL PRIMARY KEY)"#).await;
    let refused = PrismaConfig::default().create_tables(&scratch.pool).await.unwrap_err();
    assert_eq!(refused.to_string(), "the database rejected the creation of `Session_user_id_fkey`");
    let cause = std::error::Error::source(&refused).unwrap().to_string();
    assert!(cause.contains("cannot be implemented"), "{cause}");
    assert_eq!(made(&scratch.pool).await.iter().filter(|made| made.starts_with("Session")).count(), 0);
}

/// What was created before the error stays, and the next call creates the rest.
#[tokio::test]
async fn each_table_and_index_may_be_created_in_a_transaction_of_its_own() {
    let scratch = Scratch::create().await;
    run(&scratch.pool, r#"CREATE TABLE "User" ("id" SERIAL PRIMARY KEY)"#).await;
    let config = PrismaConfig::default().separate_ddl();
    let refused = config.create_tables(&scratch.pool).await.unwrap_err();
    assert_eq!(refused.to_string(), "the database rejected the creation of `Session_user_id_fkey`");
    assert!(made(&scratch.pool).await.iter().any(|made| made.starts_with("Session_user_id_idx")));

    run(&scratch.pool, r#"DROP TABLE "User""#).await;
    config.create_tables(&scratch.pool).await.unwrap();
    let together = Scratch::create().await;
    PrismaConfig::default().create_tables(&together.pool).await.unwrap();
    assert_eq!(made(&scratch.pool).await, made(&together.pool).await);
}

#[tokio::test]
async fn the_error_for_a_read_only_user_names_the_missing_privileges() {
    let scratch = Scratch::create().await;
    config().create_tables(&scratch.pool).await.unwrap();
    let (schema, role) = (&scratch.schema, format!("reader_of_{}", scratch.schema));
    administer(url(), &format!(
        r#"CREATE ROLE {role} LOGIN PASSWORD 'reader'; GRANT USAGE ON SCHEMA {schema} TO {role};
           GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role}; GRANT INSERT, UPDATE, DELETE ON {schema}."User" TO {role}"#
    ))
    .await;
    let options = postgres::connect_options(&scratch.url()).unwrap().username(&role).password("reader");
    let pool = postgres::pool_options().connect_with(options).await.unwrap();
    let Err(SetupError::Mismatch(found)) = PrismaAdapter::with_config(pool.clone(), config()).await else {
        panic!("a reader is not a writer");
    };
    let denied =
        |table: &str| Mismatch::NotAllowed { table: table.to_owned(), denied: "INSERT, UPDATE, DELETE".to_owned() };
    assert_eq!(found, [denied("Session"), denied("Key")]);
    pool.close().await;
    administer(url(), &format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}

/// The adapter uses the schema of the URL, even if the search path of its connections changes.
#[tokio::test]
async fn the_adapter_uses_the_schema_of_the_url() {
    let scratch = Scratch::create().await;
    config().create_tables(&scratch.pool).await.unwrap();
    let single = postgres::connect(&format!("{}&connection_limit=1", scratch.url())).await.unwrap();
    let adapter = PrismaAdapter::with_config(single.clone(), config()).await.unwrap();
    sqlx::query("SET search_path = 'pg_catalog'").execute(&single).await.unwrap();
    adapter.set_user(&user("u1"), None).await.unwrap();
    assert_eq!(count(&scratch.pool, "User").await, 1);
}

#[tokio::test]
async fn a_wrong_password_or_server_is_a_typed_error() {
    let wrong = postgres::connect_options(url()).unwrap().password("hunter2");
    let error = postgres::pool_options().connect_with(wrong).await.unwrap_err();
    assert_eq!(error.as_database_error().and_then(|error| error.code()).as_deref(), Some("28P01"));
    assert!(!format!("{error:?}").contains("hunter2"));

    let lazy = postgres::pool_options().acquire_timeout(std::time::Duration::from_millis(300));
    let nowhere = lazy.connect_lazy_with(postgres::connect_options("postgres://u:hunter2@127.0.0.1:1/d").unwrap());
    let Err(error) = PrismaAdapter::new(nowhere).await else { panic!("expected an error") };
    assert!(matches!(error, SetupError::Unavailable { .. }), "{error:?}");
    assert_eq!(error.to_string(), "Postgres at 127.0.0.1:1 is unavailable or did not answer in time");
    // Shown when `main` returns the error.
    let debug = format!("{error:?}");
    assert!(debug.contains("Postgres at 127.0.0.1:1") && !debug.contains("hunter2"), "{debug}");
}

#[tokio::test]
async fn read_only_connections_are_rejected() {
    let scratch = Scratch::create().await;
    config().create_tables(&scratch.pool).await.unwrap();
    let url = format!("{}&options[default_transaction_read_only]=on", scratch.url());
    let pool = postgres::connect(&url).await.unwrap();
    let Err(SetupError::Mismatch(found)) = PrismaAdapter::with_config(pool, config()).await else {
        panic!("expected an error");
    };
    let texts: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), 1);
    assert!(texts[0].contains("transaction_read_only") && texts[0].contains("primary"), "{}", texts[0]);
}
