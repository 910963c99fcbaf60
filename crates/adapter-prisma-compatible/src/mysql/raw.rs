use std::sync::Arc;

use async_trait::async_trait;
use lucia_sql::driver::{Database, DriverError, Query, Row, SqlValue};
use sqlx::{
    AssertSqlSafe, Connection as _, MySql, MySqlConnection, MySqlPool, Row as _, Transaction,
    mysql::{MySqlArguments, MySqlRow},
    pool::PoolConnection,
    query::Query as SqlxQuery,
};

use super::{
    cell::cell,
    failure::{classify, is_unknown_savepoint},
};
use crate::{
    raw::{RawConnection, RawPool},
    sqlx_pool::idle,
};

#[async_trait]
impl RawConnection for MySqlConnection {
    const DATABASE: Database = Database::MySql;

    async fn fetch_all(&mut self, query: &Query) -> Result<Vec<Row>, DriverError> {
        let rows = bind(query).fetch_all(self).await.map_err(classify)?;
        rows.iter().map(cells).collect::<Result<_, _>>().map_err(classify)
    }

    async fn execute(&mut self, query: &Query) -> Result<u64, DriverError> {
        let done = bind(query).execute(self).await.map_err(classify)?;
        Ok(done.rows_affected())
    }

    async fn execute_all(&mut self, queries: &[Query], is_part: bool) -> Result<(), DriverError> {
        if is_part && !self.is_in_transaction() && is_in_foreign_transaction(self).await? {
            return in_savepoint(self, queries).await;
        }
        let transaction = self.begin().await.map_err(|error| classify(error).before_commit())?;
        run_all(transaction, queries).await
    }
}

#[async_trait]
impl RawPool for MySqlPool {
    type Connection = MySqlConnection;
    type Object = PoolConnection<MySql>;

    fn idle(&self) -> usize {
        idle(self)
    }

    /// A transaction that is dropped while it begins may stay open (launchbadge/sqlx#4393). If a call is dropped while
    /// the server prepares a statement, sqlx confuses the response with another one, and may wait forever for the rest,
    /// together with the pool.
    fn must_discard_on_drop(&self, _is_transaction: bool) -> bool {
        true
    }

    async fn checkout(&self) -> Result<PoolConnection<MySql>, DriverError> {
        self.acquire().await.map_err(classify)
    }

    fn connection(object: &mut PoolConnection<MySql>) -> &mut MySqlConnection {
        object
    }

    fn discard(mut object: PoolConnection<MySql>) {
        object.close_on_drop();
    }

    async fn forget_statements(object: &mut PoolConnection<MySql>) -> bool {
        object.clear_cached_statements().await.is_ok()
    }
}

async fn run_all(mut transaction: Transaction<'_, MySql>, queries: &[Query]) -> Result<(), DriverError> {
    for (step, query) in queries.iter().enumerate() {
        if let Err(error) = transaction.execute(query).await {
            // Dropping it would roll it back later. The first error is returned.
            let _ = transaction.rollback().await;
            return Err(error.before_commit().at_step(step));
        }
    }
    transaction.commit().await.map_err(classify)
}

/// Returns `true` if the application began a transaction with a statement of which sqlx does not know. Another `BEGIN`
/// would commit that transaction.
///
/// Outside of a transaction, a savepoint is released immediately, without an error. In a transaction, this leaves a
/// savepoint.
async fn is_in_foreign_transaction(connection: &mut MySqlConnection) -> Result<bool, DriverError> {
    let set = async {
        sqlx::raw_sql("SAVEPOINT `lucia`").execute(&mut *connection).await?;
        sqlx::raw_sql("ROLLBACK TO SAVEPOINT `lucia`").execute(connection).await
    };
    match set.await {
        Ok(_) => Ok(true),
        Err(error) if is_unknown_savepoint(&error) => Ok(false),
        Err(error) => Err(classify(error)),
    }
}

/// Runs all statements after the savepoint, and rolls back to it if one fails.
async fn in_savepoint(connection: &mut MySqlConnection, queries: &[Query]) -> Result<(), DriverError> {
    for (step, query) in queries.iter().enumerate() {
        if let Err(error) = connection.execute(query).await {
            // After a deadlock, the server has rolled back the whole transaction with the savepoint.
            let _ = sqlx::raw_sql("ROLLBACK TO SAVEPOINT `lucia`").execute(connection).await;
            return Err(error.at_step(step));
        }
    }
    let released = sqlx::raw_sql("RELEASE SAVEPOINT `lucia`").execute(connection).await;
    released.map(drop).map_err(classify)
}

/// Binds the parameters. The text was rendered from quoted names, and contains no value.
fn bind(query: &Query) -> SqlxQuery<'_, MySql, MySqlArguments> {
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

fn cells(row: &MySqlRow) -> Result<Row, sqlx::Error> {
    (0..row.len()).map(|index| cell(row.try_get_raw(index)?).map_err(sqlx::Error::Decode)).collect()
}
