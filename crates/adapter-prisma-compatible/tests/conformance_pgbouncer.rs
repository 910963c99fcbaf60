//! The conformance suite on Postgres through `PgBouncer` in transaction mode.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[path = "postgres/stored.rs"]
mod stored;
#[path = "support/tables.rs"]
mod tables;

use std::{
    process::ExitCode,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU32, Ordering},
    },
};

use adapter_prisma_compatible::{
    PrismaAdapter, PrismaConfig, PrismaTokenAdapter, postgres,
    sqlx::{AssertSqlSafe, PgPool},
};
use adapter_tests::{Access, BackDoor, Backend, BoxError, Profile, Store, harness::Harness};
use lucia_core::async_trait;
use test_servers::{Server, ServiceError, pgbouncer_server, postgres_server};

fn main() -> ExitCode {
    let everything = Arc::new(PgBouncer);
    Harness::new().adapter(&everything).session_scan(&everything).token_adapter(&Arc::new(Tokens)).run()
}

/// A server and its connection pooler. Both stop when the process exits.
struct Servers {
    postgres: Server,
    pgbouncer: Server,
}

static SERVERS: LazyLock<Result<Servers, ServiceError>> = LazyLock::new(|| {
    let postgres = postgres_server()?.start()?;
    let pgbouncer = pgbouncer_server(postgres.port())?.start()?;
    Ok(Servers { postgres, pgbouncer })
});

fn url(server: &Server) -> String {
    format!("postgres://lucia:lucia@127.0.0.1:{}/postgres", server.port())
}

struct PgBouncer;

impl PgBouncer {
    /// Creates a schema with the tables.
    async fn create() -> Result<(PgPool, PrismaConfig, String), BoxError> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let schema = format!("suite_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let Servers { postgres, pgbouncer } = SERVERS.as_ref().map_err(ToString::to_string)?;
        let direct = postgres::connect(&format!("{}?connection_limit=1", url(postgres))).await?;
        sqlx::raw_sql(AssertSqlSafe(format!("CREATE SCHEMA {schema}"))).execute(&direct).await?;
        let pool = postgres::connect(&format!("{}?pgbouncer=true&connection_limit=10", url(pgbouncer))).await?;
        let config = tables::config().schema(&schema);
        config.create_tables(&pool).await?;
        let sql = APPROVED_BY.replace("{schema}", &schema);
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&direct).await?;
        direct.close().await;
        Ok((pool, config, schema))
    }
}

#[async_trait]
impl Backend for PgBouncer {
    type Adapter = PrismaAdapter;

    fn profile(&self) -> Profile {
        Profile::relational().with_access([Access::StoredBytes])
    }

    async fn open(&self) -> Result<Store<PrismaAdapter>, BoxError> {
        let (pool, config, schema) = Self::create().await?;
        let adapter = PrismaAdapter::with_config(pool.clone(), config).await?;
        Ok(Store::new(adapter.clone()).with_users(Arc::new(adapter)).with_back_door(Door { pool, schema }))
    }
}

/// The foreign key that Prisma creates for an application with a second relation from sessions to users.
const APPROVED_BY: &str = r#"ALTER TABLE {schema}."Session" ADD CONSTRAINT "Session_approved_by_fkey"
    FOREIGN KEY ("approved_by") REFERENCES {schema}."User"("id") ON DELETE SET NULL ON UPDATE CASCADE"#;

/// The tokens of the same users.
struct Tokens;

#[async_trait]
impl Backend for Tokens {
    type Adapter = PrismaTokenAdapter;

    fn profile(&self) -> Profile {
        Profile::relational()
    }

    async fn open(&self) -> Result<Store<PrismaTokenAdapter>, BoxError> {
        let (pool, config, _) = PgBouncer::create().await?;
        let users = PrismaAdapter::with_config(pool.clone(), config.clone()).await?;
        let tokens = PrismaTokenAdapter::with_config(pool, config).await?;
        Ok(Store::new(tokens).with_users(Arc::new(users)))
    }
}

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
