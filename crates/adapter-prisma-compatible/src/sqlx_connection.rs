//! Connections and pools of sqlx.

#[cfg(any(feature = "mysql", feature = "postgres"))]
use std::path::PathBuf;
#[cfg(any(feature = "mysql", feature = "sqlite"))]
use std::sync::Arc;

use async_trait::async_trait;
use lucia_sql::driver::{Database as DatabaseKind, DriverError, Failure, Query, Row, SqlValue};
#[cfg(any(feature = "mysql", feature = "sqlite"))]
use sqlx::{AssertSqlSafe, Encode, Type};
use sqlx::{
    ColumnIndex, Connection, Database, Executor, IntoArguments, Pool, Row as _, Transaction,
    database::HasStatementCache, error::BoxDynError, pool::PoolConnection, query::Query as SqlxQuery,
};
#[cfg(any(feature = "mysql", feature = "sqlite"))]
use sqlx_core::transaction::TransactionManager as _;

use crate::pooled::{RawConnection, RawPool};

/// A connection of sqlx.
#[async_trait]
pub(crate) trait SqlxConnection: Connection {
    const DATABASE: DatabaseKind;
    const ABORTS_ON_ERROR: bool = false;

    /// `true` if a query is left at its first row. Otherwise, rows that are not read would stay on the connection.
    const STOPS_AT_FIRST_ROW: bool = false;

    /// `true` if a connection of a pool must be closed when a call on it is dropped.
    const MUST_DISCARD_ON_DROP: bool;

    /// Returns the address of the server, or the path of the file, without credentials.
    fn address(options: &Self::Options) -> String;

    /// Binds the parameters. The text was rendered from quoted names, and contains no value.
    fn bind<'q>(&self, query: &'q Query) -> SqlxQuery<'q, Self::Database, <Self::Database as Database>::Arguments>;

    fn read(value: <Self::Database as Database>::ValueRef<'_>) -> Result<SqlValue, BoxDynError>;

    fn rows_affected(result: &<Self::Database as Database>::QueryResult) -> u64;

    fn classify(error: sqlx::Error) -> DriverError;

    /// Returns `true` if the transaction of sqlx is no longer open, which sqlx does not notice.
    async fn transaction_has_ended(&mut self) -> Result<bool, DriverError> {
        Ok(false)
    }

    /// Runs all statements in one transaction, as [`RawConnection::execute_all`] does.
    async fn run_in_transaction(&mut self, queries: &[Query], is_part: bool) -> Result<(), DriverError>;

    /// Runs all statements in one transaction, as [`RawConnection::write_all_and_fetch`] does.
    async fn fetch_in_transaction(&mut self, queries: &[Query]) -> Result<Vec<Row>, DriverError> {
        let _ = queries;
        Err(DriverError::new(Failure::Other, "not implemented for this database"))
    }
}

#[async_trait]
impl<C> RawConnection for C
where
    C: SqlxConnection,
    for<'c> &'c mut C: Executor<'c, Database = C::Database>,
    <C::Database as Database>::Arguments: IntoArguments<C::Database>,
    usize: ColumnIndex<<C::Database as Database>::Row>,
{
    const DATABASE: DatabaseKind = C::DATABASE;
    const ABORTS_ON_ERROR: bool = C::ABORTS_ON_ERROR;

    async fn transaction_has_ended(&mut self) -> Result<bool, DriverError> {
        SqlxConnection::transaction_has_ended(self).await
    }

    async fn fetch_optional(&mut self, query: &Query) -> Result<Option<Row>, DriverError> {
        if !C::STOPS_AT_FIRST_ROW {
            return Ok(RawConnection::fetch_all(self, query).await?.into_iter().next());
        }
        let row = self.bind(query).fetch_optional(self).await.map_err(C::classify)?;
        row.as_ref().map(cells::<C>).transpose().map_err(C::classify)
    }

    async fn fetch_all(&mut self, query: &Query) -> Result<Vec<Row>, DriverError> {
        let rows = self.bind(query).fetch_all(self).await.map_err(C::classify)?;
        rows.iter().map(cells::<C>).collect::<Result<_, _>>().map_err(C::classify)
    }

    async fn execute(&mut self, query: &Query) -> Result<u64, DriverError> {
        let done = self.bind(query).execute(self).await.map_err(C::classify)?;
        Ok(C::rows_affected(&done))
    }

    async fn execute_all(&mut self, queries: &[Query], is_part: bool) -> Result<(), DriverError> {
        self.run_in_transaction(queries, is_part).await
    }

    async fn write_all_and_fetch(&mut self, queries: &[Query]) -> Result<Vec<Row>, DriverError> {
        self.fetch_in_transaction(queries).await
    }
}

