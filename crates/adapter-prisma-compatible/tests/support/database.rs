//! An adapter with separate tables, on the database of the test target.

use std::{
    ops::Deref,
    path::{Path, PathBuf},
};

use adapter_prisma_compatible::{
    PrismaAdapter, PrismaConfig,
    sqlx::{self, AssertSqlSafe, Row as _},
};

use super::{Driver, Pool, QUOTE, Scratch};

/// An adapter, its pool and its tables.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) adapter: PrismaAdapter,
    pub(crate) pool: Pool,
    pub(crate) scratch: Scratch,
}

impl Deref for Database {
    type Target = PrismaAdapter;

    fn deref(&self) -> &PrismaAdapter {
        &self.adapter
    }
}

impl Database {
    /// Creates the tables of this configuration.
    pub(crate) async fn create(config: PrismaConfig) -> Self {
        let scratch = Scratch::create().await;
        config.create_tables(&scratch.pool).await.unwrap();
        Self::on(scratch, config).await
    }

    /// Creates the tables of a script.
    pub(crate) async fn from_sql(sql: &str, config: PrismaConfig) -> Self {
        let scratch = Scratch::create().await;
        run(&scratch.pool, sql).await;
        Self::on(scratch, config).await
    }

    /// Uses existing tables.
    pub(crate) async fn on(scratch: Scratch, config: PrismaConfig) -> Self {
        let pool = scratch.pool.clone();
        Self { adapter: PrismaAdapter::with_config(pool.clone(), config).await.unwrap(), pool, scratch }
    }
}

/// Returns a file that Prisma created, see the README of the fixtures.
pub(crate) fn fixture_text(file: &str) -> String {
    std::fs::read_to_string(fixture_path(file)).unwrap()
}

pub(crate) fn fixture_path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(file)
}

/// Converts the double quotes of names to the quotes of this database.
pub(crate) fn sql(standard: &str) -> String {
    standard.replace('"', QUOTE)
}

/// Runs a script.
pub(crate) async fn run(pool: &sqlx::Pool<Driver>, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
}

/// Returns the rows of a query. Every value must be text.
pub(crate) async fn rows(pool: &sqlx::Pool<Driver>, sql: &str) -> Vec<Vec<Option<String>>> {
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap();
    rows.iter().map(|row| (0..row.len()).map(|index| row.get(index)).collect()).collect()
}

/// Returns the single value of a query as text.
pub(crate) async fn text(pool: &sqlx::Pool<Driver>, sql: &str) -> Option<String> {
    rows(pool, sql).await[0][0].clone()
}

pub(crate) async fn count(pool: &sqlx::Pool<Driver>, table: &str) -> i64 {
    let sql = sql(&format!("SELECT count(*) FROM \"{table}\""));
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await.unwrap()
}
