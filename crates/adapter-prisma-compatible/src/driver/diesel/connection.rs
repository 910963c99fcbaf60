use std::fmt;

use async_trait::async_trait;
use tokio::sync::Mutex;

use super::{
    diagnosis::Diagnosis,
    pool::{Connection, Failed},
    row::Cells,
};
use crate::{
    dialect::Dialect,
    driver::{Driver, DriverError, Query, Row, StepError},
};

/// A connection of the application, which may be in a transaction. Nothing is tried again on it.
pub(super) struct Single<'c, C> {
    connection: Mutex<&'c mut C>,
    aborts_on_error: bool,
}

impl<'c, C> Single<'c, C> {
    pub(super) fn new(connection: &'c mut C, aborts_on_error: bool) -> Self {
        Self { connection: Mutex::new(connection), aborts_on_error }
    }
}

#[async_trait]
impl<C: Connection> Driver for Single<'_, C> {
    fn dialect(&self) -> &'static dyn Dialect {
        C::dialect()
    }

    fn aborts_on_error(&self) -> bool {
        self.aborts_on_error
    }

    async fn fetch_optional(&self, query: &Query) -> Result<Option<Row>, DriverError> {
        Ok(self.fetch_all(query).await?.into_iter().next())
    }

    async fn fetch_all(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        let mut connection = self.connection.lock().await;
        match connection.load(query).await {
            Ok(rows) => Ok(rows.into_iter().map(|Cells(row)| row).collect()),
            Err(error) => Err(connection.diagnose(error).await.error),
        }
    }

    async fn execute(&self, query: &Query) -> Result<u64, DriverError> {
        let mut connection = self.connection.lock().await;
        match connection.execute(query).await {
            Ok(count) => Ok(count as u64),
            Err(error) => Err(connection.diagnose(error).await.error),
        }
    }

    async fn execute_all(&self, queries: &[Query]) -> Result<(), StepError> {
        let done = self.connection.lock().await.execute_all(queries, true).await;
        done.map_err(|Failed { step, diagnosis: Diagnosis { error, .. } }| StepError { step, error })
    }
}

impl<C> fmt::Debug for Single<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Single").finish_non_exhaustive()
    }
}