fn cells<C>(row: &<C::Database as Database>::Row) -> Result<Row, sqlx::Error>
where
    C: SqlxConnection,
    usize: ColumnIndex<<C::Database as Database>::Row>,
{
    (0..row.len()).map(|index| C::read(row.try_get_raw(index)?).map_err(sqlx::Error::Decode)).collect()
}

#[async_trait]
impl<DB> RawPool for Pool<DB>
where
    DB: Database + HasStatementCache,
    DB::Connection: SqlxConnection + RawConnection,
{
    type Connection = DB::Connection;
    type Object = PoolConnection<DB>;

    fn address(&self) -> Option<String> {
        Some(DB::Connection::address(&self.connect_options()))
    }

    fn idle(&self) -> usize {
        let size = usize::try_from(self.size()).unwrap_or(usize::MAX);
        // sqlx counts a connection only after queuing it, so the number may briefly wrap below zero.
        self.num_idle().min(size)
    }

    fn must_discard_on_drop(&self, _is_transaction: bool) -> bool {
        DB::Connection::MUST_DISCARD_ON_DROP
    }

    async fn checkout(&self) -> Result<PoolConnection<DB>, DriverError> {
        self.acquire().await.map_err(DB::Connection::classify)
    }

    fn connection(object: &mut PoolConnection<DB>) -> &mut DB::Connection {
        object
    }

    fn discard(mut object: PoolConnection<DB>) {
        object.close_on_drop();
    }

    async fn forget_statements(object: &mut PoolConnection<DB>) -> bool {
        object.clear_cached_statements().await.is_ok()
    }
}

/// Returns the path of the socket, or the host and port.
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(crate) fn server_address(host: &str, port: u16, socket: Option<&PathBuf>) -> String {
    socket.map_or_else(|| format!("{host}:{port}"), |socket| socket.display().to_string())
}

