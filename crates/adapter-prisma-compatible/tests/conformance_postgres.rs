//! The conformance suite on Postgres, with and without foreign keys. Each case has a separate schema, with the tables that
//! this crate creates.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[path = "postgres/server.rs"]
mod server;
#[path = "postgres/stored.rs"]
mod stored;
#[path = "support/tables.rs"]
mod tables;

use std::{process::ExitCode, sync::Arc};

use adapter_prisma_compatible::{PrismaAdapter, PrismaConfig, PrismaTokenAdapter};
use adapter_tests::{Access, BackDoor, Backend, BoxError, Profile, Promise, Store, harness::Harness};
use lucia_core::async_trait;
use sqlx::PgPool;

use crate::server::Scratch;

fn main() -> ExitCode {
    let add = |harness: Harness, database| {
        let everything = Arc::new(database);
        harness.adapter(&everything).session_scan(&everything).token_adapter(&Arc::new(Tokens(database)))
    };
    let harness = add(Harness::new(), Postgres::WithForeignKeys);
    let harness = add(harness.named("without_foreign_keys"), Postgres::WithoutForeignKeys);
    harness.named("user_replica").adapter(&Arc::new(UserReplica)).run()
}

/// The tables of Prisma, or those of a database that resembles Postgres and lacks some of its features.
#[derive(Clone, Copy, PartialEq)]
enum Postgres {
    WithForeignKeys,
    WithoutForeignKeys,
}

impl Postgres {
    /// Creates a schema with the tables.
    async fn create(self) -> Result<Scratch, BoxError> {
        let scratch = Scratch::create().await;
        match self {
            Self::WithForeignKeys => {
                tables::config().create_tables(&scratch.pool).await?;
                sqlx::query(APPROVED_BY).execute(&scratch.pool).await?;
            }
            Self::WithoutForeignKeys => {
                tables::config().without_foreign_keys().separate_ddl().create_tables(&scratch.pool).await?;
            }
        }
        Ok(scratch)
    }

    /// Returns the configuration of the adapters. They find out about the foreign keys themselves.
    fn config(self) -> PrismaConfig {
        match self {
            Self::WithForeignKeys => tables::config(),
            Self::WithoutForeignKeys => tables::config().without_skip_locked(),
        }
    }
}

#[async_trait]
impl Backend for Postgres {
    type Adapter = PrismaAdapter;

    fn profile(&self) -> Profile {
        let profile = Profile::relational().with_access([Access::StoredBytes]);
        match self {
            Self::WithForeignKeys => profile,
            Self::WithoutForeignKeys => profile.without([Promise::ReferenceAttributes]),
        }
    }

    async fn open(&self) -> Result<Store<PrismaAdapter>, BoxError> {
        let scratch = self.create().await?;
        let adapter = PrismaAdapter::with_config(scratch.pool.clone(), self.config()).await?;
        let door = Door { pool: scratch.pool.clone(), schema: scratch.schema.clone() };
        Ok(Store::new(adapter.clone()).with_users(Arc::new(adapter)).with_back_door(door).keep(scratch))
    }
}

/// An adapter that reads the users of sessions through another pool, as from a replica that is never late.
struct UserReplica;

#[async_trait]
impl Backend for UserReplica {
    type Adapter = PrismaAdapter;

    fn profile(&self) -> Profile {
        Postgres::WithForeignKeys.profile()
    }

    async fn open(&self) -> Result<Store<PrismaAdapter>, BoxError> {
        let scratch = Postgres::WithForeignKeys.create().await?;
        let replica = scratch.pool.clone();
        let adapter = PrismaAdapter::with_user_replica(scratch.pool.clone(), replica, tables::config()).await?;
        let door = Door { pool: scratch.pool.clone(), schema: scratch.schema.clone() };
        Ok(Store::new(adapter.clone()).with_users(Arc::new(adapter)).with_back_door(door).keep(scratch))
    }
}

/// The tokens of the same users.
struct Tokens(Postgres);

#[async_trait]
impl Backend for Tokens {
    type Adapter = PrismaTokenAdapter;

    fn profile(&self) -> Profile {
        Profile::relational()
    }

    async fn open(&self) -> Result<Store<PrismaTokenAdapter>, BoxError> {
        let scratch = self.0.create().await?;
        let users = PrismaAdapter::with_config(scratch.pool.clone(), self.0.config()).await?;
        let tokens = PrismaTokenAdapter::with_config(scratch.pool.clone(), self.0.config()).await?;
        Ok(Store::new(tokens).with_users(Arc::new(users)).keep(scratch))
    }
}

/// The foreign key that Prisma creates for an application with a second relation from sessions to users.
const APPROVED_BY: &str = r#"ALTER TABLE "Session" ADD CONSTRAINT "Session_approved_by_fkey"
    FOREIGN KEY ("approved_by") REFERENCES "User"("id") ON DELETE SET NULL ON UPDATE CASCADE"#;

struct Door {
    pool: PgPool,
    schema: String,
}

#[async_trait]
impl BackDoor for Door {
    async fn stored_bytes(&self) -> Result<Vec<u8>, BoxError> {
        Ok(stored::stored_bytes(&self.pool, &self.schema).await?)
    }
}
