//! The backend of the conformance suite on MySQL or MariaDB. Each case has a separate database, with the tables that
//! this crate creates.

use std::{process::ExitCode, sync::Arc};

use adapter_prisma_compatible::{PrismaAdapter, PrismaTokenAdapter, mysql};
use adapter_tests::{Access, BackDoor, Backend, BoxError, Corruption, Profile, Promise, Store, harness::Harness};
use lucia_core::{SessionId, async_trait};
use sqlx::{AssertSqlSafe, Executor as _, MySqlPool};

use crate::{
    disguise::AsMySql,
    server::{self, Scratch},
    stored, tables,
};

/// Runs the suite on tables with the collation of Prisma's tables, or with one under which different ids are never
/// equal.
pub(crate) fn run(collation: Collation) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let is_mariadb = runtime.block_on(server::is_mariadb());
    drop(runtime);
    let server = MySql { is_mariadb, collation, foreign_keys: true };
    let everything = Arc::new(server);
    let harness = Harness::new().adapter(&everything).session_scan(&everything);
    let harness = harness.token_adapter(&Arc::new(Tokens { server, returns_rows: true }));
    let harness = harness.named("without_returning").token_adapter(&Arc::new(Tokens { server, returns_rows: false }));
    let server = MySql { foreign_keys: false, ..server };
    let everything = Arc::new(server);
    let harness = harness.named("without_foreign_keys").adapter(&everything).session_scan(&everything);
    harness.token_adapter(&Arc::new(Tokens { server, returns_rows: true })).run()
}

#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(dead_code, reason = "each target uses one")]
pub(crate) enum Collation {
    Prisma,
    Exact,
}

#[derive(Clone, Copy, Debug)]
struct MySql {
    is_mariadb: bool,
    collation: Collation,
    /// `false` creates tables without foreign keys, and pools that read what is committed, so that no lock on a gap
    /// between rows takes the place of a foreign key.
    foreign_keys: bool,
}

impl MySql {
    /// Creates a database with the tables.
    async fn create(self) -> Result<Scratch, BoxError> {
        let mut scratch = Scratch::create().await;
        let config = if self.foreign_keys { tables::config() } else { tables::config().without_foreign_keys() };
        config.create_tables(&scratch.pool).await?;
        if !self.foreign_keys {
            scratch.pool = read_committed(&scratch.name).await?;
        }
        if self.collation == Collation::Exact {
            let name = if self.is_mariadb { "utf8mb4_nopad_bin" } else { "utf8mb4_0900_bin" };
            if self.foreign_keys {
                sqlx::raw_sql(WITHOUT_FOREIGN_KEYS).execute(&scratch.pool).await?;
            }
            sqlx::raw_sql(AssertSqlSafe(EXACT.replace("{name}", name))).execute(&scratch.pool).await?;
            config.create_tables(&scratch.pool).await?;
        }
        if self.foreign_keys {
            sqlx::query(APPROVED_BY).execute(&scratch.pool).await?;
        }
        Ok(scratch)
    }
}

#[async_trait]
impl Backend for MySql {
    type Adapter = PrismaAdapter;

    /// Two ids that are equal under Prisma's collation cannot both be stored, but are never confused.
    fn profile(&self) -> Profile {
        let profile = Profile::relational();
        let profile = match self.collation {
            Collation::Prisma => profile.without([Promise::ExactIds]),
            Collation::Exact => profile,
        };
        let profile = if self.foreign_keys { profile } else { profile.without([Promise::ReferenceAttributes]) };
        // MySQL stores no invalid JSON; MariaDB's check constraint can be disabled.
        let profile = if self.is_mariadb { profile.with_access([Access::Corruption]) } else { profile };
        profile.with_access([Access::StoredBytes])
    }

