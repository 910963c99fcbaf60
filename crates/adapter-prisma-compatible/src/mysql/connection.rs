use async_trait::async_trait;
use lucia_sql::driver::{Database, DriverError, Query, Row, SqlValue};
use sqlx::{
    Connection as _, MySql, MySqlConnection,
    error::BoxDynError,
    mysql::{MySqlArguments, MySqlConnectOptions, MySqlQueryResult, MySqlValueRef},
    query::Query as SqlxQuery,
};

use super::{
    cell::cell,
    failure::{classify, is_unknown_savepoint},
};
use crate::sqlx_connection::{
    SqlxConnection, bind, run_after_savepoint, run_all, run_all_and_fetch, run_in_savepoint, server_address,
};

#[async_trait]
impl SqlxConnection for MySqlConnection {
    const DATABASE: Database = Database::MySql;

    /// A transaction that is dropped while it begins may stay open (launchbadge/sqlx#4393). If a call is dropped while
    /// the server prepares a statement, sqlx confuses the response with another one, and may wait forever for the rest,
    /// together with the pool.
    const MUST_DISCARD_ON_DROP: bool = true;

    fn address(options: &MySqlConnectOptions) -> String {
        server_address(options.get_host(), options.get_port(), options.get_socket())
    }

    fn bind<'q>(&self, query: &'q Query) -> SqlxQuery<'q, MySql, MySqlArguments> {
        bind(query)
    }

    fn read(value: MySqlValueRef<'_>) -> Result<SqlValue, BoxDynError> {
        cell(value)
    }

    fn rows_affected(result: &MySqlQueryResult) -> u64 {
        result.rows_affected()
    }

    fn classify(error: sqlx::Error) -> DriverError {
        classify(error)
    }

    async fn transaction_has_ended(&mut self) -> Result<bool, DriverError> {
        Ok(self.is_in_transaction() && !has_transaction(self).await?)
    }

    async fn run_in_transaction(&mut self, queries: &[Query], is_part: bool) -> Result<(), DriverError> {
        if is_part && self.is_in_transaction() {
            return run_in_savepoint(self, queries).await;
        }
        // The application began a transaction with a statement of which sqlx does not know. Another `BEGIN` would commit that
        // one.
        if is_part && has_transaction(self).await? {
            return run_after_savepoint(self, queries).await;
        }
        let transaction = self.begin().await.map_err(|error| classify(error).before_commit())?;
        run_all(transaction, queries).await
    }

    async fn fetch_in_transaction(&mut self, queries: &[Query]) -> Result<Vec<Row>, DriverError> {
        let transaction = self.begin().await.map_err(|error| classify(error).before_commit())?;
        run_all_and_fetch(transaction, queries).await
    }
}

/// Returns `true` if the server is in a transaction, whether sqlx knows of it or not.
///
/// Outside of a transaction, a savepoint is released immediately, without an error. In a transaction, this leaves a
/// savepoint.
async fn has_transaction(connection: &mut MySqlConnection) -> Result<bool, DriverError> {
    let set = async {
        sqlx::raw_sql("SAVEPOINT lucia_call").execute(&mut *connection).await?;
        sqlx::raw_sql("ROLLBACK TO SAVEPOINT lucia_call").execute(connection).await
    };
    match set.await {
        Ok(_) => Ok(true),
        Err(error) if is_unknown_savepoint(&error) => Ok(false),
        Err(error) => Err(classify(error)),
    }
}
