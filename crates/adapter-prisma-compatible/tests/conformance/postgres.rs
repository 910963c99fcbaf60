//! Postgres. Each case has a separate schema.

use adapter_tests::{Access, BackDoor, BoxError, Profile, Promise};
use lucia_core::async_trait;
use sqlx::PgPool;

use crate::{
    any_pool::AnyPool,
    database::{Database, Opened},
    postgres_server::Scratch,
    postgres_stored::stored_bytes,
    tables,
};

#[derive(Clone, Copy)]
pub(crate) struct Postgres {
    /// Returns the URL of the server.
    pub(crate) url: fn() -> String,
    /// Opens the pool of the adapters.
    pub(crate) pool: fn(&Scratch) -> Result<AnyPool, BoxError>,
    /// `false` if only the configuration names the schema.
    pub(crate) has_search_path: bool,
    /// `false` for a database that resembles Postgres and lacks some of its features.
    pub(crate) has_foreign_keys: bool,
}

#[async_trait]
impl Database for Postgres {
    type Door = Door;

    fn profile(&self) -> Profile {
        let profile = Profile::relational().with_access([Access::StoredBytes]);
        if self.has_foreign_keys { profile } else { profile.without([Promise::ReferenceAttributes]) }
    }

    async fn open(&self) -> Result<Opened<Door>, BoxError> {
        let scratch = Scratch::on((self.url)()).await;
        let config = if self.has_search_path { tables::config() } else { tables::config().schema(&scratch.schema) };
        let pool = (self.pool)(&scratch)?;
        let config = if self.has_foreign_keys {
            config.create_tables(&pool).await?;
            sqlx::query(APPROVED_BY).execute(&scratch.pool).await?;
            config
        } else {
            config.clone().without_foreign_keys().separate_ddl().create_tables(&pool).await?;
            config.without_skip_locked()
        };
        let door = Door { pool: scratch.pool.clone(), schema: scratch.schema.clone() };
        Ok(Opened { pool, config, door, guard: Box::new(scratch) })
    }
}

/// The foreign key that Prisma creates for an application with a second relation from sessions to users.
const APPROVED_BY: &str = r#"ALTER TABLE "Session" ADD CONSTRAINT "Session_approved_by_fkey"
    FOREIGN KEY ("approved_by") REFERENCES "User"("id") ON DELETE SET NULL ON UPDATE CASCADE"#;

pub(crate) struct Door {
    pool: PgPool,
    schema: String,
}

#[async_trait]
impl BackDoor for Door {
    async fn stored_bytes(&self) -> Result<Vec<u8>, BoxError> {
        Ok(stored_bytes(&self.pool, &self.schema).await?)
    }
}
