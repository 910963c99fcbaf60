//! The Postgres side of the tests that all databases share.

#[path = "../support/database.rs"]
mod database;
#[path = "../support/samples.rs"]
mod samples;
#[path = "../support/sqlx.rs"]
mod sqlx;

pub(crate) use adapter_prisma_compatible::{
    postgres as driver,
    sqlx::{Postgres as Driver, postgres::PgConnectOptions},
};

pub(crate) use self::{database::*, samples::*, sqlx::*};
pub(crate) use crate::server::Scratch;

pub(crate) const QUOTE: &str = "\"";
/// Prisma before version 3 named constraints differently, and `map:` allows any name.
pub(crate) const RENAME_CONSTRAINTS: &str = r#"
    ALTER TABLE "Key" RENAME CONSTRAINT "Key_pkey" TO "id"; ALTER INDEX "Key_id_key" RENAME TO "Key.id_unique";
    ALTER INDEX "User_username_key" RENAME TO "Key_pkey""#;
pub(crate) const FOREIGN_KEYS_ARE_NAMED: bool = true;
/// Two tables may have constraints of one name.
pub(crate) const TENANT: &str = "tenant";
/// The object that `create_tables` must recreate.
pub(crate) const REMOVE_A_PART: &str = r#"DROP INDEX "Key_user_id_idx""#;
/// A type that attributes do not support.
pub(crate) const UNKNOWN_TYPE: &str = "TSVECTOR";
/// A trigger that fills the columns `slug` and `shape` of new users.
pub(crate) const FILL: &str = r#"
    CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN NEW."slug" := 'slug of ' || NEW."id"; NEW."shape" := 'x'; RETURN NEW; END $$;
    CREATE TRIGGER fill BEFORE INSERT ON "User" FOR EACH ROW EXECUTE FUNCTION fill()"#;
/// A trigger that writes the user of each new key to the table `audit`, where it must be unique.
pub(crate) const AUDIT: &str = r#"
    CREATE TABLE audit (user_id TEXT PRIMARY KEY);
    CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN INSERT INTO audit VALUES (NEW."user_id"); RETURN NULL; END $$;
    CREATE TRIGGER audit AFTER INSERT ON "Key" FOR EACH ROW EXECUTE FUNCTION audit()"#;
/// A column has the declared length.
pub(crate) const LIMITS_TEXT: bool = true;
/// The type of times in the guide of Lucia JS.
pub(crate) const GUIDE_TIME: &str = "BIGINT";

/// A query that returns the id of the connection as text.
pub(crate) const CONNECTION_ID: &str = "SELECT pg_backend_pid()::text";

pub(crate) fn end_connection(id: &str) -> String {
    format!("SELECT pg_terminate_backend({id}, 5000)")
}

/// Returns the options of another connection to the same schema.
pub(crate) fn options_of(scratch: &Scratch) -> PgConnectOptions {
    driver::connect_options(&scratch.url()).unwrap()
}

/// Creates the tables as Prisma does with `relationMode = "prisma"`.
pub(crate) async fn without_foreign_keys() -> Database {
    let database = Database::create(config()).await;
    let sql = r#"ALTER TABLE "Session" DROP CONSTRAINT "Session_user_id_fkey";
        ALTER TABLE "Key" DROP CONSTRAINT "Key_user_id_fkey""#;
    run(&database.pool, sql).await;
    database
}

pub(crate) fn schema(scratch: &Scratch) -> &str {
    &scratch.schema
}

/// Returns the name of a table in errors.
pub(crate) fn table_in(scratch: &Scratch, table: &str) -> String {
    format!("{}.{table}", scratch.schema)
}
