//! Databases for tests: each goes with its value.

use std::ops::Deref;

use adapter_prisma_compatible::{
    Attribute, AttributeType, PrismaAdapter, PrismaConfig, Table,
    sqlx::{AssertSqlSafe, MySqlPool, Row as _},
};
use lucia_core::{
    AdapterErrorKind, AdapterResult, Attributes, KeyId, KeySchema, SessionSchema, SessionUpdate, UnixMillis, UserSchema,
};
use serde_json::Value;

use crate::server::Scratch;

/// An adapter, its pool, and its database.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) adapter: PrismaAdapter,
    pub(crate) pool: MySqlPool,
    pub(crate) scratch: Scratch,
}

impl Deref for Database {
    type Target = PrismaAdapter;

    fn deref(&self) -> &PrismaAdapter {
        &self.adapter
    }
}

impl Database {
    /// The tables of this configuration.
    pub(crate) async fn create(config: PrismaConfig) -> Self {
        let scratch = Scratch::create().await;
        config.create_tables(&scratch.pool).await.unwrap();
        Self::on(scratch, config).await
    }

    /// The tables that a script makes.
    pub(crate) async fn from_sql(sql: &str, config: PrismaConfig) -> Self {
        let scratch = Scratch::create().await;
        run(&scratch.pool, sql).await;
        Self::on(scratch, config).await
    }

    pub(crate) async fn on(scratch: Scratch, config: PrismaConfig) -> Self {
        let pool = scratch.pool.clone();
        Self { adapter: PrismaAdapter::with_config(pool.clone(), config).await.unwrap(), pool, scratch }
    }
}

/// Runs a script.
pub(crate) async fn run(pool: &MySqlPool, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
}

/// The rows of a query; every value must be text.
pub(crate) async fn rows(pool: &MySqlPool, sql: &str) -> Vec<Vec<Option<String>>> {
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap();
    rows.iter().map(|row| (0..row.len()).map(|index| row.get(index)).collect()).collect()
}

/// The single value of a query, as text.
pub(crate) async fn text(pool: &MySqlPool, sql: &str) -> Option<String> {
    rows(pool, sql).await[0][0].clone()
}

pub(crate) async fn count(pool: &MySqlPool, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM `{table}`");
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

pub(crate) fn key(id: &str, user_id: &str) -> KeySchema {
    KeySchema::new(KeyId::from_stored(id), user_id)
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
