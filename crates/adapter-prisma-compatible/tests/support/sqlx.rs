//! The sqlx side of the tests that all drivers share.

use adapter_prisma_compatible::sqlx::{self, AssertSqlSafe, Database};
use lucia_core::AdapterError;

use super::{Driver, Scratch, driver, options_of, run};

pub(crate) type Pool = sqlx::Pool<Driver>;
/// The driver's own error.
pub(crate) type NativeError = sqlx::Error;

/// Opens another pool, which has a single connection.
pub(crate) async fn single(scratch: &Scratch) -> Pool {
    driver::pool_options().max_connections(1).connect_with(options_of(scratch)).await.unwrap()
}

/// Runs a statement on a connection of the application.
pub(crate) async fn execute(connection: &mut <Driver as Database>::Connection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.unwrap();
}

/// Runs a statement on a connection of this pool with which the adapter writes.
pub(crate) async fn run_on(pool: &Pool, sql: &str) {
    run(pool, sql).await;
}

pub(crate) fn is_unique_violation(error: &AdapterError) -> bool {
    let error = error.downcast_ref::<NativeError>().and_then(NativeError::as_database_error);
    error.is_some_and(|error| error.is_unique_violation())
}
