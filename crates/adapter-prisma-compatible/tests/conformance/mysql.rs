//! MySQL or MariaDB. Each case has a separate database.

use adapter_tests::{Access, BackDoor, BoxError, Corruption, Profile, Promise};
use lucia_core::{SessionId, async_trait};
use sqlx::{AssertSqlSafe, MySqlPool};

use crate::{
    any_pool::AnyPool,
    database::{Database, Opened},
    mysql_server::{Scratch, is_mariadb},
    mysql_stored::stored_bytes,
    tables,
};

/// The order of ids.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(dead_code, reason = "each target uses one")]
pub(crate) enum Collation {
    /// That of Prisma's tables, under which many different ids are equal.
    Prisma,
    /// One under which different ids are never equal.
    Exact,
}

#[derive(Clone, Copy)]
pub(crate) struct MySql {
    /// Opens the pool of the adapters.
    pub(crate) pool: fn(&Scratch) -> Result<AnyPool, BoxError>,
    pub(crate) collation: Collation,
    pub(crate) has_foreign_keys: bool,
    /// `true` if a session can be made unreadable. MySQL stores no invalid JSON; MariaDB's check constraint can be
    /// disabled.
    pub(crate) stores_invalid_json: bool,
}

#[async_trait]
impl Database for MySql {
    type Door = Door;

    /// Two ids that are equal under Prisma's collation cannot both be stored, but are never confused.
    fn profile(&self) -> Profile {
        let mut profile = Profile::relational().with_access([Access::StoredBytes]);
        if self.collation == Collation::Prisma {
            profile = profile.without([Promise::ExactIds]);
        }
        if !self.has_foreign_keys {
            profile = profile.without([Promise::ReferenceAttributes]);
        }
        if self.stores_invalid_json { profile.with_access([Access::Corruption]) } else { profile }
    }

    async fn open(&self) -> Result<Opened<Door>, BoxError> {
        let scratch = Scratch::create().await;
        let config = if self.has_foreign_keys { tables::config() } else { tables::config().without_foreign_keys() };
        config.create_tables(&scratch.pool).await?;
        if self.collation == Collation::Exact {
            let name = if is_mariadb().await { "utf8mb4_nopad_bin" } else { "utf8mb4_0900_bin" };
            if self.has_foreign_keys {
                sqlx::raw_sql(WITHOUT_FOREIGN_KEYS).execute(&scratch.pool).await?;
            }
            sqlx::raw_sql(AssertSqlSafe(EXACT.replace("{name}", name))).execute(&scratch.pool).await?;
            config.create_tables(&scratch.pool).await?;
        }
        if self.has_foreign_keys {
            sqlx::query(APPROVED_BY).execute(&scratch.pool).await?;
        }
        let (pool, door) = ((self.pool)(&scratch)?, Door(scratch.pool.clone()));
        Ok(Opened { pool, config: tables::config(), door, guard: Box::new(scratch) })
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

pub(crate) struct Door(MySqlPool);

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
        Ok(stored_bytes(&self.0).await?)
    }
}
