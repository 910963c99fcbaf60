use std::{fmt, ops::DerefMut};

use async_trait::async_trait;
use diesel::result::Error;
use diesel_async::pooled_connection::deadpool::PoolError;
use scopeguard::ScopeGuard;

use super::{diagnosis::Diagnosis, row::Cells};
use crate::{
    dialect::Dialect,
    driver::{Attempts, Driver, DriverError, Failure, Place, Query, Row, StepError},
};

/// A connection of Diesel's, and what the databases differ in.
#[async_trait]
pub(super) trait Connection: Send {
    fn dialect() -> &'static dyn Dialect;

    async fn load(&mut self, query: &Query) -> Result<Vec<Cells>, Error>;

    async fn execute(&mut self, query: &Query) -> Result<usize, Error>;

    /// Runs all statements in one transaction, which may be a part of one that is open.
    async fn execute_all(&mut self, queries: &[Query], is_part: bool) -> Result<(), Failed>;

    /// Says what the statement failed of that was the last one.
    async fn diagnose(&mut self, error: Error) -> Diagnosis;
}

/// A failed transaction.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) step: Option<usize>,
    pub(super) diagnosis: Diagnosis,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { step: None, diagnosis: Diagnosis::of(error, |_, _| Place::default()) }
    }
}

/// A pool of connections.
#[async_trait]
pub(super) trait Checkout: Send + Sync + 'static {
    type Connection: Connection;
    type Object: DerefMut<Target = Self::Connection> + Send;

    async fn checkout(&self) -> Result<Self::Object, PoolError>;

    /// Keeps a connection from going back to the pool.
    fn discard(object: Self::Object);
}

/// Runs statements on the application's pool.
pub(super) struct DieselDriver<P>(pub(super) P);

/// A connection that is discarded unless the call ends: what was begun on it would go on in the pool, with its locks, until
/// somebody is given this very connection.
type Lease<P> = ScopeGuard<<P as Checkout>::Object, fn(<P as Checkout>::Object)>;

impl<P: Checkout> DieselDriver<P> {
    async fn connection(&self) -> Result<Lease<P>, DriverError> {
        let connection = self.0.checkout().await;
        let unavailable = |error| DriverError { failure: Failure::Unavailable, source: Box::new(error) };
        Ok(scopeguard::guard(connection.map_err(unavailable)?, P::discard))
    }

    fn give_back(connection: Lease<P>) {
        drop(ScopeGuard::into_inner(connection));
    }

    /// A failure may be that of the connection, even one that Diesel has no kind for: the server is asked once more. A pool
    /// that does not ask before it gives a connection away would go on giving this one.
    async fn settled(mut connection: Lease<P>, mut error: DriverError) -> DriverError {
        let is_open_question = matches!(error.failure, Failure::Other | Failure::Unavailable);
        if is_open_question && connection.load(&Query::once("SELECT 1", [])).await.is_err() {
            error.failure = Failure::Unavailable;
        } else {
            Self::give_back(connection);
        }
        error
    }
}

#[async_trait]
impl<P: Checkout> Driver for DieselDriver<P> {
    fn dialect(&self) -> &'static dyn Dialect {
        P::Connection::dialect()
    }

    async fn fetch_optional(&self, query: &Query) -> Result<Option<Row>, DriverError> {
        Ok(self.fetch_all(query).await?.into_iter().next())
    }

    async fn fetch_all(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        let mut attempts = Attempts::default();
        loop {
            let mut connection = self.connection().await?;
            let error = match connection.load(query).await {
                Ok(rows) => {
                    Self::give_back(connection);
                    return Ok(rows.into_iter().map(|Cells(row)| row).collect());
                }
                Err(error) => error,
            };
            let Diagnosis { error, in_the_way } = connection.diagnose(error).await;
            if !attempts.may_repeat(in_the_way).await {
                return Err(Self::settled(connection, error).await);
            }
            Self::give_back(connection);
        }
    }

    async fn execute(&self, query: &Query) -> Result<u64, DriverError> {
        let mut attempts = Attempts::default();
        loop {
            let mut connection = self.connection().await?;
            let error = match connection.execute(query).await {
                Ok(count) => {
                    Self::give_back(connection);
                    return Ok(count as u64);
                }
                Err(error) => error,
            };
            let Diagnosis { error, in_the_way } = connection.diagnose(error).await;
            if !attempts.may_repeat(in_the_way).await {
                return Err(Self::settled(connection, error).await);
            }
            Self::give_back(connection);
        }
    }

    async fn execute_all(&self, queries: &[Query]) -> Result<(), StepError> {
        let mut attempts = Attempts::default();
        loop {
            let mut connection = self.connection().await.map_err(|error| StepError { step: None, error })?;
            let Failed { step, diagnosis: Diagnosis { error, in_the_way } } =
                match connection.execute_all(queries, false).await {
                    Ok(()) => {
                        Self::give_back(connection);
                        return Ok(());
                    }
                    Err(failed) => failed,
                };
            if !attempts.may_repeat(in_the_way).await {
                return Err(StepError { step, error: Self::settled(connection, error).await });
            }
            Self::give_back(connection);
        }
    }
}

impl<P> fmt::Debug for DieselDriver<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DieselDriver").finish_non_exhaustive()
    }
}
