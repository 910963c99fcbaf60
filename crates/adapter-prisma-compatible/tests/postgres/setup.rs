//! What is said when an adapter, or its tables, cannot be made.

use adapter_prisma_compatible::{Attribute, Mismatch, PrismaAdapter, PrismaConfig, SetupError, Table, postgres};
use lucia_core::UserAdapter;

use crate::{
    server::{Scratch, administer, at, url},
    shared::setup::mismatches,
    support::{Pool, config, count, rows, run, user},
};

/// Everything that was made, as the catalogue has it.
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
