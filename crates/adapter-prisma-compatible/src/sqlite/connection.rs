use async_trait::async_trait;
use lucia_sql::driver::{Database, DriverError, Query, Retry, SqlValue};
use sqlx::{
    Connection as _, Sqlite, SqliteConnection, Transaction,
    error::BoxDynError,
    query::Query as SqlxQuery,
    sqlite::{SqliteArguments, SqliteConnectOptions, SqliteQueryResult, SqliteValueRef},
};

use super::{
    cell::cell,
    failure::{classify, primary_code},
};
use crate::sqlx_connection::{SqlxConnection, bind, execute_each, finish, run_after_savepoint, run_all};

#[async_trait]
impl SqlxConnection for SqliteConnection {
    const DATABASE: Database = Database::Sqlite;

    /// Waiting for the end of the rows would cost one more message of sqlx's thread.
    const STOPS_AT_FIRST_ROW: bool = true;

    /// Keeps the connection, because closing it would delete a database in memory.
    const MUST_DISCARD_ON_DROP: bool = false;

    fn address(options: &SqliteConnectOptions) -> String {
        options.get_filename().display().to_string()
    }

    fn bind<'q>(&self, query: &'q Query) -> SqlxQuery<'q, Sqlite, SqliteArguments> {
        bind(query)
    }

    fn read(value: SqliteValueRef<'_>) -> Result<SqlValue, BoxDynError> {
        cell(value)
    }

    fn rows_affected(result: &SqliteQueryResult) -> u64 {
        result.rows_affected()
    }

    fn classify(error: sqlx::Error) -> DriverError {
        classify(error)
    }

    async fn is_rolled_back(&mut self) -> Result<bool, DriverError> {
        if !self.is_in_transaction() {
            return Ok(false);
        }
        match sqlx::raw_sql("BEGIN; ROLLBACK").execute(self).await {
            Ok(_) => Ok(true),
            Err(error) if is_nested(&error) => Ok(false),
            Err(error) => Err(classify(error)),
        }
    }

    async fn run_in_transaction(&mut self, queries: &[Query], is_part: bool) -> Result<(), DriverError> {
        if !is_part {
            // Takes the write lock immediately: a transaction that reads first may not get it later
            // (`SQLITE_BUSY_SNAPSHOT`).
            let error = match self.begin_with("BEGIN IMMEDIATE").await {
                Ok(transaction) => return run_immediately(transaction, queries).await,
                Err(error) => error,
            };
            let must_replace = is_spoiled(self).await;
            let error = classify(error);
            return Err(if must_replace { error.with_retry(Retry::Elsewhere) } else { error });
        }
        let error = match self.begin().await {
            Ok(transaction) => return run_all(transaction, queries).await,
            Err(error) => error,
        };
        // The application began a transaction with a statement of which sqlx does not know.
        if !is_nested(&error) {
            return Err(classify(error));
        }
        sqlx::raw_sql("SAVEPOINT lucia").execute(&mut *self).await.map_err(classify)?;
        run_after_savepoint(self, queries).await
    }
}

/// Runs and commits all statements.
async fn run_immediately(mut transaction: Transaction<'_, Sqlite>, queries: &[Query]) -> Result<(), DriverError> {
    let done = execute_each(&mut *transaction, queries).await;
    if done.is_err() {
        // SQLite may have rolled the transaction back by itself. sqlx counts it until a rollback succeeds.
        let _ = sqlx::raw_sql("BEGIN").execute(&mut *transaction).await;
    }
    finish(transaction, done).await
}

/// Returns `true` if a connection of a pool must be closed, because sqlx 0.9.0 still counts a transaction that SQLite
/// has rolled back by itself, and begins only savepoints. A database in memory would be deleted with its connection.
pub(super) async fn is_spoiled(connection: &mut SqliteConnection) -> bool {
    const FILE: &str = "SELECT file FROM pragma_database_list WHERE name = 'main'";
    // The response follows the rollback of a transaction that was dropped.
    connection.is_in_transaction()
        && sqlx::query_scalar(FILE).fetch_one(&mut *connection).await.is_ok_and(|file: String| !file.is_empty())
        && connection.is_in_transaction()
}

/// Returns `true` if a `BEGIN` failed in a transaction: one that takes no lock fails for no other reason.
fn is_nested(error: &sqlx::Error) -> bool {
    const ERROR: i32 = 1;
    primary_code(error) == Some(ERROR)
}
