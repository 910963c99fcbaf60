use std::fmt;

use async_trait::async_trait;
use tokio::sync::Mutex;

use super::{Driver, DriverError, Query, Row, StepError, raw::RawConnection};
use crate::dialect::Dialect;

/// A connection of the application, which may be in a transaction. Nothing is repeated on it.
pub(super) struct Single<'c, C>(pub(super) Mutex<&'c mut C>);

#[async_trait]
impl<C: RawConnection> Driver for Single<'_, C> {
    fn dialect(&self) -> &'static dyn Dialect {
        C::dialect()
    }

    fn aborts_on_error(&self) -> bool {
        C::ABORTS_ON_ERROR
    }

    async fn fetch_optional(&self, query: &Query) -> Result<Option<Row>, DriverError> {
        self.0.lock().await.fetch_optional(query).await
    }

    async fn fetch_all(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        self.0.lock().await.fetch_all(query).await
    }

    async fn write_and_fetch(&self, query: &Query) -> Result<Option<Row>, DriverError> {
        Ok(self.0.lock().await.write_and_fetch(query).await?.into_iter().next())
    }

    async fn execute(&self, query: &Query) -> Result<u64, DriverError> {
        self.0.lock().await.execute(query).await
    }

    async fn execute_all(&self, queries: &[Query]) -> Result<(), StepError> {
        self.0.lock().await.execute_all(queries, true).await
    }
}

impl<C> fmt::Debug for Single<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Single").finish_non_exhaustive()
    }
}
