//! The conformance suite on Postgres. Each case has a separate schema, with the tables that this crate creates.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[path = "postgres/server.rs"]
mod server;
#[path = "postgres/stored.rs"]
mod stored;
#[path = "support/tables.rs"]
mod tables;

use std::process::ExitCode;

use adapter_prisma_compatible::PrismaAdapter;
use adapter_tests::{Access, BackDoor, Backend, BoxError, Profile, Store};
use lucia_core::async_trait;
use sqlx::PgPool;

use crate::server::Scratch;

fn main() -> ExitCode {
    adapter_tests::harness::adapter(Postgres)
}

struct Postgres;

#[async_trait]
impl Backend for Postgres {
    type Adapter = PrismaAdapter;

    fn profile(&self) -> Profile {
        Profile::relational().with_access([Access::StoredBytes])
    }

    async fn open(&self) -> Result<Store<PrismaAdapter>, BoxError> {
        let scratch = Scratch::create().await;
        let config = tables::config();
        config.create_tables(&scratch.pool).await?;
        sqlx::query(APPROVED_BY).execute(&scratch.pool).await?;
        let adapter = PrismaAdapter::with_config(scratch.pool.clone(), config).await?;
        let door = Door { pool: scratch.pool.clone(), schema: scratch.schema.clone() };
        Ok(Store::new(adapter).with_back_door(door).keep(scratch))
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
