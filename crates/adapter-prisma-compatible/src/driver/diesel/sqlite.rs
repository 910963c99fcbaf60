use async_trait::async_trait;
use diesel::{
    SqliteConnection, deserialize,
    result::Error,
    sqlite::{Sqlite, SqliteType},
};
use diesel_async::{
    AsyncConnection as _, RunQueryDsl as _,
    pooled_connection::deadpool::{Object, Pool as DeadPool, PoolError},
    sync_connection_wrapper::SyncConnectionWrapper,
};

use super::{
    connection::Single,
    diagnosis::Diagnosis,
    pool::{Checkout, Connection, DieselDriver, Failed},
    row::{Cells, ReadValue},
    statement::Statement,
};
use crate::{
    dialect::{self, Dialect},
    driver::{
        self, Driver, Pool, Query, SqlValue,
        sealed::{IntoDriver, OnConnection},
    },
};

type SqlitePool = DeadPool<SyncConnectionWrapper<SqliteConnection>>;

impl Pool for SqlitePool {}

impl IntoDriver for SqlitePool {
    #[expect(private_interfaces, reason = "nobody outside can name it, which is what seals the trait")]
    fn driver(self) -> Box<dyn Driver> {
        Box::new(DieselDriver(self))
    }
}

impl driver::Connection for SyncConnectionWrapper<SqliteConnection> {}

impl OnConnection for SyncConnectionWrapper<SqliteConnection> {
    #[expect(private_interfaces, reason = "nobody outside can name it, which is what seals the trait")]
    fn driver(&mut self) -> Box<dyn Driver + '_> {
        Box::new(Single::new(self, false))
    }
}

#[async_trait]
impl Checkout for SqlitePool {
    type Connection = SyncConnectionWrapper<SqliteConnection>;
    type Object = Object<Self::Connection>;

    async fn checkout(&self) -> Result<Self::Object, PoolError> {
        self.get().await
    }

    fn discard(object: Self::Object) {
        drop(Object::take(object));
    }
}

#[async_trait]
impl Connection for SyncConnectionWrapper<SqliteConnection> {
    fn dialect() -> &'static dyn Dialect {
        &dialect::Sqlite
    }

    async fn load(&mut self, query: &Query) -> Result<Vec<Cells>, Error> {
        Statement(query).load(self).await
    }

    async fn execute(&mut self, query: &Query) -> Result<usize, Error> {
        Statement(query).execute(self).await
    }

    /// Takes the write lock at once: a transaction that reads first could never get it later (`SQLITE_BUSY_SNAPSHOT`).
    async fn execute_all(&mut self, queries: &[Query], is_part: bool) -> Result<(), Failed> {
        let run = async |connection: &mut Self| {
            for (step, query) in queries.iter().enumerate() {
                if let Err(error) = Statement(query).execute(connection).await {
                    return Err(Failed { step: Some(step), diagnosis: connection.diagnose(error).await });
                }
            }
            Ok(())
        };
        if is_part { self.transaction(run).await } else { self.immediate_transaction(run).await }
    }

    async fn diagnose(&mut self, error: Error) -> Diagnosis {
        Diagnosis::of(error, |_, information| dialect::sqlite_place(information.message()))
    }
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
