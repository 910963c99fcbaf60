use async_trait::async_trait;
use diesel::{
    SqliteConnection, deserialize,
    result::{DatabaseErrorInformation, DatabaseErrorKind},
    sqlite::{Sqlite, SqliteType},
};
use diesel_async::{
    AsyncConnection as _, RunQueryDsl as _, pooled_connection::deadpool::Pool as DeadPool,
    sync_connection_wrapper::SyncConnectionWrapper,
};

use super::{diagnosis::diagnose, row::ReadValue, rows, statement::Statement};
use crate::{
    dialect::{self, Dialect},
    driver::{Connection, DriverError, Place, Pool, Query, Row, SqlValue, StepError, raw::RawConnection},
};

impl Pool for DeadPool<SyncConnectionWrapper<SqliteConnection>> {}

impl Connection for SyncConnectionWrapper<SqliteConnection> {}

#[async_trait]
impl RawConnection for SyncConnectionWrapper<SqliteConnection> {
    fn dialect() -> &'static dyn Dialect {
        &dialect::Sqlite
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

    /// Takes the write lock at once: a transaction that reads first could never get it later (`SQLITE_BUSY_SNAPSHOT`).
    async fn execute_all(&mut self, queries: &[Query], is_part: bool) -> Result<(), StepError> {
        let run = async |connection: &mut Self| {
            for (step, query) in queries.iter().enumerate() {
                let done = RawConnection::execute(connection, query).await;
                done.map_err(|error| StepError { step: Some(step), error })?;
            }
            Ok(())
        };
        if is_part { self.transaction(run).await } else { self.immediate_transaction(run).await }
    }
}

fn place(_kind: DatabaseErrorKind, information: &dyn DatabaseErrorInformation) -> Place {
    dialect::sqlite_place(information.message())
}

impl ReadValue for Sqlite {
    /// By the value's own storage class; what its column was declared as says little on SQLite.
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
