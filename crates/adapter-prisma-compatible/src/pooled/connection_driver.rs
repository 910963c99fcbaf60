use std::fmt;

use async_trait::async_trait;
use lucia_sql::driver::{Database, Driver, DriverError, Query, Row};
use tokio::sync::{Mutex, MutexGuard};

use super::RawConnection;
use crate::{transaction_conflict::TransactionConflict, transaction_ended::TransactionEnded};

/// A driver for a connection of the application, which may be in a transaction. It does not retry.
pub(crate) struct ConnectionDriver<'c, C>(Mutex<&'c mut C>);

impl<'c, C: RawConnection> ConnectionDriver<'c, C> {
    pub(crate) fn of(connection: &'c mut C) -> Box<dyn Driver + 'c> {
        Box::new(Self(Mutex::new(connection)))
    }

    /// Returns the connection. Outside of the transaction, a write would be committed at once.
    async fn connection(&self) -> Result<MutexGuard<'_, &'c mut C>, DriverError> {
        let mut connection = self.0.lock().await;
        if connection.transaction_has_ended().await.map_err(TransactionConflict::name)? {
            Err(TransactionEnded.into())
        } else {
            Ok(connection)
        }
    }
}

#[async_trait]
impl<C: RawConnection> Driver for ConnectionDriver<'_, C> {
    fn database(&self) -> Database {
        C::DATABASE
    }

    fn aborts_on_error(&self) -> bool {
        C::ABORTS_ON_ERROR
    }

    async fn fetch_optional(&self, query: &Query) -> Result<Option<Row>, DriverError> {
        self.connection().await?.fetch_optional(query).await.map_err(TransactionConflict::name)
    }

    async fn fetch_all(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        self.connection().await?.fetch_all(query).await.map_err(TransactionConflict::name)
    }

    async fn write_and_fetch(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        self.connection().await?.write_and_fetch(query).await.map_err(TransactionConflict::name)
    }

    async fn execute(&self, query: &Query) -> Result<u64, DriverError> {
        self.connection().await?.execute(query).await.map_err(TransactionConflict::name)
    }

    async fn execute_all(&self, queries: &[Query]) -> Result<(), DriverError> {
        self.connection().await?.execute_all(queries, true).await.map_err(TransactionConflict::name)
    }
}

impl<C> fmt::Debug for ConnectionDriver<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionDriver").finish_non_exhaustive()
    }
}
