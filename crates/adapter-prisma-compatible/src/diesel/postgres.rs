use async_trait::async_trait;
use diesel::{
    deserialize,
    pg::Pg,
    result::{DatabaseErrorInformation, DatabaseErrorKind, Error},
};
use diesel_async::{
    AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _, pooled_connection::deadpool::Pool as DeadPool,
};
use lucia_sql::driver::{
    Connection, Database, Driver, DriverError, Failure, Place, Pool, Query, Retry, Row, SqlValue, postgres,
};

use super::{
    diagnosis::diagnose,
    failed::Failed,
    row::{ReadValue, rows},
    statement::Statement,
};
use crate::{
    family::Prisma,
    pooled::{ConnectionDriver, PoolDriver, RawConnection},
};

impl Pool<Prisma> for DeadPool<AsyncPgConnection> {
    fn driver(&self) -> Box<dyn Driver> {
        PoolDriver::retrying(self.clone())
    }
}

impl Connection<Prisma> for AsyncPgConnection {
    fn driver(&mut self) -> Box<dyn Driver + '_> {
        ConnectionDriver::of(self)
    }
}

#[async_trait]
impl RawConnection for AsyncPgConnection {
    const DATABASE: Database = Database::Postgres;
    const ABORTS_ON_ERROR: bool = true;

    async fn fetch_all(&mut self, query: &Query) -> Result<Vec<Row>, DriverError> {
        match Statement(query).load(self).await {
            Ok(cells) => Ok(rows(cells)),
            Err(error) => Err(retry_unclassified(diagnose(error, place))),
        }
    }

    async fn write_and_fetch(&mut self, query: &Query) -> Result<Vec<Row>, DriverError> {
        Statement(query).load(self).await.map(rows).map_err(diagnose_write)
    }

    async fn execute(&mut self, query: &Query) -> Result<u64, DriverError> {
        Statement(query).execute(self).await.map(|count| count as u64).map_err(diagnose_write)
    }

    async fn execute_all(&mut self, queries: &[Query], _is_part: bool) -> Result<(), DriverError> {
        let mut commits = false;
        let done = self.transaction(async |connection| {
            for (step, query) in queries.iter().enumerate() {
                let done = RawConnection::execute(connection, query).await;
                done.map_err(|error| error.before_commit().at_step(step))?;
            }
            commits = true;
            Ok(())
        });
        let done = done.await;
        done.map_err(|Failed(error)| if commits { unclear_commit(error) } else { retry_unclassified(error) })
    }
}

/// Marks an error of `COMMIT` without a kind as an outage. A pooler may report in this way that it lost the server, which may
/// have committed. A second attempt would then find the rows of the first one.
fn unclear_commit(mut error: DriverError) -> DriverError {
    if error.failure == Failure::Other {
        error.failure = Failure::Unavailable;
    }
    error
}

/// Marks errors without a kind for a retry without prepared statements. Diesel has no kind for a prepared statement
/// whose columns have changed or that was deallocated, so every unclassified read is retried once, and every transaction
/// that has not come to its `COMMIT`.
fn retry_unclassified(error: DriverError) -> DriverError {
    if error.failure == Failure::Other { error.with_retry(Retry::Unprepared) } else { error }
}

/// Marks the error of a write that commits itself. It is retried only if its message says that the server has not run it:
/// another error without a kind may be that of a pooler that lost the server. A server that is set to another language has
/// other messages, and the write fails.
fn diagnose_write(error: Error) -> DriverError {
    let is_safe = matches!(&error, Error::DatabaseError(_, information) if has_no_effect(information.message()));
    let error = diagnose(error, place);
    if is_safe { error.with_retry(Retry::Unprepared) } else { error }
}

/// Returns `true` if the message shows that the statement has no effect: that of a deadlock or a timeout, or of a prepared
/// statement that has other columns or was deallocated.
fn has_no_effect(message: &str) -> bool {
    ["deadlock detected", "cached plan must not change result type"].contains(&message)
        || message.starts_with("canceling statement due to ")
        || message.starts_with("prepared statement ") && message.ends_with(" does not exist")
}

fn place(_kind: DatabaseErrorKind, information: &dyn DatabaseErrorInformation) -> Place {
    Place {
        table: information.table_name().map(ToOwned::to_owned),
        column: information.column_name().map(ToOwned::to_owned),
        constraint: information.constraint_name().map(ToOwned::to_owned),
    }
}

impl ReadValue for Pg {
    fn read(value: Self::RawValue<'_>) -> deserialize::Result<SqlValue> {
        Ok(postgres::read(value.get_oid().get(), value.as_bytes()))
    }
}
