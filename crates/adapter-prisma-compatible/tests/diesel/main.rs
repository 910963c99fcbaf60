//! Tests of what is specific to Diesel: transactions of the application, errors, and round trips.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[path = "../shared/conversion.rs"]
mod conversion;
#[path = "../shared/deallocated.rs"]
mod deallocated;
#[path = "../shared/drop_at_await.rs"]
mod drop_at_await;
#[path = "../shared/migrated.rs"]
mod migrated;
#[path = "../mysql/server.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod mysql;
#[path = "../support/pools.rs"]
mod pools;
#[path = "../postgres/server.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod postgres;
#[path = "../shared/reasons.rs"]
mod reasons;

mod dropped;
mod errors;
mod lists;
mod migration;
mod sessions;
mod transaction;

use std::any::Any;

use adapter_prisma_compatible::{Attribute, PrismaAdapter, PrismaConfig, Table};
use diesel::SqliteConnection;
use diesel_async::{
    AsyncMysqlConnection, AsyncPgConnection, pooled_connection::deadpool::Pool,
    sync_connection_wrapper::SyncConnectionWrapper,
};
use lucia_core::{Attributes, KeyId, KeySchema, UserSchema};

fn config() -> PrismaConfig {
    PrismaConfig::default().user(Table::named("User").attribute("username", Attribute::string().unique().optional()))
}

/// Returns a pool, an adapter, and a guard that keeps the database.
async fn on_sqlite() -> (Pool<SyncConnectionWrapper<SqliteConnection>>, PrismaAdapter, impl Any) {
    let folder = tempfile::tempdir().unwrap();
    let pool = pools::sqlite(folder.path().join("test.db").to_str().unwrap()).unwrap();
    config().create_tables(&pool).await.unwrap();
    let adapter = PrismaAdapter::with_config(pool.clone(), config()).await.unwrap();
    (pool, adapter, folder)
}

async fn on_postgres() -> (Pool<AsyncPgConnection>, PrismaAdapter, impl Any) {
    let scratch = postgres::Scratch::create().await;
    let pool = pools::postgres(&scratch.diesel_url()).unwrap();
    config().create_tables(&pool).await.unwrap();
    let adapter = PrismaAdapter::with_config(pool.clone(), config()).await.unwrap();
    (pool, adapter, scratch)
}

async fn on_mysql() -> (Pool<AsyncMysqlConnection>, PrismaAdapter, impl Any) {
    let scratch = mysql::Scratch::create().await;
    let pool = pools::mysql(&scratch.diesel_url()).unwrap();
    config().create_tables(&pool).await.unwrap();
    let adapter = PrismaAdapter::with_config(pool.clone(), config()).await.unwrap();
    (pool, adapter, scratch)
}

fn user(id: &str, name: &str) -> (UserSchema, KeySchema) {
    let user = UserSchema::new(id).with_attributes(Attributes::from([("username", name)])).unwrap();
    (user, KeySchema::new(KeyId::new("username", name).unwrap(), id))
}
