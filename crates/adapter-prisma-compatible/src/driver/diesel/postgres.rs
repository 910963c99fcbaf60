use async_trait::async_trait;
use diesel::{
    deserialize,
    pg::Pg,
    result::{DatabaseErrorInformation, DatabaseErrorKind, Error},
};
use diesel_async::{
    AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _,
    pooled_connection::deadpool::{Object, Pool as DeadPool, PoolError},
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
        self, Driver, Place, Pool, Query, SqlValue,
        sealed::{IntoDriver, OnConnection},
    },
};

type PgPool = DeadPool<AsyncPgConnection>;

impl Pool for PgPool {}

impl IntoDriver for PgPool {
    #[expect(private_interfaces, reason = "nobody outside can name it, which is what seals the trait")]
    fn driver(self) -> Box<dyn Driver> {
        Box::new(DieselDriver(self))
    }
}

impl driver::Connection for AsyncPgConnection {}

impl OnConnection for AsyncPgConnection {
    #[expect(private_interfaces, reason = "nobody outside can name it, which is what seals the trait")]
    fn driver(&mut self) -> Box<dyn Driver + '_> {
        Box::new(Single::new(self, true))
    }
}

#[async_trait]
impl Checkout for PgPool {
    type Connection = AsyncPgConnection;
    type Object = Object<AsyncPgConnection>;

    async fn checkout(&self) -> Result<Self::Object, PoolError> {
        self.get().await
    }

    fn discard(object: Self::Object) {
        drop(Object::take(object));
    }
}

#[async_trait]
impl Connection for AsyncPgConnection {
    fn dialect() -> &'static dyn Dialect {
        &dialect::Postgres
    }

    async fn load(&mut self, query: &Query) -> Result<Vec<Cells>, Error> {
        Statement(query).load(self).await
    }

    async fn execute(&mut self, query: &Query) -> Result<usize, Error> {
        Statement(query).execute(self).await
    }

    async fn execute_all(&mut self, queries: &[Query], _is_part: bool) -> Result<(), Failed> {
        self.transaction(async |connection| {
            for (step, query) in queries.iter().enumerate() {
                if let Err(error) = Statement(query).execute(connection).await {
                    return Err(Failed { step: Some(step), diagnosis: connection.diagnose(error).await });
                }
            }
            Ok(())
        })
        .await
    }

    async fn diagnose(&mut self, error: Error) -> Diagnosis {
        Diagnosis::of(error, place)
    }
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
        Ok(dialect::postgres_cell(value.get_oid().get(), value.as_bytes()))
    }
}
