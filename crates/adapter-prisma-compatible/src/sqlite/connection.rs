use async_trait::async_trait;
use lucia_sql::driver::{Database, DriverError, Query, Retry, SqlValue};
use sqlx::{
    Connection as _, Sqlite, SqliteConnection,
    error::BoxDynError,
    query::Query as SqlxQuery,
    sqlite::{SqliteArguments, SqliteConnectOptions, SqliteQueryResult, SqliteValueRef},
};

use super::{
    cell::cell,
    failure::{classify, primary_code},
};
use crate::sqlx_connection::{SqlxConnection, bind, run_after_savepoint, run_all};

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
                Ok(transaction) => return run_all(transaction, queries).await,
                Err(error) => error,
            };
            // SQLite has rolled back an earlier transaction by itself. sqlx 0.9.0 counts it for as long as the connection
            // is open, and begins only savepoints. Closing the connection would delete a database in memory.
            let must_replace = matches!(error, sqlx::Error::InvalidSavePointStatement) && is_file(self).await;
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

async fn is_file(connection: &mut SqliteConnection) -> bool {
    let path = "SELECT file FROM pragma_database_list WHERE name = 'main'";
    sqlx::query_scalar(path).fetch_one(connection).await.is_ok_and(|path: String| !path.is_empty())
}

/// Returns `true` if a `BEGIN` failed in a transaction: one that takes no lock fails for no other reason.
fn is_nested(error: &sqlx::Error) -> bool {
    const ERROR: i32 = 1;
    primary_code(error) == Some(ERROR)
}
