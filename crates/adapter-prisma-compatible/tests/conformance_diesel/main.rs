//! The conformance suite on pools of Diesel, one for each database.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[allow(dead_code, reason = "shared with other tests")]
#[path = "../mysql/server.rs"]
mod mysql;
#[path = "../mysql/stored.rs"]
mod mysql_stored;
mod pools;
#[allow(dead_code, reason = "shared with other tests")]
#[path = "../postgres/server.rs"]
mod postgres;
#[path = "../postgres/stored.rs"]
mod postgres_stored;
#[path = "../sqlite/stored.rs"]
mod sqlite_stored;
#[path = "../support/tables.rs"]
mod tables;

use std::process::ExitCode;

use adapter_prisma_compatible::{PrismaAdapter, sqlite};
use adapter_tests::{Access, BackDoor, Backend, BoxError, Profile, Promise, Store};
use lucia_core::async_trait;
use sqlx::{ConnectOptions as _, MySqlPool, PgPool, SqlitePool};

fn main() -> ExitCode {
    adapter_tests::harness::adapters([
        ("sqlite", Database::Sqlite),
        ("postgres", Database::Postgres),
        ("mysql", Database::MySql),
    ])
}

#[derive(Clone, Copy)]
enum Database {
    Sqlite,
    Postgres,
    MySql,
}

#[async_trait]
impl Backend for Database {
    type Adapter = PrismaAdapter;

    fn profile(&self) -> Profile {
        let profile = Profile::relational().with_access([Access::StoredBytes]);
        match self {
            Self::Sqlite | Self::Postgres => profile,
            // Two ids that are equal under the collation cannot both be stored, but are never confused.
            Self::MySql => profile.without([Promise::ExactIds]),
        }
    }

    /// Creates the tables through sqlx, whose helpers provide a separate database for each case.
    async fn open(&self) -> Result<Store<PrismaAdapter>, BoxError> {
        let config = tables::config();
        Ok(match self {
            Self::Sqlite => {
                let folder = tempfile::tempdir()?;
                let file = folder.path().join("suite.db");
                let file = file.to_str().ok_or("a path in UTF-8")?;
                let pool = sqlite::connect(&format!("sqlite://{file}?mode=rwc")).await?;
                sqlx::raw_sql(SQLITE_SESSIONS).execute(&pool).await?;
                config.create_tables(&pool).await?;
                let adapter = PrismaAdapter::with_config(pools::sqlite(file)?, config).await?;
                let door = Door::Sqlite(pool);
                Store::new(adapter).with_back_door(door).keep(folder)
            }
            Self::Postgres => {
                let scratch = postgres::Scratch::create().await;
                config.create_tables(&scratch.pool).await?;
                sqlx::raw_sql(POSTGRES_REFERENCE).execute(&scratch.pool).await?;
                let pool = pools::postgres(&format!("{}?options=-csearch_path%3D{}", postgres::url(), scratch.schema))?;
                let door = Door::Postgres(scratch.pool.clone(), scratch.schema.clone());
                Store::new(PrismaAdapter::with_config(pool, config).await?).with_back_door(door).keep(scratch)
            }
            Self::MySql => {
                let scratch = mysql::Scratch::create().await;
                config.create_tables(&scratch.pool).await?;
                sqlx::raw_sql(MYSQL_REFERENCE).execute(&scratch.pool).await?;
                let mut url = mysql::options().database(&scratch.name).to_url_lossy();
                url.set_query(None);
                let pool = pools::mysql(url.as_str())?;
                let door = Door::MySql(scratch.pool.clone());
                Store::new(PrismaAdapter::with_config(pool, config).await?).with_back_door(door).keep(scratch)
            }
        })
    }
}

enum Door {
    Sqlite(SqlitePool),
    Postgres(PgPool, String),
    MySql(MySqlPool),
}

#[async_trait]
impl BackDoor for Door {
    async fn stored_bytes(&self) -> Result<Vec<u8>, BoxError> {
        Ok(match self {
            Self::Sqlite(pool) => sqlite_stored::stored_bytes(pool).await?,
            Self::Postgres(pool, schema) => postgres_stored::stored_bytes(pool, schema).await?,
            Self::MySql(pool) => mysql_stored::stored_bytes(pool).await?,
        })
    }
}

/// The table as Prisma creates it for an application with a second relation from sessions to users.
const SQLITE_SESSIONS: &str = r#"CREATE TABLE "Session" (
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
const POSTGRES_REFERENCE: &str = r#"ALTER TABLE "Session" ADD CONSTRAINT "Session_approved_by_fkey"
    FOREIGN KEY ("approved_by") REFERENCES "User"("id") ON DELETE SET NULL ON UPDATE CASCADE"#;
const MYSQL_REFERENCE: &str = "ALTER TABLE `Session` ADD CONSTRAINT `Session_approved_by_fkey` \
    FOREIGN KEY (`approved_by`) REFERENCES `User`(`id`) ON DELETE SET NULL ON UPDATE CASCADE";
