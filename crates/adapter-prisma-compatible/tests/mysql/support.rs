//! The MySQL and MariaDB side of the tests that all databases share.

#[path = "../support/database.rs"]
mod database;
#[path = "../support/samples.rs"]
mod samples;
#[path = "../support/sqlx.rs"]
mod sqlx;

pub(crate) use adapter_prisma_compatible::{
    mysql as driver,
    sqlx::{MySql as Driver, mysql::MySqlConnectOptions},
};

pub(crate) use self::{database::*, samples::*, sqlx::*};
pub(crate) use crate::server::Scratch;

pub(crate) const QUOTE: &str = "`";
/// Prisma before version 3 named constraints differently, and `map:` allows any name.
pub(crate) const RENAME_CONSTRAINTS: &str = "
    ALTER TABLE `Key` RENAME INDEX `Key_id_key` TO `Key.id_unique`;
    ALTER TABLE `User` RENAME INDEX `User_username_key` TO `app.Key.PRIMARY`";
pub(crate) const FOREIGN_KEYS_ARE_NAMED: bool = true;
/// The name of a foreign key is unique in its database.
pub(crate) const TENANT: &str = "tenant of session";
/// The object that `create_tables` must recreate.
pub(crate) const REMOVE_A_PART: &str = "ALTER TABLE `Key` DROP FOREIGN KEY `Key_user_id_fkey`";
/// A type that attributes do not support.
pub(crate) const UNKNOWN_TYPE: &str = "GEOMETRY";
/// A trigger that fills the columns `slug` and `shape` of new users.
pub(crate) const FILL: &str = "
    CREATE TRIGGER `fill` BEFORE INSERT ON `User` FOR EACH ROW SET NEW.`slug` = CONCAT('slug of ', NEW.`id`), NEW.`shape` = POINT(1, 1)";
/// A column has the declared length.
pub(crate) const LIMITS_TEXT: bool = true;
/// The type of times in the guide of Lucia JS.
pub(crate) const GUIDE_TIME: &str = "BIGINT UNSIGNED";

/// A query that returns the id of the connection as text.
pub(crate) const CONNECTION_ID: &str = "SELECT CAST(CONNECTION_ID() AS CHAR)";

pub(crate) fn end_connection(id: &str) -> String {
    format!("KILL CONNECTION {id}")
}

/// Returns the options of another connection to the same database.
pub(crate) fn options_of(scratch: &Scratch) -> MySqlConnectOptions {
    scratch.options()
}

/// Creates the tables as Prisma does with `relationMode = "prisma"`.
pub(crate) async fn without_foreign_keys() -> Database {
    let database = Database::create(config()).await;
    let sql = "ALTER TABLE `Session` DROP FOREIGN KEY `Session_user_id_fkey`;
        ALTER TABLE `Key` DROP FOREIGN KEY `Key_user_id_fkey`";
    run(&database.pool, sql).await;
    database
}

/// Returns the database, which is a schema in MySQL.
pub(crate) fn schema(scratch: &Scratch) -> &str {
    &scratch.name
}

/// Returns the name of a table in errors.
pub(crate) fn table_in(_: &Scratch, table: &str) -> String {
    table.to_owned()
}
