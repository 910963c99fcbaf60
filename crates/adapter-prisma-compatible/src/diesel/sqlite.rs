use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::{
    QueryResult, SqliteConnection,
    connection::{AnsiTransactionManager as Manager, SimpleConnection as _, TransactionManager as _},
    deserialize,
    result::{DatabaseErrorInformation, DatabaseErrorKind, Error},
    sqlite::{Sqlite, SqliteType},
};
use diesel_async::{
    RunQueryDsl as _, pooled_connection::deadpool::Pool as DeadPool, sync_connection_wrapper::SyncConnectionWrapper,
};
use lucia_sql::driver::{Connection, Database, Driver, DriverError, Place, Pool, Query, Row, SqlValue, sqlite};

use super::{
    diagnosis::diagnose,
    row::{ReadValue, rows},
    statement::Statement,
};
use crate::{
    family::Prisma,
    pooled::{ConnectionDriver, PoolDriver, RawConnection},
};

impl Pool<Prisma> for DeadPool<SyncConnectionWrapper<SqliteConnection>> {
    fn driver(&self) -> Box<dyn Driver> {
        PoolDriver::retrying(self.clone())
    }
}

impl Connection<Prisma> for SyncConnectionWrapper<SqliteConnection> {
    fn driver(&mut self) -> Box<dyn Driver + '_> {
        ConnectionDriver::of(self)
    }
}

#[async_trait]
impl RawConnection for SyncConnectionWrapper<SqliteConnection> {
    const DATABASE: Database = Database::Sqlite;

    async fn transaction_has_ended(&mut self) -> Result<bool, DriverError> {
        self.spawn_blocking(|connection| Ok(has_ended(connection))).await.and_then(|ended| ended).map_err(classify)
    }

    async fn fetch_all(&mut self, query: &Query) -> Result<Vec<Row>, DriverError> {
        match Statement(query).load(self).await {
            Ok(cells) => Ok(rows(cells)),
            Err(error) => Err(classify(error)),
        }
    }

    async fn execute(&mut self, query: &Query) -> Result<u64, DriverError> {
        match Statement(query).execute(self).await {
            Ok(count) => Ok(count as u64),
            Err(error) => Err(classify(error)),
        }
    }

    /// All statements run even if this call is dropped.
    async fn execute_all(&mut self, queries: &[Query], is_part: bool) -> Result<(), DriverError> {
        let queries = queries.to_vec();
        let run = move |connection: &mut _| Ok(run_in_transaction(connection, &queries, is_part));
        self.spawn_blocking(run).await.map_err(classify)?
    }
}

/// Returns `true` if Diesel knows of a transaction that is no longer open.
fn has_ended(connection: &mut SqliteConnection) -> QueryResult<bool> {
    if depth(connection)?.is_none() {
        return Ok(false);
    }
    match connection.batch_execute("BEGIN; ROLLBACK") {
        Ok(()) => Ok(true),
        Err(error) if is_nested(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

fn run_in_transaction(connection: &mut SqliteConnection, queries: &[Query], is_part: bool) -> Result<(), DriverError> {
    begin(connection, is_part).map_err(classify)?;
    let level = depth(connection).map_err(classify)?.map_or(0, NonZeroU32::get);
    let done = run_all(connection, queries);
    let ended = if done.is_ok() { Manager::commit_transaction(connection) } else { roll_back(connection, level) };
    done.and(ended.map_err(classify))
}

/// Begins a transaction, or a savepoint if it may be a part of one.
fn begin(connection: &mut SqliteConnection, is_part: bool) -> QueryResult<()> {
    if is_part {
        Manager::begin_transaction(connection)
    } else {
        // Takes the write lock immediately: a transaction that reads first may not get it later
        // (`SQLITE_BUSY_SNAPSHOT`).
        Manager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")
    }
}

/// Rolls back the transaction, or the savepoint of one, at this level.
///
/// SQLite may have rolled back all levels by itself. Diesel would then return the error of its own rollback, and forget
/// the transaction of the application, so that later calls were committed at once.
fn roll_back(connection: &mut SqliteConnection, level: u32) -> QueryResult<()> {
    let replaces = connection.batch_execute("BEGIN").is_ok();
    if level == 1 || !replaces {
        return Manager::rollback_transaction(connection);
    }
    connection.batch_execute(&format!("SAVEPOINT diesel_savepoint_{}", level - 1))?;
    Manager::rollback_transaction(connection)?;
    connection.batch_execute("ROLLBACK")
}

fn run_all(connection: &mut SqliteConnection, queries: &[Query]) -> Result<(), DriverError> {
    for (step, query) in queries.iter().enumerate() {
        let done = diesel::RunQueryDsl::execute(Statement(query), connection);
        done.map_err(|error| classify(error).at_step(step))?;
    }
    Ok(())
}

/// Returns the number of transactions and savepoints of which Diesel knows.
fn depth(connection: &mut SqliteConnection) -> QueryResult<Option<NonZeroU32>> {
    Manager::transaction_manager_status_mut(connection).transaction_depth()
}

fn classify(error: Error) -> DriverError {
    diagnose(error, place)
}

/// Returns `true` if a `BEGIN` failed in a transaction. Diesel does not provide the code of the error.
fn is_nested(error: &Error) -> bool {
    const NESTED: &str = "cannot start a transaction within a transaction";
    matches!(error, Error::DatabaseError(_, information) if information.message() == NESTED)
}

fn place(_kind: DatabaseErrorKind, information: &dyn DatabaseErrorInformation) -> Place {
    sqlite::place(information.message())
}

impl ReadValue for Sqlite {
    /// Reads a value by its storage class, because on SQLite it does not depend on the declared type of the column.
    fn read(mut value: Self::RawValue<'_>) -> deserialize::Result<SqlValue> {
        Ok(match value.value_type() {
            None => SqlValue::Null,
            Some(SqliteType::Text) => match String::from_utf8(value.read_blob().to_vec()) {
                Ok(text) => SqlValue::Text(text),
                Err(error) => SqlValue::Blob(error.into_bytes()),
            },
            Some(SqliteType::Binary) => SqlValue::Blob(value.read_blob().to_vec()),
            Some(SqliteType::Float | SqliteType::Double) => SqlValue::Real(value.read_double()),
            Some(SqliteType::SmallInt | SqliteType::Integer | SqliteType::Long) => SqlValue::Integer(value.read_long()),
        })
    }
}

#[cfg(test)]
mod tests {
    use diesel_async::{AsyncConnection as _, SimpleAsyncConnection as _};

    use super::*;

    #[tokio::test]
    async fn only_the_error_of_a_nested_begin_means_a_transaction() {
        let mut connection = SyncConnectionWrapper::<SqliteConnection>::establish(":memory:").await.unwrap();
        for statement in ["BEGIN OTHERWISE", "COMMIT", "SAVEPOINT one; RELEASE two", "BEGIN; BEGIN"] {
            let error = connection.batch_execute(statement).await.unwrap_err();
            assert_eq!(is_nested(&error), statement == "BEGIN; BEGIN", "{statement}: {error}");
        }
    }
}
