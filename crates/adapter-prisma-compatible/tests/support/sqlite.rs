//! The SQLite side of the tests that all databases share.

use std::path::PathBuf;

pub(crate) use adapter_prisma_compatible::sqlx::Sqlite as Driver;
use tempfile::TempDir;

use super::{Pool, connect, fixture_path};

pub(crate) const QUOTE: &str = "\"";
/// Another name for the index of a unique attribute, which does not contain the column.
pub(crate) const RENAME_CONSTRAINTS: &str =
    r#"DROP INDEX "User_username_key"; CREATE UNIQUE INDEX "Key_id" ON "User" ("username")"#;
/// An error does not name the violated foreign key.
pub(crate) const FOREIGN_KEYS_ARE_NAMED: bool = false;
/// Two tables may have constraints of one name.
pub(crate) const TENANT: &str = "tenant";
/// The object that `create_tables` must recreate.
pub(crate) const REMOVE_A_PART: &str = r#"DROP INDEX "Key_user_id_idx""#;
/// A type that attributes do not support.
pub(crate) const UNKNOWN_TYPE: &str = "GEOMETRY";
/// A trigger that writes the user of each new key to the table `audit`, where it must be unique.
pub(crate) const AUDIT: &str = r#"
    CREATE TABLE audit (user_id TEXT PRIMARY KEY);
    CREATE TRIGGER audit_keys AFTER INSERT ON "Key" BEGIN INSERT INTO audit VALUES (NEW."user_id"); END"#;
/// SQLite stores text of any length in a column of any length.
pub(crate) const LIMITS_TEXT: bool = false;
/// The type of times in the guide of Lucia JS.
pub(crate) const GUIDE_TIME: &str = "BIGINT";

/// A database in a temporary folder, which is deleted when this is dropped.
#[derive(Debug)]
pub(crate) struct Scratch {
    pub(crate) pool: Pool,
    folder: TempDir,
}

impl Scratch {
    /// Creates an empty database.
    pub(crate) async fn create() -> Self {
        Self::open(tempfile::tempdir().unwrap()).await
    }

    /// Copies a file that Prisma wrote.
    pub(crate) async fn fixture(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(fixture_path(name), file(&folder)).unwrap();
        Self::open(folder).await
    }

    async fn open(folder: TempDir) -> Self {
        Self { pool: connect(&format!("file:{}?mode=rwc", file(&folder).display())).await, folder }
    }
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("test.db")
}

/// Returns the path of the database.
pub(crate) fn file_of(scratch: &Scratch) -> PathBuf {
    file(&scratch.folder)
}

/// Returns the URL of the database, without parameters.
pub(crate) fn url_of(scratch: &Scratch) -> String {
    format!("file:{}", file_of(scratch).display())
}

/// Returns the name of a table in errors.
pub(crate) fn table_in(_: &Scratch, table: &str) -> String {
    table.to_owned()
}
