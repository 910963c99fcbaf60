use async_trait::async_trait;
use lucia_sql::driver::{Database, DriverError, Query, SqlValue};
use sqlx::{
    AssertSqlSafe, Connection as _, Sqlite, SqliteConnection,
    error::BoxDynError,
    query::Query as SqlxQuery,
    sqlite::{
        SqliteArguments, SqliteConnectOptions, SqliteQueryResult, SqliteTransactionManager as Manager, SqliteValueRef,
    },
};
use sqlx_core::transaction::TransactionManager as _;

use super::{
    cell::cell,
    failure::{classify, primary_code},
};
use crate::sqlx_connection::{SqlxConnection, bind, run_after_savepoint, run_all, run_in_savepoint};

/// Fails in a transaction, and has no effect outside of one. A `BEGIN` would be open until its `ROLLBACK`, and for ever
/// if the call were dropped before.
const FAIL_IN_TRANSACTION: &str = "PRAGMA temp.synchronous = OFF";

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

    async fn transaction_has_ended(&mut self) -> Result<bool, DriverError> {
        if !self.is_in_transaction() {
            return Ok(false);
        }
        match sqlx::raw_sql(FAIL_IN_TRANSACTION).execute(&mut *self).await {
            // The response follows the rollback of a transaction that was dropped.
            Ok(_) => Ok(self.is_in_transaction()),
            Err(error) if is_nested(&error) => Ok(false),
            Err(error) => Err(classify(error)),
        }
    }

    async fn run_in_transaction(&mut self, queries: &[Query], is_part: bool) -> Result<(), DriverError> {
        if !is_part {
            // A transaction on a connection of a pool has no owner any more.
            end_transactions(self).await;
            // Takes the write lock immediately: a transaction that reads first may not get it later
            // (`SQLITE_BUSY_SNAPSHOT`).
            let done = run_all(self.begin_with("BEGIN IMMEDIATE").await.map_err(classify)?, queries).await;
            return end_after_error(self, done).await;
        }
        if self.is_in_transaction() {
            return run_in_savepoint(self, queries).await;
        }
        let run = match self.begin().await {
            Ok(transaction) => Ok(run_all(transaction, queries).await),
            Err(error) => Err(error),
        };
        match run {
            Ok(done) => end_after_error(self, done).await,
            // The application began a transaction with a statement of which sqlx does not know.
            Err(error) if is_nested(&error) => {
                sqlx::raw_sql("SAVEPOINT lucia_call").execute(&mut *self).await.map_err(classify)?;
                run_after_savepoint(self, queries).await
            }
            Err(error) => Err(classify(error)),
        }
    }
}

/// Ends the transaction of a call after an error, because SQLite may have rolled it back by itself.
async fn end_after_error(connection: &mut SqliteConnection, done: Result<(), DriverError>) -> Result<(), DriverError> {
    if done.is_err() {
        end_transactions(connection).await;
    }
    done
}

/// Rolls back all transactions that sqlx counts. If SQLite has rolled one back by itself, sqlx 0.9.0 counts it until a
/// rollback succeeds, and begins only savepoints.
pub(super) async fn end_transactions(connection: &mut SqliteConnection) {
    if !connection.is_in_transaction() {
        return;
    }
    // The response follows the rollback of a transaction that was dropped.
    let _ = connection.ping().await;
    let depth = Manager::get_transaction_depth(connection);
    let begin = match depth {
        0 => return,
        1 => "BEGIN".to_owned(),
        // The first one begins a transaction as well.
        _ => (1..depth).map(|level| format!("SAVEPOINT _sqlx_savepoint_{level};")).collect(),
    };
    // The rollbacks follow also if this call is dropped.
    let mut connection = scopeguard::guard(connection, |connection| {
        for _ in 0..depth {
            Manager::start_rollback(connection);
        }
    });
    // It fails if the transaction is still open.
    let _ = sqlx::raw_sql(AssertSqlSafe(begin)).execute(&mut **connection).await;
}

/// Returns `true` if a statement failed because it must not run in a transaction.
fn is_nested(error: &sqlx::Error) -> bool {
    const ERROR: i32 = 1;
    primary_code(error) == Some(ERROR)
}