/// Runs and commits all statements.
pub(crate) async fn run_all<DB>(mut transaction: Transaction<'_, DB>, queries: &[Query]) -> Result<(), DriverError>
where
    DB: Database,
    DB::Connection: SqlxConnection + RawConnection,
{
    let done = execute_each(&mut *transaction, queries).await;
    finish(transaction, done).await
}

/// Runs and commits all statements, and returns the rows of the last one.
#[cfg(feature = "mysql")]
pub(crate) async fn run_all_and_fetch<DB>(
    mut transaction: Transaction<'_, DB>,
    queries: &[Query],
) -> Result<Vec<Row>, DriverError>
where
    DB: Database,
    DB::Connection: SqlxConnection + RawConnection,
{
    let done = async {
        let Some((query, writes)) = queries.split_last() else { return Ok(Vec::new()) };
        execute_each(&mut *transaction, writes).await?;
        let rows = RawConnection::fetch_all(&mut *transaction, query).await;
        rows.map_err(|error| error.before_commit().at_step(writes.len()))
    };
    let done = done.await;
    finish(transaction, done).await
}

/// Runs all statements of a transaction.
pub(crate) async fn execute_each(connection: &mut impl RawConnection, queries: &[Query]) -> Result<(), DriverError> {
    for (step, query) in queries.iter().enumerate() {
        let done = connection.execute(query).await;
        done.map_err(|error| error.before_commit().at_step(step))?;
    }
    Ok(())
}

/// Commits the transaction, or rolls it back after an error.
pub(crate) async fn finish<DB, T>(
    transaction: Transaction<'_, DB>,
    done: Result<T, DriverError>,
) -> Result<T, DriverError>
where
    DB: Database,
    DB::Connection: SqlxConnection,
{
    match done {
        Ok(value) => transaction.commit().await.map(|()| value).map_err(DB::Connection::classify),
        Err(error) => {
            // Dropping it would roll it back later. The first error is returned.
            let _ = transaction.rollback().await;
            Err(error)
        }
    }
}

/// Runs all statements after a savepoint of sqlx, in a transaction of which sqlx knows. If one fails or the call is
/// dropped, they are rolled back before the next statement, which may be the `COMMIT` of the application.
///
/// If `Connection::begin` of sqlx 0.9.0 fails or is dropped, it rolls back the transaction of the application instead,
/// and lets it commit nothing without an error.
#[cfg(any(feature = "mysql", feature = "sqlite"))]
pub(crate) async fn run_in_savepoint<C>(connection: &mut C, queries: &[Query]) -> Result<(), DriverError>
where
    C: SqlxConnection + RawConnection,
{
    Manager::<C>::begin(connection, None).await.map_err(C::classify)?;
    let mut savepoint = scopeguard::guard(connection, Manager::<C>::start_rollback);
    let done = match execute_each(&mut **savepoint, queries).await {
        Ok(()) => Manager::<C>::commit(&mut savepoint).await.map_err(C::classify),
        Err(error) => Err(error),
    };
    let connection = scopeguard::ScopeGuard::into_inner(savepoint);
    if done.is_err() {
        Manager::<C>::start_rollback(connection);
        // Receives the response. After some failures, the database has rolled back the whole transaction, so that it no
        // longer knows the savepoint.
        let _ = connection.ping().await;
    }
    done
}

#[cfg(any(feature = "mysql", feature = "sqlite"))]
type Manager<C> = <<C as Connection>::Database as Database>::TransactionManager;

/// Runs all statements after the savepoint `lucia_call`, and rolls back to it if one fails.
#[cfg(any(feature = "mysql", feature = "sqlite"))]
pub(crate) async fn run_after_savepoint<C>(connection: &mut C, queries: &[Query]) -> Result<(), DriverError>
where
    C: SqlxConnection + RawConnection,
    for<'c> &'c mut C: Executor<'c, Database = C::Database>,
{
    const RELEASE: &str = "RELEASE SAVEPOINT lucia_call";
    for (step, query) in queries.iter().enumerate() {
        if let Err(error) = RawConnection::execute(connection, query).await {
            // After some failures, the database has rolled back the whole transaction with the savepoint.
            let _ = sqlx::raw_sql("ROLLBACK TO SAVEPOINT lucia_call").execute(&mut *connection).await;
            let _ = sqlx::raw_sql(RELEASE).execute(connection).await;
            return Err(error.at_step(step));
        }
    }
    let released = sqlx::raw_sql(RELEASE).execute(connection).await;
    released.map(drop).map_err(C::classify)
}

/// Binds the parameters of a query with the types of their values.
#[cfg(any(feature = "mysql", feature = "sqlite"))]
pub(crate) fn bind<'q, DB>(query: &'q Query) -> SqlxQuery<'q, DB, DB::Arguments>
where
    DB: Database,
    bool: Encode<'q, DB> + Type<DB>,
    i64: Encode<'q, DB> + Type<DB>,
    f64: Encode<'q, DB> + Type<DB>,
    &'q str: Encode<'q, DB> + Type<DB>,
    &'q [u8]: Encode<'q, DB> + Type<DB>,
    Option<&'q str>: Encode<'q, DB> + Type<DB>,
{
    let statement = sqlx::query(AssertSqlSafe(Arc::clone(query.sql())));
    query.bound().fold(statement, |statement, parameter| match parameter {
        SqlValue::Null => statement.bind(None::<&str>),
        SqlValue::Boolean(value) => statement.bind(*value),
        SqlValue::Integer(value) => statement.bind(*value),
        SqlValue::Real(value) => statement.bind(*value),
        SqlValue::Text(value) => statement.bind(value.as_str()),
        SqlValue::Blob(value) => statement.bind(value.as_slice()),
    })
}
