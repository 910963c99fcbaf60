//! The conformance suite on SQLite, with sqlx and with rusqlite. Each case has a separate file, with the tables that this
//! crate creates.

#[path = "sqlite/stored.rs"]
mod stored;
#[path = "support/tables.rs"]
mod tables;

use std::{process::ExitCode, sync::Arc};

use adapter_prisma_compatible::{Pool, Prisma, PrismaAdapter, PrismaTokenAdapter, RusqlitePool, Table, sqlite};
use adapter_tests::{Access, BackDoor, Backend, BoxError, Corruption, Profile, Store, harness::Harness};
use lucia_core::{SessionId, async_trait};
use lucia_sql::driver::Driver;
use sqlx::SqlitePool;
use tempfile::TempDir;

fn main() -> ExitCode {
    let sqlx = Arc::new(Sqlite::Sqlx);
    let harness = Harness::new().adapter(&sqlx).session_scan(&sqlx).token_adapter(&Arc::new(Tokens(Sqlite::Sqlx)));
    let rusqlite = Arc::new(Sqlite::Rusqlite);
    let harness = harness.named("rusqlite").adapter(&rusqlite).session_scan(&rusqlite);
    harness.token_adapter(&Arc::new(Tokens(Sqlite::Rusqlite))).run()
}

/// A database file with one of the drivers.
#[derive(Clone, Copy)]
enum Sqlite {
    Sqlx,
    Rusqlite,
}

/// A file with the tables. It is deleted with the folder.
struct Opened {
    pool: AnyPool,
    door: SqlitePool,
    folder: TempDir,
}

#[derive(Clone)]
struct AnyPool(Arc<dyn Pool<Prisma>>);

impl Pool<Prisma> for AnyPool {
    fn driver(&self) -> Box<dyn Driver> {
        self.0.driver()
    }
}

impl Sqlite {
    async fn create(self) -> Result<Opened, BoxError> {
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("suite.db").display());
        let door = sqlite::connect(&url).await?;
        let pool = match self {
            Self::Sqlx => AnyPool(Arc::new(door.clone())),
            Self::Rusqlite => AnyPool(Arc::new(RusqlitePool::connect(&url).await?)),
        };
        sqlx::query(SESSION_TABLE).execute(&door).await?;
        tables::config().create_tables(&pool).await?;
        Ok(Opened { pool, door, folder })
    }
}

#[async_trait]
impl Backend for Sqlite {
    type Adapter = PrismaAdapter;

    fn profile(&self) -> Profile {
        Profile::relational().with_access([Access::Corruption, Access::StoredBytes])
    }

    async fn open(&self) -> Result<Store<PrismaAdapter>, BoxError> {
        let Opened { pool, door, folder } = self.create().await?;
        let adapter = PrismaAdapter::with_config(pool, tables::config()).await?;
        Ok(Store::new(adapter.clone()).with_users(Arc::new(adapter)).with_back_door(Door(door)).keep(folder))
    }
}

/// The tokens of the same users.
struct Tokens(Sqlite);

#[async_trait]
impl Backend for Tokens {
    type Adapter = PrismaTokenAdapter;

    fn profile(&self) -> Profile {
        Profile::relational().with_access([Access::Neighbours])
    }

    async fn open(&self) -> Result<Store<PrismaTokenAdapter>, BoxError> {
        let Opened { pool, folder, .. } = self.0.create().await?;
        let users = PrismaAdapter::with_config(pool.clone(), tables::config()).await?;
        let tokens = PrismaTokenAdapter::with_config(pool, tables::config()).await?;
        Ok(Store::new(tokens).with_users(Arc::new(users)).keep(folder))
    }

    /// Opens two tables of one file.
    async fn open_neighbours(&self) -> Result<(Store<PrismaTokenAdapter>, Store<PrismaTokenAdapter>), BoxError> {
        let Opened { pool, folder, .. } = self.0.create().await?;
        let config = tables::config().token(Table::named("Token b"));
        config.create_token_table(&pool).await?;
        let tokens = PrismaTokenAdapter::with_config(pool.clone(), tables::config()).await?;
        let other = PrismaTokenAdapter::with_config(pool, config).await?;
        Ok((Store::new(tokens).keep(folder), Store::new(other)))
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
