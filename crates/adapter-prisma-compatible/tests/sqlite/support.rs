//! What the tests that every database shares have to know of SQLite.

#[path = "../support/database.rs"]
mod database;
#[path = "../support/samples.rs"]
mod samples;

use std::path::PathBuf;

pub(crate) use adapter_prisma_compatible::{
    sqlite as driver,
    sqlx::{Sqlite as Driver, SqlitePool, sqlite::SqliteConnectOptions},
};
use tempfile::TempDir;

pub(crate) use self::{database::*, samples::*};

pub(crate) const QUOTE: &str = "\"";
/// Another name for the index of a unique attribute, which says nothing of the column.
pub(crate) const RENAME_CONSTRAINTS: &str =
    r#"DROP INDEX "User_username_key"; CREATE UNIQUE INDEX "Key_id" ON "User" ("username")"#;
/// An error says that a foreign key was violated, and not which.
pub(crate) const FOREIGN_KEYS_ARE_NAMED: bool = false;
/// Two tables may have constraints of one name.
pub(crate) const TENANT: &str = "tenant";
/// What `create_tables` has to make again.
pub(crate) const REMOVE_A_PART: &str = r#"DROP INDEX "Key_user_id_idx""#;
/// A type that no attribute has.
pub(crate) const UNKNOWN_TYPE: &str = "GEOMETRY";
/// A trigger that writes the user of each new key to the table `audit`, which takes each once.
pub(crate) const AUDIT: &str = r#"
    CREATE TABLE audit (user_id TEXT PRIMARY KEY);
    CREATE TRIGGER audit_keys AFTER INSERT ON "Key" BEGIN INSERT INTO audit VALUES (NEW."user_id"); END"#;
/// The type of times in Lucia's guide.
pub(crate) const GUIDE_TIME: &str = "BIGINT";

/// A database of its own in a folder that goes with this value.
#[derive(Debug)]
pub(crate) struct Scratch {
    pub(crate) pool: SqlitePool,
    folder: TempDir,
}

impl Scratch {
    /// A new file.
    pub(crate) async fn create() -> Self {
        Self::open(tempfile::tempdir().unwrap()).await
    }

    /// A copy of a file that Prisma wrote.
    pub(crate) async fn fixture(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(fixture_path(name), file(&folder)).unwrap();
        Self::open(folder).await
    }

    async fn open(folder: TempDir) -> Self {
        let pool = driver::connect(&format!("sqlite://{}?mode=rwc", file(&folder).display())).await.unwrap();
        Self { pool, folder }
    }
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("test.db")
}

/// Where the database is.
pub(crate) fn file_of(scratch: &Scratch) -> PathBuf {
    file(&scratch.folder)
}

/// The settings of one more connection to the same database.
pub(crate) fn options_of(scratch: &Scratch) -> SqliteConnectOptions {
    driver::connect_options(&format!("file:{}", file_of(scratch).display())).unwrap()
}

/// Tables whose foreign keys nobody enforces.
pub(crate) async fn without_foreign_keys() -> Database {
    let mut scratch = Scratch::create().await;
    config().create_tables(&scratch.pool).await.unwrap();
    let lax = options_of(&scratch).foreign_keys(false);
    scratch.pool = driver::pool_options().connect_with(lax).await.unwrap();
    Database::on(scratch, config()).await
}

/// A table as errors name it.
pub(crate) fn table_in(_: &Scratch, table: &str) -> String {
    table.to_owned()
}
