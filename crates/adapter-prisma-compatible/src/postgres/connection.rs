use std::sync::Arc;

use async_trait::async_trait;
use lucia_sql::driver::{Database, DriverError, Query, SqlValue};
use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, Postgres, Transaction,
    error::BoxDynError,
    postgres::{PgArguments, PgConnectOptions, PgQueryResult, PgValueRef},
    query::Query as SqlxQuery,
};

use super::{argument::Argument, cell::cell, failure::classify};
use crate::sqlx_connection::{SqlxConnection, run_all, server_address};

#[async_trait]
impl SqlxConnection for PgConnection {
    const DATABASE: Database = Database::Postgres;
    const ABORTS_ON_ERROR: bool = true;

    /// The pool of this module decides for each call.
    const MUST_DISCARD_ON_DROP: bool = true;

    fn address(options: &PgConnectOptions) -> String {
        server_address(options.get_host(), options.get_port(), options.get_socket())
    }

    fn bind<'q>(&self, query: &'q Query) -> SqlxQuery<'q, Postgres, PgArguments> {
        let statement = sqlx::query(AssertSqlSafe(Arc::clone(query.sql())));
        let statement = query.bound().fold(statement, |statement, parameter| statement.bind(Argument(parameter)));
        // In a transaction on a connection without cached statements, caching may be disabled. A named statement would
        // then stay on the server.
        statement.persistent(!self.is_in_transaction() || self.cached_statements_size() > 0)
    }

    fn read(value: PgValueRef<'_>) -> Result<SqlValue, BoxDynError> {
        cell(&value)
    }

    fn rows_affected(result: &PgQueryResult) -> u64 {
        result.rows_affected()
    }

    fn classify(error: sqlx::Error) -> DriverError {
        classify(error)
    }

    async fn run_in_transaction(&mut self, queries: &[Query], _is_part: bool) -> Result<(), DriverError> {
        run_all(begin(self).await?, queries).await
    }
}

pub(super) async fn begin(connection: &mut PgConnection) -> Result<Transaction<'_, Postgres>, DriverError> {
    connection.begin().await.map_err(|error| classify(error).before_commit())
}
