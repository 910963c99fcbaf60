//! The conformance suite on MySQL or MariaDB: each case has a database of its own, with the tables that the crate makes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

#[path = "mysql/server.rs"]
mod server;

use std::process::ExitCode;

use adapter_prisma_compatible::{Attribute, AttributeType, PrismaAdapter, PrismaConfig, Table};
use adapter_tests::{
    Access, BackDoor, Backend, BoxError, Corruption, Profile, Promise, Store,
    schema::{self, AttributeKind},
};
use lucia_core::{SessionId, async_trait};
use sqlx::MySqlPool;

use crate::server::Scratch;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let is_mariadb = runtime.block_on(server::is_mariadb());
    drop(runtime);
    adapter_tests::harness::adapter(MySql { is_mariadb })
}

struct MySql {
    is_mariadb: bool,
}

#[async_trait]
impl Backend for MySql {
    type Adapter = PrismaAdapter;

    /// Two ids that are equal to the collation cannot both be stored. They are never mixed up.
    fn profile(&self) -> Profile {
        let profile = Profile::all().without(Promise::ExpiresRecords).without(Promise::ExactIds);
        // No column of MySQL's can hold a value that is none of its type.
        if self.is_mariadb { profile.with_access(Access::Corruption) } else { profile }
    }

    async fn open(&self) -> Result<Store<PrismaAdapter>, BoxError> {
        let scratch = Scratch::create().await;
        let config = PrismaConfig::default()
            .user(with_attributes(Table::named("User"), schema::USER_ATTRIBUTES))
            .session(with_attributes(Table::named("Session"), schema::SESSION_ATTRIBUTES));
        config.create_tables(&scratch.pool).await?;
        sqlx::query(APPROVED_BY).execute(&scratch.pool).await?;
        let adapter = PrismaAdapter::with_config(scratch.pool.clone(), config).await?;
        Ok(Store::new(adapter).with_back_door(Door(scratch.pool.clone())).keep(scratch))
    }
}

/// What Prisma makes where the application has a second relation to the user, which is its own.
const APPROVED_BY: &str = "ALTER TABLE `Session` ADD CONSTRAINT `Session_approved_by_fkey` FOREIGN KEY (`approved_by`) \
     REFERENCES `User`(`id`) ON DELETE SET NULL ON UPDATE CASCADE";

fn with_attributes(table: Table, attributes: &[schema::Attribute]) -> Table {
    attributes.iter().fold(table, |table, attribute| {
        let declared = Attribute::new(match attribute.kind {
            AttributeKind::BigInt => AttributeType::BigInt,
            AttributeKind::Boolean => AttributeType::Boolean,
            AttributeKind::Json => AttributeType::Json,
            _ => AttributeType::String,
        });
        let declared = if attribute.nullable { declared.optional() } else { declared };
        table.attribute(attribute.name, if attribute.unique { declared.unique() } else { declared })
    })
}

struct Door(MySqlPool);

#[async_trait]
impl BackDoor for Door {
    async fn corrupt_session(&self, session_id: &SessionId, how: Corruption) -> Result<(), BoxError> {
        let data = match how {
            Corruption::Garbage => "{\"cut\": ",
            _ => "",
        };
        // MariaDB's JSON is text that a check keeps valid.
        let mut connection = self.0.acquire().await?;
        sqlx::query("SET SESSION check_constraint_checks = 0").execute(&mut *connection).await?;
        let update = sqlx::query("UPDATE `Session` SET `data` = ? WHERE `id` = ?");
        let done = update.bind(data).bind(session_id.as_str()).execute(&mut *connection).await?;
        connection.close().await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err("there is no such session".into()) }
    }
}
