//! The conformance suite on Postgres 18, with sqlx and with Diesel. Each case has a separate schema, with the tables that
//! this crate creates.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[path = "conformance_diesel/pools.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod pools;
#[path = "postgres/stored.rs"]
mod stored;
#[path = "support/tables.rs"]
mod tables;

use std::{
    path::Path,
    process::ExitCode,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU32, Ordering},
    },
};

use adapter_prisma_compatible::{
    Pool, Prisma, PrismaAdapter, PrismaTokenAdapter, postgres,
    sqlx::{AssertSqlSafe, PgPool},
};
use adapter_tests::{Access, BackDoor, Backend, BoxError, Profile, Store, harness::Harness};
use lucia_core::async_trait;
use lucia_sql::driver::Driver;
use test_servers::{Server, ServiceError, postgres_18_server};

fn main() -> ExitCode {
    let drivers = [("sqlx", Postgres18::Sqlx), ("diesel", Postgres18::Diesel)].into_iter();
    let harness = drivers.fold(Harness::new(), |harness, (name, driver)| {
        let everything = Arc::new(driver);
        let harness = harness.named(name).adapter(&everything).session_scan(&everything);
        harness.token_adapter(&Arc::new(Tokens(driver)))
    });
    harness.run()
}

/// Stops when the process exits.
static SERVER: LazyLock<Result<Server, ServiceError>> =
    LazyLock::new(|| postgres_18_server(Path::new(env!("CARGO_TARGET_TMPDIR")))?.start());

/// The driver that runs the statements.
#[derive(Clone, Copy)]
enum Postgres18 {
    Sqlx,
    Diesel,
}

/// A schema with the tables.
struct Opened {
    pool: AnyPool,
    door: Door,
}

#[derive(Clone)]
struct AnyPool(Arc<dyn Pool<Prisma>>);

impl Pool<Prisma> for AnyPool {
    fn driver(&self) -> Box<dyn Driver> {
        self.0.driver()
    }
}

impl Postgres18 {
    async fn create(self) -> Result<Opened, BoxError> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let schema = format!("suite_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let port = SERVER.as_ref().map_err(ToString::to_string)?.port();
        let url = format!("postgres://lucia:lucia@127.0.0.1:{port}/postgres");
        let sqlx = postgres::connect(&format!("{url}?schema={schema}&connection_limit=10")).await?;
        sqlx::raw_sql(AssertSqlSafe(format!("CREATE SCHEMA {schema}"))).execute(&sqlx).await?;
        let pool = match self {
            Self::Sqlx => AnyPool(Arc::new(sqlx.clone())),
            Self::Diesel => AnyPool(Arc::new(pools::postgres(&format!("{url}?options=-csearch_path%3D{schema}"))?)),
        };
        tables::config().create_tables(&pool).await?;
        sqlx::query(APPROVED_BY).execute(&sqlx).await?;
        Ok(Opened { pool, door: Door { pool: sqlx, schema } })
    }
}

#[async_trait]
impl Backend for Postgres18 {
    type Adapter = PrismaAdapter;

    fn profile(&self) -> Profile {
        Profile::relational().with_access([Access::StoredBytes])
    }

    async fn open(&self) -> Result<Store<PrismaAdapter>, BoxError> {
        let Opened { pool, door } = self.create().await?;
        let adapter = PrismaAdapter::with_config(pool, tables::config()).await?;
        Ok(Store::new(adapter.clone()).with_users(Arc::new(adapter)).with_back_door(door))
    }
}

/// The tokens of the same users.
struct Tokens(Postgres18);

#[async_trait]
impl Backend for Tokens {
    type Adapter = PrismaTokenAdapter;

    fn profile(&self) -> Profile {
        Profile::relational()
    }

    async fn open(&self) -> Result<Store<PrismaTokenAdapter>, BoxError> {
        let Opened { pool, .. } = self.0.create().await?;
        let users = PrismaAdapter::with_config(pool.clone(), tables::config()).await?;
        let tokens = PrismaTokenAdapter::with_config(pool, tables::config()).await?;
        Ok(Store::new(tokens).with_users(Arc::new(users)))
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