    async fn open(&self) -> Result<Store<PrismaAdapter>, BoxError> {
        let scratch = self.create().await?;
        let adapter = PrismaAdapter::with_config(scratch.pool.clone(), tables::config()).await?;
        Ok(Store::new(adapter.clone())
            .with_users(Arc::new(adapter))
            .with_back_door(Door(scratch.pool.clone()))
            .keep(scratch))
    }
}

/// The tokens of the same users, also with the statements for a server that cannot return the rows of writes.
struct Tokens {
    server: MySql,
    returns_rows: bool,
}

#[async_trait]
impl Backend for Tokens {
    type Adapter = PrismaTokenAdapter;

    fn profile(&self) -> Profile {
        match self.server.collation {
            Collation::Prisma => Profile::relational().without([Promise::ExactIds]),
            Collation::Exact => Profile::relational(),
        }
    }

    async fn open(&self) -> Result<Store<PrismaTokenAdapter>, BoxError> {
        let (scratch, config) = (self.server.create().await?, tables::config());
        let users = PrismaAdapter::with_config(scratch.pool.clone(), config.clone()).await?;
        let tokens = if self.returns_rows {
            PrismaTokenAdapter::with_config(scratch.pool.clone(), config).await?
        } else {
            PrismaTokenAdapter::with_config(AsMySql(scratch.pool.clone()), config).await?
        };
        Ok(Store::new(tokens).with_users(Arc::new(users)).keep(scratch))
    }
}

/// The foreign key that Prisma creates for an application with a second relation from sessions to users.
const APPROVED_BY: &str = "ALTER TABLE `Session` ADD CONSTRAINT `Session_approved_by_fkey` FOREIGN KEY (`approved_by`) \
     REFERENCES `User`(`id`) ON DELETE SET NULL ON UPDATE CASCADE";

/// The foreign keys are dropped before the collation changes, and recreated afterwards.
const WITHOUT_FOREIGN_KEYS: &str = "ALTER TABLE `Session` DROP FOREIGN KEY `Session_user_id_fkey`;
    ALTER TABLE `Key` DROP FOREIGN KEY `Key_user_id_fkey`;
    ALTER TABLE `Token` DROP FOREIGN KEY `Token_user_id_fkey`";

/// Changes the collation.
const EXACT: &str = "ALTER TABLE `User` CONVERT TO CHARACTER SET utf8mb4 COLLATE {name};
    ALTER TABLE `Session` CONVERT TO CHARACTER SET utf8mb4 COLLATE {name};
    ALTER TABLE `Key` CONVERT TO CHARACTER SET utf8mb4 COLLATE {name};
    ALTER TABLE `Token` CONVERT TO CHARACTER SET utf8mb4 COLLATE {name}";

/// Opens a pool at a lower isolation level than the default.
async fn read_committed(database: &str) -> Result<MySqlPool, sqlx::Error> {
    let settings = "SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_TRANS_TABLES');
        SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
    let options = mysql::pool_options().after_connect(move |connection, _| {
        Box::pin(async move { connection.execute(sqlx::raw_sql(settings)).await.map(drop) })
    });
    options.connect_with(server::options().database(database)).await
}

struct Door(MySqlPool);

#[async_trait]
impl BackDoor for Door {
    async fn corrupt_session(&self, session_id: &SessionId, how: Corruption) -> Result<(), BoxError> {
        let data = match how {
            Corruption::Garbage => "{\"cut\": ",
            _ => "",
        };
        // JSON in MariaDB is text with a check constraint.
        let mut connection = self.0.acquire().await?;
        sqlx::query("SET SESSION check_constraint_checks = 0").execute(&mut *connection).await?;
        let update = sqlx::query("UPDATE `Session` SET `data` = ? WHERE `id` = ?");
        let done = update.bind(data).bind(session_id.as_str()).execute(&mut *connection).await?;
        connection.close().await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err("unknown session".into()) }
    }
    async fn stored_bytes(&self) -> Result<Vec<u8>, BoxError> {
        Ok(stored::stored_bytes(&self.0).await?)
    }
}
