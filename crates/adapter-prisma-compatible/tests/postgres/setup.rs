//! What is said when an adapter, or its tables, cannot be made.

use adapter_prisma_compatible::{Attribute, Mismatch, PrismaAdapter, PrismaConfig, SetupError, Table, postgres};
use lucia_core::{SessionAdapter, UserAdapter, UserSchema};

use crate::{
    server::{Scratch, administer, at, url},
    support::{config, count, key, rows, run, session, user},
};

async fn mismatches(scratch: &Scratch, config: PrismaConfig) -> Vec<Mismatch> {
    match PrismaAdapter::with_config(scratch.pool.clone(), config).await {
        Err(SetupError::Mismatch(mismatches)) => mismatches,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_difference_is_named_at_once() {
    let scratch = Scratch::create().await;
    run(
        &scratch.pool,
        r#"CREATE TYPE "Role" AS ENUM ('USER');
           CREATE TABLE "User" ("id" CHAR(15) PRIMARY KEY, "role" "Role", "point" POINT);
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
            "column `id` of table `User` takes different ids for equal: change its collation",
            "column `role` of table `User` has no label `ADMIN`: correct it, or map it to the one that is stored",
            "column `point` of table `User` is point, which no attribute is: declare only those you want",
            "column `id` of table `Session` is neither primary key nor unique",
            "column `owner` of table `Session` takes different ids for equal: change its collation",
            "column `active_expires` of table `Session` is timestamp(3) without time zone (needed: BIGINT)",
            "column `idle_expires` of table `Session` is integer (needed: BIGINT)",
            "`Key` is a view, and a table is needed",
        ]
    );

    let keys = Table::named("folded").column("user_id", "owner").column("hashed_password", "secret");
    let found = mismatches(&scratch, PrismaConfig::default().key(keys)).await;
    let texts: Vec<_> = found.iter().map(ToString::to_string).filter(|text| text.contains("folded")).collect();
    assert_eq!(
        texts,
        [
            "column `id` of table `folded` takes different ids for equal: change its collation",
            "column `owner` of table `folded` takes different ids for equal: change its collation",
            "table `folded` has no column `secret` (needed: TEXT)",
        ]
    );
}

#[tokio::test]
async fn a_missing_table_is_named_with_its_schema() {
    let scratch = Scratch::create().await;
    let found = mismatches(&scratch, PrismaConfig::default().user(Table::named("user"))).await;
    assert_eq!(found[0], Mismatch::MissingTable { table: format!("{}.user", scratch.schema) });
    assert_eq!(found.len(), 3);
}

#[tokio::test]
async fn a_user_who_may_only_read_is_told_what_to_grant() {
    let scratch = Scratch::create().await;
    config().create_tables(&scratch.pool).await.unwrap();
    let (schema, role) = (&scratch.schema, format!("reader_of_{}", scratch.schema));
    administer(&format!(
        r#"CREATE ROLE {role} LOGIN PASSWORD 'reader'; GRANT USAGE ON SCHEMA {schema} TO {role};
           GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role}; GRANT INSERT, UPDATE, DELETE ON {schema}."User" TO {role}"#
    ))
    .await;
    let options = postgres::connect_options(&at(schema)).unwrap().username(&role).password("reader");
    let pool = postgres::pool_options().connect_with(options).await.unwrap();
    let Err(SetupError::Mismatch(found)) = PrismaAdapter::with_config(pool.clone(), config()).await else {
        panic!("a reader is no writer");
    };
    let denied =
        |table: &str| Mismatch::NotAllowed { table: table.to_owned(), denied: "INSERT, UPDATE, DELETE".to_owned() };
    assert_eq!(found, [denied("Session"), denied("Key")]);
    pool.close().await;
    administer(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}

#[tokio::test]
async fn tables_are_those_of_prisma_to_the_byte() {
    let prisma = include_str!("../fixtures/postgres/lucia.sql");
    let (ours, theirs) = (Scratch::create().await, Scratch::create().await);
    PrismaConfig::default().create_tables(&ours.pool).await.unwrap();
    run(&theirs.pool, prisma).await;
    let catalogue =
        "SELECT format('%s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull)
            FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
            WHERE c.relnamespace = current_schema()::regnamespace
        UNION SELECT format('%s %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint
            WHERE connamespace = current_schema()::regnamespace
        UNION SELECT replace(pg_get_indexdef(indexrelid), current_schema(), '') FROM pg_index
            JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = current_schema()::regnamespace
        ORDER BY 1";
    let of_prisma = rows(&theirs.pool, catalogue).await;
    assert!(of_prisma.len() > 20, "{of_prisma:?}");
    assert_eq!(rows(&ours.pool, catalogue).await, of_prisma);
}

#[tokio::test]
async fn tables_that_are_there_are_left_alone_whoever_makes_them() {
    let scratch = Scratch::create().await;
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let pool = scratch.pool.clone();
            tokio::spawn(async move { config().create_tables(&pool).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let adapter = PrismaAdapter::with_config(scratch.pool.clone(), config()).await.unwrap();
    adapter.set_user(&user("u1"), None).await.unwrap();
    config().create_tables(&scratch.pool).await.unwrap();
    assert_eq!(count(&scratch.pool, "User").await, 1);
}

/// Two schemas with tables of the same names, one pool, and neither is where its connections look first.
#[tokio::test]
async fn schemas_are_kept_apart() {
    let (one, other, elsewhere) = (Scratch::create().await, Scratch::create().await, Scratch::create().await);
    let of = |scratch: &Scratch| config().schema(scratch.schema.as_str());
    let mut adapters = Vec::new();
    for scratch in [&one, &other] {
        of(scratch).create_tables(&elsewhere.pool).await.unwrap();
        adapters.push(PrismaAdapter::with_config(elsewhere.pool.clone(), of(scratch)).await.unwrap());
    }
    adapters[0].set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    adapters[0].set_session(&session("s1", "u1")).await.unwrap();
    assert_eq!(adapters[1].get_session(&"s1".into()).await.unwrap(), None);
    assert!(adapters[1].set_session(&session("s1", "u1")).await.is_err());
    adapters[1].set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    adapters[1].delete_user(&"u1".into()).await.unwrap();
    assert_eq!((count(&one.pool, "User").await, count(&other.pool, "User").await), (1, 0));
    assert_eq!(
        rows(&elsewhere.pool, "SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace")
            .await
            .len(),
        0
    );
}

/// The schema of a url is where the adapter looks, and stays so whatever else is done with the connections.
#[tokio::test]
async fn the_schema_of_the_url_is_the_adapters() {
    let scratch = Scratch::create().await;
    config().create_tables(&scratch.pool).await.unwrap();
    let single = postgres::connect(&format!("{}&connection_limit=1", at(&scratch.schema))).await.unwrap();
    let adapter = PrismaAdapter::with_config(single.clone(), config()).await.unwrap();
    sqlx::query("SET search_path = 'pg_catalog'").execute(&single).await.unwrap();
    adapter.set_user(&user("u1"), None).await.unwrap();
    assert_eq!(count(&scratch.pool, "User").await, 1);
}

#[tokio::test]
async fn the_names_of_lucias_own_guides_work() {
    let scratch = Scratch::create().await;
    run(
        &scratch.pool,
        "CREATE TABLE auth_user (id VARCHAR(15) NOT NULL PRIMARY KEY);
         CREATE TABLE user_key (id VARCHAR(255) NOT NULL PRIMARY KEY, user_id VARCHAR(15) NOT NULL REFERENCES auth_user(id),
             hashed_password VARCHAR(255));
         CREATE TABLE user_session (id VARCHAR(127) NOT NULL PRIMARY KEY, user_id VARCHAR(15) NOT NULL REFERENCES auth_user(id),
             active_expires BIGINT NOT NULL, idle_expires BIGINT NOT NULL)",
    )
    .await;
    let config = PrismaConfig::default()
        .user(Table::named("auth_user"))
        .session(Table::named("user_session"))
        .key(Table::named("user_key"));
    let adapter = PrismaAdapter::with_config(scratch.pool.clone(), config).await.unwrap();
    adapter.set_user(&UserSchema::new("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    adapter.set_session(&session("s1", "u1")).await.unwrap();
    // These foreign keys do not cascade.
    adapter.delete_user(&"u1".into()).await.unwrap();
    for table in ["auth_user", "user_key", "user_session"] {
        assert_eq!(count(&scratch.pool, table).await, 0);
    }
}

#[tokio::test]
async fn a_wrong_password_or_server_is_one_clear_error() {
    let wrong = postgres::connect_options(url()).unwrap().password("hunter2");
    let error = postgres::pool_options().connect_with(wrong).await.unwrap_err();
    assert_eq!(error.as_database_error().and_then(|error| error.code()).as_deref(), Some("28P01"));
    assert!(!format!("{error:?}").contains("hunter2"));

    let lazy = postgres::pool_options().acquire_timeout(std::time::Duration::from_millis(300));
    let nowhere = lazy.connect_lazy_with(postgres::connect_options("postgres://u:hunter2@127.0.0.1:1/d").unwrap());
    let Err(error) = PrismaAdapter::new(nowhere).await else { panic!("nobody is there") };
    assert!(matches!(error, SetupError::Unavailable(_)), "{error:?}");
    assert!(!format!("{error:?}").contains("hunter2"));
}

#[tokio::test]
async fn connections_that_only_read_are_told_apart() {
    let scratch = Scratch::create().await;
    config().create_tables(&scratch.pool).await.unwrap();
    let url = format!("{}&options[default_transaction_read_only]=on", at(&scratch.schema));
    let pool = postgres::connect(&url).await.unwrap();
    let Err(SetupError::Mismatch(found)) = PrismaAdapter::with_config(pool, config()).await else {
        panic!("nothing could be written");
    };
    let texts: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), 1);
    assert!(texts[0].contains("transaction_read_only") && texts[0].contains("primary"), "{}", texts[0]);
}
