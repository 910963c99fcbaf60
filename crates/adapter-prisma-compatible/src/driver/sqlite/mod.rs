//! SQLite through sqlx: ready-made connection settings, and the driver itself.

mod connect;
mod connection;

use std::error::Error as StdError;

use async_trait::async_trait;
use sqlx::{
    AssertSqlSafe, Decode, Row as _, Sqlite, SqlitePool, Transaction, TypeInfo as _, ValueRef as _,
    error::ErrorKind,
    query::Query as SqlxQuery,
    sqlite::{SqliteArguments, SqliteRow, SqliteValueRef},
};

pub use self::connect::{InvalidUrl, connect, connect_options, pool_options};
use super::{Attempts, Driver, DriverError, Failure, Place, Pool, Query, Row, SqlValue, StepError, sealed::IntoDriver};
use crate::dialect::{self, Dialect};

impl Pool for SqlitePool {}

impl IntoDriver for SqlitePool {
    #[expect(private_interfaces, reason = "nobody outside can name it, which is what seals the trait")]
    fn driver(self) -> Box<dyn Driver> {
        Box::new(SqliteDriver(self))
    }
}

#[derive(Debug)]
struct SqliteDriver(SqlitePool);

#[async_trait]
impl Driver for SqliteDriver {
    fn dialect(&self) -> &'static dyn Dialect {
        &dialect::Sqlite
    }

    async fn fetch_optional(&self, query: &Query) -> Result<Option<Row>, DriverError> {
        let mut attempts = Attempts::default();
        loop {
            match bind(query).fetch_optional(&self.0).await {
                Ok(row) => return row.as_ref().map(cells).transpose().map_err(classify),
                Err(error) if attempts.may_repeat(is_locked(&error)).await => {}
                Err(error) => return Err(classify(error)),
            }
        }
    }

    async fn fetch_all(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        let mut attempts = Attempts::default();
        loop {
            match bind(query).fetch_all(&self.0).await {
                Ok(rows) => return rows.iter().map(cells).collect::<Result<_, _>>().map_err(classify),
                Err(error) if attempts.may_repeat(is_locked(&error)).await => {}
                Err(error) => return Err(classify(error)),
            }
        }
    }

    async fn execute(&self, query: &Query) -> Result<u64, DriverError> {
        let mut attempts = Attempts::default();
        loop {
            match bind(query).execute(&self.0).await {
                Ok(done) => return Ok(done.rows_affected()),
                Err(error) if attempts.may_repeat(is_locked(&error)).await => {}
                Err(error) => return Err(classify(error)),
            }
        }
    }

    async fn execute_all(&self, queries: &[Query]) -> Result<(), StepError> {
        let mut attempts = Attempts::default();
        loop {
            match self.transaction(queries).await {
                Ok(()) => return Ok(()),
                Err((_, error)) if attempts.may_repeat(is_locked(&error)).await => {}
                Err((step, error)) => return Err(StepError { step, error: classify(error) }),
            }
        }
    }
}

impl SqliteDriver {
    /// Takes the write lock at once: a transaction that reads first could never get it later (`SQLITE_BUSY_SNAPSHOT`).
    async fn transaction(&self, queries: &[Query]) -> Result<(), (Option<usize>, sqlx::Error)> {
        match self.0.begin_with("BEGIN IMMEDIATE").await {
            Ok(transaction) => run_all(transaction, queries).await,
            Err(error) => Err((None, error)),
        }
    }
}

/// Dropped after a failure, the transaction is rolled back before whatever comes next on its connection.
async fn run_all(
    mut transaction: Transaction<'_, Sqlite>,
    queries: &[Query],
) -> Result<(), (Option<usize>, sqlx::Error)> {
    for (step, query) in queries.iter().enumerate() {
        bind(query).execute(&mut *transaction).await.map_err(|error| (Some(step), error))?;
    }
    transaction.commit().await.map_err(|error| (None, error))
}

/// The text was rendered by this crate from quoted names; every value is a parameter.
fn bind(query: &Query) -> SqlxQuery<'_, Sqlite, SqliteArguments> {
    let statement = sqlx::query(AssertSqlSafe(query.sql()));
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

/// Reads a value by its own storage class; what its column was declared as says little on SQLite.
fn cell(value: SqliteValueRef<'_>) -> Result<SqlValue, Box<dyn StdError + Send + Sync>> {
    if value.is_null() {
        return Ok(SqlValue::Null);
    }
    let class = value.type_info();
    Ok(match class.name() {
        "INTEGER" => SqlValue::Integer(Decode::<Sqlite>::decode(value)?),
        "REAL" => SqlValue::Real(Decode::<Sqlite>::decode(value)?),
        "TEXT" => match String::from_utf8(Decode::<Sqlite>::decode(value)?) {
            Ok(text) => SqlValue::Text(text),
            Err(error) => SqlValue::Blob(error.into_bytes()),
        },
        _ => SqlValue::Blob(Decode::<Sqlite>::decode(value)?),
    })
}

fn classify(error: sqlx::Error) -> DriverError {
    let failure = match &error {
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Io(_)
        | sqlx::Error::Tls(_) => Failure::Unavailable,
        sqlx::Error::Database(database) => match database.kind() {
            ErrorKind::UniqueViolation => Failure::Unique(dialect::sqlite_place(database.message())),
            ErrorKind::ForeignKeyViolation => Failure::ForeignKey(Place::default()),
            ErrorKind::NotNullViolation => Failure::NotNull(dialect::sqlite_place(database.message())),
            ErrorKind::CheckViolation => Failure::Check(Place::default()),
            _ if is_unavailable(primary_code(&error)) => Failure::Unavailable,
            _ => Failure::Other,
        },
        _ => Failure::Other,
    };
    DriverError { failure, source: Box::new(error) }
}

/// The primary result code of SQLite.
fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code = error.as_database_error()?.code()?.parse::<i32>().ok()?;
    Some(code & 0xFF)
}

/// Whether somebody else holds a lock.
///
/// The busy timeout of the connection covers most locks. It covers neither those between connections that share a cache,
/// nor a pool of the application that has none; and a writer may be unlucky for longer than it lasts.
fn is_locked(error: &sqlx::Error) -> bool {
    const BUSY: i32 = 5;
    const LOCKED: i32 = 6;
    matches!(primary_code(error), Some(BUSY | LOCKED))
}

/// Busy, locked, interrupted, out of memory, an I/O error, disk full, or a file that cannot be opened or locked.
fn is_unavailable(primary_code: Option<i32>) -> bool {
    matches!(primary_code, Some(5 | 6 | 7 | 9 | 10 | 13 | 14 | 15))
}
