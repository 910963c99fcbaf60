//! The conformance suite on Postgres: each case has a schema of its own, with the tables that the crate makes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

#[path = "postgres/server.rs"]
mod server;

use std::process::ExitCode;

use adapter_prisma_compatible::{Attribute, AttributeType, PrismaAdapter, PrismaConfig, Table};
use adapter_tests::{
    Backend, BoxError, Profile, Promise, Store,
    schema::{self, AttributeKind},
};
use lucia_core::async_trait;

use crate::server::Scratch;

fn main() -> ExitCode {
    adapter_tests::harness::adapter(Postgres)
}

struct Postgres;

#[async_trait]
impl Backend for Postgres {
    type Adapter = PrismaAdapter;

    /// No column can hold a value that is none of its type.
    fn profile(&self) -> Profile {
        Profile::all().without(Promise::ExpiresRecords)
    }

    async fn open(&self) -> Result<Store<PrismaAdapter>, BoxError> {
        let scratch = Scratch::create().await;
        let config = config();
        config.create_tables(&scratch.pool).await?;
        sqlx::query(APPROVED_BY).execute(&scratch.pool).await?;
        let adapter = PrismaAdapter::with_config(scratch.pool.clone(), config).await?;
        Ok(Store::new(adapter).keep(scratch))
    }
}

fn config() -> PrismaConfig {
    PrismaConfig::default()
        .user(with_attributes(Table::named("User"), schema::USER_ATTRIBUTES))
        .session(with_attributes(Table::named("Session"), schema::SESSION_ATTRIBUTES))
}

/// What Prisma makes where the application has a second relation to the user, which is its own.
const APPROVED_BY: &str = r#"ALTER TABLE "Session" ADD CONSTRAINT "Session_approved_by_fkey"
    FOREIGN KEY ("approved_by") REFERENCES "User"("id") ON DELETE SET NULL ON UPDATE CASCADE"#;

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
