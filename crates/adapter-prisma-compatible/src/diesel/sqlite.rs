use async_trait::async_trait;
use diesel::{
    SqliteConnection, deserialize,
    result::{DatabaseErrorInformation, DatabaseErrorKind},
    sqlite::{Sqlite, SqliteType},
};
use diesel_async::{
    AsyncConnection, RunQueryDsl as _, SimpleAsyncConnection as _, TransactionManager as _,
    pooled_connection::deadpool::Pool as DeadPool, sync_connection_wrapper::SyncConnectionWrapper,
};
use lucia_sql::driver::{Connection, Database, Driver, DriverError, Place, Pool, Query, Row, SqlValue, sqlite};

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

    /// In a transaction, another `BEGIN` fails.
    async fn is_rolled_back(&mut self) -> Result<bool, DriverError> {
        let status = <Self as AsyncConnection>::TransactionManager::transaction_manager_status_mut(self);
        let depth = status.transaction_depth().map_err(|error| diagnose(error, place))?;
        Ok(depth.is_some() && self.batch_execute("BEGIN; ROLLBACK").await.is_ok())
    }

    async fn fetch_all(&mut self, query: &Query) -> Result<Vec<Row>, DriverError> {
        match Statement(query).load(self).await {
            Ok(cells) => Ok(rows(cells)),
            Err(error) => Err(diagnose(error, place)),
        }
    }

    async fn execute(&mut self, query: &Query) -> Result<u64, DriverError> {
        match Statement(query).execute(self).await {
            Ok(count) => Ok(count as u64),
            Err(error) => Err(diagnose(error, place)),
        }
    }

    /// Takes the write lock immediately: a transaction that reads first may not get it later (`SQLITE_BUSY_SNAPSHOT`).
    async fn execute_all(&mut self, queries: &[Query], is_part: bool) -> Result<(), DriverError> {
        let run = async |connection: &mut Self| {
            for (step, query) in queries.iter().enumerate() {
                let done = RawConnection::execute(connection, query).await;
                done.map_err(|error| error.at_step(step))?;
            }
            Ok::<_, Failed>(())
        };
        let done = if is_part { self.transaction(run).await } else { self.immediate_transaction(run).await };
        done.map_err(|Failed(error)| error)
    }
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
