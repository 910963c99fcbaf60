//! The conformance suite on pools of Diesel, one for each database.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[path = "../mysql/disguise.rs"]
mod disguise;
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

use std::{any::Any, process::ExitCode, sync::Arc};

use adapter_prisma_compatible::{Pool, Prisma, PrismaAdapter, PrismaTokenAdapter, sqlite};
use adapter_tests::{Access, BackDoor, Backend, BoxError, Profile, Promise, Store, harness::Harness};
use diesel::ConnectionError;
use diesel_async::{
    AsyncConnection as _, AsyncMysqlConnection, SimpleAsyncConnection as _,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig,
        deadpool::{BuildError, Pool as DieselPool},
    },
};
use lucia_core::async_trait;
use lucia_sql::driver::Driver;
use sqlx::{ConnectOptions as _, MySqlPool, PgPool, SqlitePool};

use self::disguise::AsMySql;

fn main() -> ExitCode {
    let databases = [
        ("sqlite", Database::Sqlite),
        ("postgres", Database::Postgres),
        ("postgres_without_foreign_keys", Database::PostgresWithoutForeignKeys),
        ("mysql", Database::MySql),
        ("mysql_without_foreign_keys", Database::MySqlWithoutForeignKeys),
    ];
    let harness = databases.into_iter().fold(Harness::new(), |harness, (name, database)| {
        let everything = Arc::new(database);
        let harness = harness.named(name).adapter(&everything).session_scan(&everything);
        harness.token_adapter(&Arc::new(Tokens(database)))
    });
    harness.named("mysql_without_returning").token_adapter(&Arc::new(TokensOfMySql)).run()
}

#[derive(Clone, Copy, PartialEq)]
enum Database {
    Sqlite,
    Postgres,
    PostgresWithoutForeignKeys,
    MySql,
    /// Its connections read what is committed, so that no lock on a gap between rows takes the place of a foreign key.
    MySqlWithoutForeignKeys,
}

#[async_trait]
impl Backend for Database {
    type Adapter = PrismaAdapter;

    fn profile(&self) -> Profile {
        let profile = Profile::relational().with_access([Access::StoredBytes]);
        match self {
            Self::Sqlite | Self::Postgres => profile,
            Self::PostgresWithoutForeignKeys => profile.without([Promise::ReferenceAttributes]),
            // Two ids that are equal under the collation cannot both be stored, but are never confused.
            Self::MySql => profile.without([Promise::ExactIds]),
            Self::MySqlWithoutForeignKeys => profile.without([Promise::ExactIds, Promise::ReferenceAttributes]),
        }
    }

    async fn open(&self) -> Result<Store<PrismaAdapter>, BoxError> {
        let Opened { pool, door, guard } = self.create().await?;
        let adapter = PrismaAdapter::with_config(pool, tables::config()).await?;
        Ok(Store::new(adapter.clone()).with_users(Arc::new(adapter)).with_back_door(door).keep(guard))
    }
}

/// The tokens of the same users.
struct Tokens(Database);

#[async_trait]
impl Backend for Tokens {
    type Adapter = PrismaTokenAdapter;

    fn profile(&self) -> Profile {
        let profile = Profile::relational();
        match self.0 {
            Database::MySql | Database::MySqlWithoutForeignKeys => profile.without([Promise::ExactIds]),
            _ => profile,
        }
    }

    async fn open(&self) -> Result<Store<PrismaTokenAdapter>, BoxError> {
        let Opened { pool, guard, .. } = self.0.create().await?;
        let users = PrismaAdapter::with_config(pool.clone(), tables::config()).await?;
        let tokens = PrismaTokenAdapter::with_config(pool, tables::config()).await?;
        Ok(Store::new(tokens).with_users(Arc::new(users)).keep(guard))
    }
}

/// The tokens with the statements for a server that cannot return the rows of writes.
struct TokensOfMySql;

