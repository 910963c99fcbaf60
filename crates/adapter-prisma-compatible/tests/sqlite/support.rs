//! SQLite on sqlx.

#[path = "../support/database.rs"]
mod database;
#[path = "../support/samples.rs"]
mod samples;
#[path = "../support/sqlite.rs"]
mod sqlite;
#[path = "../support/sqlx.rs"]
mod sqlx;

pub(crate) use adapter_prisma_compatible::sqlite as driver;
use adapter_prisma_compatible::sqlx::sqlite::SqliteConnectOptions;

pub(crate) use self::{database::*, samples::*, sqlite::*, sqlx::*};

async fn connect(url: &str) -> Pool {
    driver::connect(url).await.unwrap()
}

/// Returns the options of another connection to the same database.
pub(crate) fn options_of(scratch: &Scratch) -> SqliteConnectOptions {
    driver::connect_options(&url_of(scratch)).unwrap()
}

/// Creates tables whose foreign keys are not enforced.
pub(crate) async fn without_foreign_keys() -> Database {
    let mut scratch = Scratch::create().await;
    config().create_tables(&scratch.pool).await.unwrap();
    let lax = options_of(&scratch).foreign_keys(false);
    scratch.pool = driver::pool_options().connect_with(lax).await.unwrap();
    Database::on(scratch, config()).await
}
