//! The conformance suite on SQLite. Each case has a separate file, with the tables that this crate creates.

#[path = "sqlite/stored.rs"]
mod stored;
#[path = "support/tables.rs"]
mod tables;

use std::process::ExitCode;

use adapter_prisma_compatible::{PrismaAdapter, sqlite};
use adapter_tests::{Access, BackDoor, Backend, BoxError, Corruption, Profile, Store};
use lucia_core::{SessionId, async_trait};
use sqlx::SqlitePool;

fn main() -> ExitCode {
    adapter_tests::harness::adapter(Sqlite)
}

struct Sqlite;

#[async_trait]
impl Backend for Sqlite {
    type Adapter = PrismaAdapter;

    fn profile(&self) -> Profile {
        Profile::relational().with_access([Access::Corruption, Access::StoredBytes])
    }

    async fn open(&self) -> Result<Store<PrismaAdapter>, BoxError> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("suite.db");
        let pool = sqlite::connect(&format!("sqlite://{}?mode=rwc", file.display())).await?;
        let config = tables::config();
        sqlx::query(SESSION_TABLE).execute(&pool).await?;
        config.create_tables(&pool).await?;
        let adapter = PrismaAdapter::with_config(pool.clone(), config).await?;
        Ok(Store::new(adapter).with_back_door(Door(pool)).keep(folder))
    }
}

/// The table as Prisma creates it for an application with a second relation from sessions to users.
const SESSION_TABLE: &str = r#"CREATE TABLE "Session" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "user_id" TEXT NOT NULL,
    "active_expires" BIGINT NOT NULL,
    "idle_expires" BIGINT NOT NULL,
    "country" TEXT,
    "device" TEXT,
    "visits" BIGINT,
    "trusted" BOOLEAN,
    "data" JSONB,
    "approved_by" TEXT,
    CONSTRAINT "Session_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Session_approved_by_fkey" FOREIGN KEY ("approved_by") REFERENCES "User" ("id") ON DELETE SET NULL ON UPDATE CASCADE
)"#;

struct Door(SqlitePool);

#[async_trait]
impl BackDoor for Door {
    async fn corrupt_session(&self, session_id: &SessionId, how: Corruption) -> Result<(), BoxError> {
        let sql = match how {
            Corruption::Garbage => r#"UPDATE "Session" SET "data" = '{"cut": ' WHERE "id" = ?1"#,
            _ => r#"UPDATE "Session" SET "idle_expires" = 'soon' WHERE "id" = ?1"#,
        };
        let done = sqlx::query(sql).bind(session_id.as_str()).execute(&self.0).await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err("unknown session".into()) }
    }

    async fn stored_bytes(&self) -> Result<Vec<u8>, BoxError> {
        Ok(stored::stored_bytes(&self.0).await?)
    }
}
