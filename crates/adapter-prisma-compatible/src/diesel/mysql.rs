use async_trait::async_trait;
use diesel::{
    deserialize::{self, FromSql},
    mysql::{Mysql, MysqlType, data_types::MysqlTime},
    result::Error,
    sql_types::{BigInt, Datetime, Double, Float, Unsigned},
};
use diesel_async::{
    AnsiTransactionManager, AsyncConnection as _, AsyncMysqlConnection, RunQueryDsl as _, SimpleAsyncConnection as _,
    TransactionManager as _, pooled_connection::deadpool::Pool as DeadPool,
};
use lucia_sql::driver::{
    Connection, Database, Driver, DriverError, Failure, Place, Pool, Query, Row, SqlValue, mysql as mysql_errors,
};

use super::{
    diagnosis::diagnose,
    failed::Failed,
    row::{Cells, ReadValue, rows},
    statement::Statement,
};
use crate::{
    family::Prisma,
    pooled::{ConnectionDriver, PoolDriver, RawConnection},
};

impl Pool<Prisma> for DeadPool<AsyncMysqlConnection> {
    fn driver(&self) -> Box<dyn Driver> {
        PoolDriver::retrying(self.clone())
    }
}

impl Connection<Prisma> for AsyncMysqlConnection {
    fn driver(&mut self) -> Box<dyn Driver + '_> {
        ConnectionDriver::of(self)
    }
}

#[async_trait]
impl RawConnection for AsyncMysqlConnection {
    const DATABASE: Database = Database::MySql;

    async fn transaction_has_ended(&mut self) -> Result<bool, DriverError> {
        let has_ended = async { Ok(is_in_known_transaction(self)? && !has_transaction(self).await?) };
        has_ended.await.map_err(|Failed(error)| error)
    }

    async fn fetch_all(&mut self, query: &Query) -> Result<Vec<Row>, DriverError> {
        match Statement(query).load(self).await {
            Ok(cells) => Ok(rows(cells)),
            Err(error) => Err(classify(self, error).await),
        }
    }

    async fn execute(&mut self, query: &Query) -> Result<u64, DriverError> {
        match Statement(query).execute(self).await {
            Ok(count) => Ok(count as u64),
            Err(error) => Err(classify(self, error).await),
        }
    }

    async fn execute_all(&mut self, queries: &[Query], is_part: bool) -> Result<(), DriverError> {
        // The application began a transaction, possibly with a statement of which Diesel does not know. Another `BEGIN` would
        // commit that one. Diesel's own savepoint would hide the error of a conflict, after which the server no longer
        // knows the savepoint.
        if is_part && has_transaction(self).await.map_err(|Failed(error)| error)? {
            // If this call is dropped, Diesel refuses to commit what it has written.
            let mut connection = scopeguard::guard(self, |connection| {
                AnsiTransactionManager::transaction_manager_status_mut(connection).set_in_error();
            });
            let done = in_savepoint(&mut connection, queries).await;
            scopeguard::ScopeGuard::into_inner(connection);
            return done.map_err(|Failed(error)| error);
        }
        let run = async |connection: &mut Self| run_all(connection, queries).await.map_err(Failed);
        match self.transaction(run).await {
            Ok(()) => Ok(()),
            Err(Failed(error)) => Err(reclassify(self, error).await),
        }
    }

    async fn write_all_and_fetch(&mut self, queries: &[Query]) -> Result<Vec<Row>, DriverError> {
        let run = async |connection: &mut Self| {
            let Some((query, writes)) = queries.split_last() else { return Ok(Vec::new()) };
            run_all(connection, writes).await?;
            Ok::<_, Failed>(RawConnection::fetch_all(connection, query).await?)
        };
        match self.transaction(run).await {
            Ok(rows) => Ok(rows),
            Err(Failed(error)) => Err(reclassify(self, error).await),
        }
    }
}

const DEADLOCK: u16 = 1213;

/// Classifies an error by its number, which Diesel does not provide. The server returns it until another statement
/// runs.
async fn classify(connection: &mut AsyncMysqlConnection, error: Error) -> DriverError {
    let number = last_error(connection).await;
    classified(error, number)
}

fn classified(error: Error, number: Option<u16>) -> DriverError {
    let message = match &error {
        Error::DatabaseError(_, information) => information.message().to_owned(),
        _ => String::new(),
    };
    let diagnosis = diagnose(error, |_, _| Place::default());
    // The diagnostics of a statement that lost a deadlock may be gone, because the server has rolled back its transaction.
    let is_deadlock = message.starts_with("Deadlock found when trying to get lock");
    let number = if is_deadlock { Some(DEADLOCK) } else { number };
    match number {
        Some(number) => DriverError::new(mysql_errors::failure(number, None, &message), diagnosis.source)
            .with_retry(mysql_errors::retry(number)),
        None => diagnosis,
    }
}

