//! Databases for tests: each its own file in a folder that goes with it.

use std::{ops::Deref, path::Path};

use adapter_prisma_compatible::{
    Attribute, AttributeType, PrismaAdapter, PrismaConfig, Table, sqlite,
    sqlx::{AssertSqlSafe, Row as _, SqlitePool},
};
use lucia_core::{AdapterErrorKind, AdapterResult, Attributes, SessionSchema, SessionUpdate, UnixMillis, UserSchema};
use serde_json::Value;
use tempfile::TempDir;

/// An adapter, its pool, and the folder of its database.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) adapter: PrismaAdapter,
    pub(crate) pool: SqlitePool,
    _folder: TempDir,
}

impl Deref for Database {
    type Target = PrismaAdapter;

    fn deref(&self) -> &PrismaAdapter {
        &self.adapter
    }
}

impl Database {
    /// A new database with the tables of this configuration.
    pub(crate) async fn create(config: PrismaConfig) -> Self {
        let (pool, folder) = empty().await;
        config.create_tables(&pool).await.unwrap();
        Self { adapter: PrismaAdapter::with_config(pool.clone(), config).await.unwrap(), pool, _folder: folder }
    }

    /// A new database with the tables that a script makes.
    pub(crate) async fn from_sql(sql: &str, config: PrismaConfig) -> Self {
        let (pool, folder) = empty().await;
        run(&pool, sql).await;
        Self { adapter: PrismaAdapter::with_config(pool.clone(), config).await.unwrap(), pool, _folder: folder }
    }

    /// A copy of a database that Prisma wrote.
    pub(crate) async fn fixture(name: &str, config: PrismaConfig) -> Self {
        let (pool, folder) = fixture(name).await;
        Self { adapter: PrismaAdapter::with_config(pool.clone(), config).await.unwrap(), pool, _folder: folder }
    }
}

/// A pool on a new file.
pub(crate) async fn empty() -> (SqlitePool, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let pool = open(&folder.path().join("test.db")).await;
    (pool, folder)
}

/// A pool on a copy of a file that Prisma wrote.
pub(crate) async fn fixture(name: &str) -> (SqlitePool, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("test.db");
    std::fs::copy(fixtures().join(name), &file).unwrap();
    (open(&file).await, folder)
}

pub(crate) fn fixtures() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures"))
}

async fn open(file: &Path) -> SqlitePool {
    sqlite::connect(&format!("sqlite://{}?mode=rwc", file.display())).await.unwrap()
}

/// Runs a script.
pub(crate) async fn run(pool: &SqlitePool, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
}

/// The rows of a query; every value must be text.
pub(crate) async fn rows(pool: &SqlitePool, sql: &str) -> Vec<Vec<Option<String>>> {
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap();
    rows.iter().map(|row| (0..row.len()).map(|index| row.get(index)).collect()).collect()
}

/// The single value of a query, as text.
pub(crate) async fn text(pool: &SqlitePool, sql: &str) -> String {
    rows(pool, sql).await[0][0].clone().unwrap()
}

pub(crate) async fn count(pool: &SqlitePool, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM \"{table}\"");
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await.unwrap()
}

/// Users with a unique name and an optional age; sessions with an optional country.
pub(crate) fn config() -> PrismaConfig {
    PrismaConfig::default()
        .user(
            Table::named("User")
                .attribute("username", Attribute::string().unique())
                .attribute("age", Attribute::new(AttributeType::BigInt).optional()),
        )
        .session(Table::named("Session").attribute("country", Attribute::string().optional()))
}

pub(crate) fn user(id: &str) -> UserSchema {
    UserSchema::new(id).with_attributes(Attributes::from([("username", format!("name of {id}"))])).unwrap()
}

pub(crate) fn session(id: &str, user_id: &str) -> SessionSchema {
    SessionSchema::new(id, user_id, UnixMillis::new(1_000), UnixMillis::new(2_000))
}

/// A renewal to these times, if the idle period still ends when expected.
pub(crate) fn renewal(active: i64, idle: i64, expected: Option<i64>) -> SessionUpdate {
    let mut update = SessionUpdate::renewal(UnixMillis::new(active), UnixMillis::new(idle));
    update.expected_idle_expires = expected.map(UnixMillis::new);
    update
}

pub(crate) fn one(name: &str, value: impl Into<Value>) -> Attributes {
    Attributes::from([(name, value.into())])
}

/// The kind of the error.
pub(crate) fn kind<T: std::fmt::Debug>(result: AdapterResult<T>) -> AdapterErrorKind {
    result.unwrap_err().kind()
}
