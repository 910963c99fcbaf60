use std::sync::Arc;

use async_trait::async_trait;
use lucia_sql::driver::{Database, DriverError, Query, Row, SqlValue};
use sqlx::{
    AssertSqlSafe, Connection as _, Row as _, Sqlite, SqliteConnection, SqlitePool, Transaction,
    pool::PoolConnection,
    query::Query as SqlxQuery,
    sqlite::{SqliteArguments, SqliteRow},
};

use super::{
    cell::cell,
    failure::{classify, primary_code},
};
use crate::{
    raw::{RawConnection, RawPool},
    sqlx_pool::idle,
};

#[async_trait]
impl RawConnection for SqliteConnection {
    const DATABASE: Database = Database::Sqlite;

    /// Fetches one row, because waiting for the end of the rows would cost one more message of sqlx's thread.
    async fn fetch_optional(&mut self, query: &Query) -> Result<Option<Row>, DriverError> {
        let row = bind(query).fetch_optional(self).await.map_err(classify)?;
        row.as_ref().map(cells).transpose().map_err(classify)
    }

    async fn fetch_all(&mut self, query: &Query) -> Result<Vec<Row>, DriverError> {
        let rows = bind(query).fetch_all(self).await.map_err(classify)?;
        rows.iter().map(cells).collect::<Result<_, _>>().map_err(classify)
    }

    async fn execute(&mut self, query: &Query) -> Result<u64, DriverError> {
        let done = bind(query).execute(self).await.map_err(classify)?;
        Ok(done.rows_affected())
    }

    async fn execute_all(&mut self, queries: &[Query], is_part: bool) -> Result<(), DriverError> {
        if !is_part {
            // Takes the write lock immediately: a transaction that reads first may not get it later
            // (`SQLITE_BUSY_SNAPSHOT`).
            let transaction = self.begin_with("BEGIN IMMEDIATE").await;
            return run_all(transaction.map_err(classify)?, queries).await;
        }
        let error = match self.begin().await {
            Ok(transaction) => return run_all(transaction, queries).await,
            Err(error) => error,
        };
        if is_in_foreign_transaction(&error) { in_savepoint(self, queries).await } else { Err(classify(error)) }
    }
}

#[async_trait]
impl RawPool for SqlitePool {
    type Connection = SqliteConnection;
    type Object = PoolConnection<Sqlite>;

    fn idle(&self) -> usize {
        idle(self)
    }

    /// Keeps the connection, because closing it would delete a database in memory.
    fn must_discard_on_drop(&self, _is_transaction: bool) -> bool {
        false
    }

    async fn checkout(&self) -> Result<PoolConnection<Sqlite>, DriverError> {
        self.acquire().await.map_err(classify)
    }

    fn connection(object: &mut PoolConnection<Sqlite>) -> &mut SqliteConnection {
        object
    }

    fn discard(mut object: PoolConnection<Sqlite>) {
        object.close_on_drop();
    }

    async fn forget_statements(object: &mut PoolConnection<Sqlite>) -> bool {
        object.clear_cached_statements().await.is_ok()
    }
}

/// Runs all statements. If one fails, the transaction is dropped, and rolled back before the next statement on its
/// connection.
async fn run_all(mut transaction: Transaction<'_, Sqlite>, queries: &[Query]) -> Result<(), DriverError> {
    for (step, query) in queries.iter().enumerate() {
        transaction.execute(query).await.map_err(|error| error.at_step(step))?;
    }
    transaction.commit().await.map_err(classify)
}

/// Returns `true` if the application began a transaction with a statement of which sqlx does not know: a `BEGIN` that
/// takes no lock fails for no other reason.
fn is_in_foreign_transaction(error: &sqlx::Error) -> bool {
    const ERROR: i32 = 1;
    primary_code(error) == Some(ERROR)
}

/// Runs all statements after a savepoint, and rolls back to it if one fails.
async fn in_savepoint(connection: &mut SqliteConnection, queries: &[Query]) -> Result<(), DriverError> {
    let set = sqlx::raw_sql("SAVEPOINT lucia").execute(&mut *connection).await;
    set.map_err(classify)?;
    for (step, query) in queries.iter().enumerate() {
        if let Err(error) = connection.execute(query).await {
            // After some failures, SQLite has rolled back the whole transaction with the savepoint.
            let _ = sqlx::raw_sql("ROLLBACK TO lucia; RELEASE lucia").execute(connection).await;
            return Err(error.at_step(step));
        }
    }
    let released = sqlx::raw_sql("RELEASE lucia").execute(connection).await;
    released.map(drop).map_err(classify)
}

/// Binds the parameters. The text was rendered from quoted names, and contains no value.
fn bind(query: &Query) -> SqlxQuery<'_, Sqlite, SqliteArguments> {
    let statement = sqlx::query(AssertSqlSafe(Arc::clone(query.sql())));
    query.bound().fold(statement, |statement, parameter| match parameter {
        SqlValue::Null => statement.bind(None::<i64>),
        SqlValue::Boolean(value) => statement.bind(i64::from(*value)),
        SqlValue::Integer(value) => statement.bind(*value),
        SqlValue::Real(value) => statement.bind(*value),
        SqlValue::Text(value) => statement.bind(value.as_str()),
        SqlValue::Blob(value) => statement.bind(value.as_slice()),
    })
}

fn cells(row: &SqliteRow) -> Result<Row, sqlx::Error> {
    (0..row.len()).map(|index| cell(row.try_get_raw(index)?).map_err(sqlx::Error::Decode)).collect()
}