/// Classifies an error of a transaction that may be that of its `BEGIN` or `COMMIT`. A node of a cluster detects conflicts
/// with the transactions of others at the end.
async fn reclassify(connection: &mut AsyncMysqlConnection, error: DriverError) -> DriverError {
    if error.failure != Failure::Other {
        return error;
    }
    match last_error(connection).await {
        Some(number) => DriverError::new(mysql_errors::failure(number, None, ""), error.source)
            .with_retry(mysql_errors::retry(number)),
        // Another statement has run since, such as the `ROLLBACK` after the failure of a statement.
        None => error,
    }
}

/// Returns the number of the last error from the server. Diesel prepares every query, which MySQL refuses for
/// `SHOW ERRORS`.
async fn last_error(connection: &mut AsyncMysqlConnection) -> Option<u16> {
    // An error follows the warnings of its statement. Without any, the second statement fails.
    for sql in ["GET DIAGNOSTICS @lucia = NUMBER", "GET DIAGNOSTICS CONDITION @lucia @lucia = MYSQL_ERRNO"] {
        connection.batch_execute(sql).await.ok()?;
    }
    let cells: Vec<Cells> = Statement(&Query::new("SELECT @lucia", [])).load(connection).await.ok()?;
    let Cells(row) = cells.into_iter().next()?;
    let [SqlValue::Integer(number)] = row.as_slice() else { return None };
    u16::try_from(*number).ok()
}

async fn run_all(connection: &mut AsyncMysqlConnection, queries: &[Query]) -> Result<(), DriverError> {
    for (step, query) in queries.iter().enumerate() {
        let done = RawConnection::execute(connection, query).await;
        done.map_err(|error| error.at_step(step))?;
    }
    Ok(())
}

fn is_in_known_transaction(connection: &mut AsyncMysqlConnection) -> Result<bool, Failed> {
    Ok(AnsiTransactionManager::transaction_manager_status_mut(connection).transaction_depth()?.is_some())
}

/// Returns `true` if the server is in a transaction, whether Diesel knows of it or not.
///
/// Outside of a transaction, a savepoint is released immediately, without an error. In a transaction, this leaves a
/// savepoint.
async fn has_transaction(connection: &mut AsyncMysqlConnection) -> Result<bool, Failed> {
    const UNKNOWN_SAVEPOINT: u16 = 1305;
    batch(connection, "SAVEPOINT `lucia_call`").await?;
    match connection.batch_execute("ROLLBACK TO SAVEPOINT `lucia_call`").await {
        Ok(()) => Ok(true),
        Err(error) => match last_error(connection).await {
            Some(UNKNOWN_SAVEPOINT) => Ok(false),
            number => Err(classified(error, number).into()),
        },
    }
}

/// Runs all statements after the savepoint, and rolls back to it if one fails.
async fn in_savepoint(connection: &mut AsyncMysqlConnection, queries: &[Query]) -> Result<(), Failed> {
    let done = run_all(connection, queries).await;
    if done.is_err() {
        // After a deadlock, the server has rolled back the whole transaction with the savepoint.
        let _ = connection.batch_execute("ROLLBACK TO SAVEPOINT `lucia_call`").await;
        return done.map_err(Failed);
    }
    batch(connection, "RELEASE SAVEPOINT `lucia_call`").await
}

async fn batch(connection: &mut AsyncMysqlConnection, sql: &str) -> Result<(), Failed> {
    match connection.batch_execute(sql).await {
        Ok(()) => Ok(()),
        Err(error) => Err(classify(connection, error).await.into()),
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
            // Parses the shortest digits, so that 0.1 stays 0.1 instead of 0.10000000149.
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

#[cfg(test)]
mod tests {
    use diesel::result::{DatabaseErrorKind, Error};
    use lucia_sql::driver::{Failure, Retry};

    use super::classified;

    #[test]
    fn a_deadlock_is_retried_even_if_its_number_is_lost() {
        let message = "Deadlock found when trying to get lock; try restarting transaction".to_owned();
        let error = Error::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message));
        let classified = classified(error, None);
        assert_eq!((classified.failure, classified.retry), (Failure::Unavailable, Retry::AfterPause));
    }
}
