use async_trait::async_trait;
use diesel::{
    deserialize::{self, FromSql},
    mysql::{Mysql, MysqlType, data_types::MysqlTime},
    result::Error,
    sql_types::{BigInt, Datetime, Double, Float, Unsigned},
};
use diesel_async::{
    AsyncConnection as _, AsyncMysqlConnection, RunQueryDsl as _,
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

    /// Diesel does not tell the number of the error. The server does, as long as no other statement has been run.
    async fn diagnose(&mut self, error: Error) -> Diagnosis {
        let told = Connection::load(self, &Query::once("SHOW ERRORS", [])).await.unwrap_or_default();
        let mut diagnosis = Diagnosis::of(error, |_, _| Place::default());
        let told = told.into_iter().next().map(|Cells(row)| row);
        if let Some([_, SqlValue::Integer(number), SqlValue::Text(message)]) = told.as_deref() {
            let number = u16::try_from(*number).unwrap_or_default();
            diagnosis.error.failure = dialect::mysql_failure::failure(number, None, message);
            diagnosis.in_the_way = dialect::mysql_failure::is_in_the_way(number);
        }
        diagnosis
    }
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