#[async_trait]
impl Backend for TokensOfMySql {
    type Adapter = PrismaTokenAdapter;

    fn profile(&self) -> Profile {
        Tokens(Database::MySql).profile()
    }

    async fn open(&self) -> Result<Store<PrismaTokenAdapter>, BoxError> {
        let Opened { pool, guard, .. } = Database::MySql.create().await?;
        let users = PrismaAdapter::with_config(pool.clone(), tables::config()).await?;
        let tokens = PrismaTokenAdapter::with_config(AsMySql(pool), tables::config()).await?;
        Ok(Store::new(tokens).with_users(Arc::new(users)).keep(guard))
    }
}

/// A database with the tables.
struct Opened {
    pool: AnyPool,
    door: Door,
    guard: Box<dyn Any + Send + Sync>,
}

/// A pool of Diesel.
#[derive(Clone)]
struct AnyPool(Arc<dyn Pool<Prisma>>);

impl Pool<Prisma> for AnyPool {
    fn driver(&self) -> Box<dyn Driver> {
        self.0.driver()
    }
}

impl Database {
    /// Creates the tables through sqlx, whose helpers provide a separate database for each case.
    async fn create(self) -> Result<Opened, BoxError> {
        let config = match self {
            Self::PostgresWithoutForeignKeys | Self::MySqlWithoutForeignKeys => tables::config().without_foreign_keys(),
            _ => tables::config(),
        };
        Ok(match self {
            Self::Sqlite => {
                let folder = tempfile::tempdir()?;
                let file = folder.path().join("suite.db");
                let file = file.to_str().ok_or("a path in UTF-8")?;
                let pool = sqlite::connect(&format!("sqlite://{file}?mode=rwc")).await?;
                sqlx::raw_sql(SQLITE_SESSIONS).execute(&pool).await?;
                config.create_tables(&pool).await?;
                let diesel = AnyPool(Arc::new(pools::sqlite(file)?));
                Opened { pool: diesel, door: Door::Sqlite(pool), guard: Box::new(folder) }
            }
            Self::Postgres | Self::PostgresWithoutForeignKeys => {
                let scratch = postgres::Scratch::create().await;
                config.create_tables(&scratch.pool).await?;
                if self == Self::Postgres {
                    sqlx::raw_sql(POSTGRES_REFERENCE).execute(&scratch.pool).await?;
                }
                let pool = pools::postgres(&format!("{}?options=-csearch_path%3D{}", postgres::url(), scratch.schema))?;
                let door = Door::Postgres(scratch.pool.clone(), scratch.schema.clone());
                Opened { pool: AnyPool(Arc::new(pool)), door, guard: Box::new(scratch) }
            }
            Self::MySql | Self::MySqlWithoutForeignKeys => {
                let scratch = mysql::Scratch::create().await;
                config.create_tables(&scratch.pool).await?;
                if self == Self::MySql {
                    sqlx::raw_sql(MYSQL_REFERENCE).execute(&scratch.pool).await?;
                }
                let mut url = mysql::options().database(&scratch.name).to_url_lossy();
                url.set_query(None);
                let door = Door::MySql(scratch.pool.clone());
                let pool =
                    if self == Self::MySql { pools::mysql(url.as_str())? } else { read_committed(url.as_str())? };
                Opened { pool: AnyPool(Arc::new(pool)), door, guard: Box::new(scratch) }
            }
        })
    }
}

/// Returns a pool at a lower isolation level than the default.
fn read_committed(url: &str) -> Result<DieselPool<AsyncMysqlConnection>, BuildError> {
    let mut config = ManagerConfig::default();
    config.custom_setup = Box::new(|url| {
        let url = url.to_owned();
        Box::pin(async move {
            let mut connection = AsyncMysqlConnection::establish(&url).await?;
            let setting = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
            connection.batch_execute(setting).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(connection)
        })
    });
    DieselPool::builder(AsyncDieselConnectionManager::new_with_config(url, config)).build()
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
