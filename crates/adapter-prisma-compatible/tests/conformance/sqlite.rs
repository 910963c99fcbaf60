//! SQLite. Each case has a separate file.

use std::path::PathBuf;

use adapter_prisma_compatible::sqlite;
use adapter_tests::{Access, BackDoor, BoxError, Corruption, Profile};
use futures_util::future::BoxFuture;
use lucia_core::{SessionId, async_trait};
use sqlx::SqlitePool;

use crate::{
    any_pool::AnyPool,
    database::{Database, Opened},
    sqlite_stored::stored_bytes,
    tables,
};

#[derive(Clone, Copy)]
pub(crate) struct Sqlite {
    /// Opens the pool of the adapters on a file, for which there is a pool of sqlx.
    pub(crate) pool: fn(SqlitePool, PathBuf) -> BoxFuture<'static, Result<AnyPool, BoxError>>,
}

#[async_trait]
impl Database for Sqlite {
    type Door = Door;

    fn profile(&self) -> Profile {
        Profile::relational().with_access([Access::Corruption, Access::StoredBytes])
    }

    async fn open(&self) -> Result<Opened<Door>, BoxError> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("suite.db");
        let door = sqlite::connect(&format!("sqlite://{}?mode=rwc", file.display())).await?;
        let pool = (self.pool)(door.clone(), file).await?;
        sqlx::query(SESSION_TABLE).execute(&door).await?;
        tables::config().create_tables(&pool).await?;
        Ok(Opened { pool, config: tables::config(), door: Door(door), guard: Box::new(folder) })
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

pub(crate) struct Door(SqlitePool);

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
        Ok(stored_bytes(&self.0).await?)
    }
}
