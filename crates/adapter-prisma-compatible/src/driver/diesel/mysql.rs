use async_trait::async_trait;
use diesel::{
    deserialize::{self, FromSql},
    mysql::{Mysql, MysqlType, data_types::MysqlTime},
    result::Error,
    sql_types::{BigInt, Datetime, Double, Float, Unsigned},
};
use diesel_async::{
    AnsiTransactionManager, AsyncConnection as _, AsyncMysqlConnection, RunQueryDsl as _, SimpleAsyncConnection as _,
    TransactionManager as _,
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

type MySqlPool = DeadPool<AsyncMysqlConnection>;

impl Pool for MySqlPool {}

impl IntoDriver for MySqlPool {
    #[expect(private_interfaces, reason = "nobody outside can name it, which is what seals the trait")]
    fn driver(self) -> Box<dyn Driver> {
        Box::new(DieselDriver(self))
    }
}

impl driver::Connection for AsyncMysqlConnection {}

impl OnConnection for AsyncMysqlConnection {
    #[expect(private_interfaces, reason = "nobody outside can name it, which is what seals the trait")]
    fn driver(&mut self) -> Box<dyn Driver + '_> {
        Box::new(Single::new(self, false))
    }
}

#[async_trait]
impl Checkout for MySqlPool {
    type Connection = AsyncMysqlConnection;
    type Object = Object<AsyncMysqlConnection>;

    async fn checkout(&self) -> Result<Self::Object, PoolError> {
        self.get().await
    }

    fn discard(object: Self::Object) {
        drop(Object::take(object));
    }
}

#[async_trait]
impl Connection for AsyncMysqlConnection {
    fn dialect() -> &'static dyn Dialect {
        &dialect::MySql
    }

    async fn load(&mut self, query: &Query) -> Result<Vec<Cells>, Error> {
        Statement(query).load(self).await
    }

    async fn execute(&mut self, query: &Query) -> Result<usize, Error> {
        Statement(query).execute(self).await
    }

    async fn execute_all(&mut self, queries: &[Query], is_part: bool) -> Result<(), Failed> {
        if is_part && is_in_foreign_transaction(self).await? {
            return within(self, queries).await;
        }
        self.transaction(async |connection| run_all(connection, queries).await).await
    }

    /// Diesel does not tell the number of the error. The server does, as long as no other statement has been run.
    async fn diagnose(&mut self, error: Error) -> Diagnosis {
        let mut diagnosis = Diagnosis::of(error, |_, _| Place::default());
        if let Some((number, message)) = told(self).await {
            diagnosis.error.failure = dialect::mysql_failure::failure(number, None, &message);
            diagnosis.in_the_way = dialect::mysql_failure::is_in_the_way(number);
        }
        diagnosis
    }
}

/// What the server says of the last error: its number, and its message.
async fn told(connection: &mut AsyncMysqlConnection) -> Option<(u16, String)> {
    let told = Connection::load(connection, &Query::once("SHOW ERRORS", [])).await.ok()?;
    let Cells(row) = told.into_iter().next()?;
    let [_, SqlValue::Integer(number), SqlValue::Text(message)] = row.as_slice() else { return None };
    Some((u16::try_from(*number).ok()?, message.clone()))
}

async fn run_all(connection: &mut AsyncMysqlConnection, queries: &[Query]) -> Result<(), Failed> {
    for (step, query) in queries.iter().enumerate() {
        if let Err(error) = Statement(query).execute(connection).await {
            return Err(Failed { step: Some(step), diagnosis: connection.diagnose(error).await });
        }
    }
    Ok(())
}

/// Whether the application began a transaction with a statement of its own, of which Diesel knows nothing: one more `BEGIN`
/// would commit it. Outside of a transaction a savepoint is gone at once, and no error. In one it stays.
async fn is_in_foreign_transaction(connection: &mut AsyncMysqlConnection) -> Result<bool, Failed> {
    const NO_SAVEPOINT: u16 = 1305;
    if AnsiTransactionManager::transaction_manager_status_mut(connection).transaction_depth()?.is_some() {
        return Ok(false);
    }
    connection.batch_execute("SAVEPOINT `lucia`").await?;
    match connection.batch_execute("ROLLBACK TO SAVEPOINT `lucia`").await {
        Ok(()) => Ok(true),
        Err(_) if told(connection).await.is_some_and(|(number, _)| number == NO_SAVEPOINT) => Ok(false),
        Err(error) => Err(Failed { step: None, diagnosis: connection.diagnose(error).await }),
    }
}

/// Runs all statements behind the savepoint, or none of them.
async fn within(connection: &mut AsyncMysqlConnection, queries: &[Query]) -> Result<(), Failed> {
    let done = run_all(connection, queries).await;
    if done.is_err() {
        // After a deadlock the whole transaction is gone, and the savepoint with it.
        let _ = connection.batch_execute("ROLLBACK TO SAVEPOINT `lucia`").await;
        return done;
    }
    Ok(connection.batch_execute("RELEASE SAVEPOINT `lucia`").await?)
}

impl ReadValue for Mysql {
    fn read(value: Self::RawValue<'_>) -> deserialize::Result<SqlValue> {
        Ok(match value.value_type() {
            MysqlType::Tiny | MysqlType::Short | MysqlType::Long | MysqlType::LongLong => {
                SqlValue::Integer(FromSql::<BigInt, Self>::from_sql(value)?)
            }
            MysqlType::UnsignedTiny
            | MysqlType::UnsignedShort
            | MysqlType::UnsignedLong
            | MysqlType::UnsignedLongLong => {
                let number: u64 = FromSql::<Unsigned<BigInt>, Self>::from_sql(value)?;
                i64::try_from(number).map_or_else(|_| SqlValue::Text(number.to_string()), SqlValue::Integer)
            }
            // As everybody prints it: 0.1 is 0.1, and not 0.10000000149.
            MysqlType::Float => {
                let single: f32 = FromSql::<Float, Self>::from_sql(value)?;
                SqlValue::Real(single.to_string().parse()?)
            }
            MysqlType::Double => SqlValue::Real(FromSql::<Double, Self>::from_sql(value)?),
            MysqlType::Date | MysqlType::DateTime | MysqlType::Timestamp => {
                let time: MysqlTime = FromSql::<Datetime, Self>::from_sql(value)?;
                let MysqlTime { year, month, day, hour, minute, second, second_part, .. } = time;
                SqlValue::Text(format!(
                    "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{second_part:06}"
                ))
            }
            MysqlType::Blob | MysqlType::Bit => SqlValue::Blob(value.as_bytes().to_vec()),
            _ => match String::from_utf8(value.as_bytes().to_vec()) {
                Ok(text) => SqlValue::Text(text),
                Err(error) => SqlValue::Blob(error.into_bytes()),
            },
        })
    }
}
