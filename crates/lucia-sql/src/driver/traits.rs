use std::fmt::Debug;

use async_trait::async_trait;

use super::{Database, DriverError, Query, Row, Timer};

/// Runs statements on a connection pool of the application, or on one of its connections.
///
/// A driver makes one attempt, and sets [`DriverError::retry`] if it fails. [`Retrying`](super::Retrying) makes further
/// attempts. If the future of a call is dropped, the call has either taken effect or not, and no transaction stays
/// open.
#[async_trait]
pub trait Driver: Debug + Send + Sync {
    /// Returns the kind of database, which determines the dialect of the statements.
    fn database(&self) -> Database;

    /// Returns `true` if the database rejects further statements after one has failed, because they run in a
    /// transaction. Defaults to `false`.
    fn aborts_on_error(&self) -> bool {
        false
    }

    /// Runs a query that returns at most one row.
    async fn fetch_optional(&self, query: &Query) -> Result<Option<Row>, DriverError> {
        Ok(self.fetch_all(query).await?.into_iter().next())
    }

    /// Runs a query and returns all rows.
    async fn fetch_all(&self, query: &Query) -> Result<Vec<Row>, DriverError>;

    /// Runs a statement that writes and returns rows. This is only called on Postgres and D1.
    async fn write_and_fetch(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        self.fetch_all(query).await
    }

    /// Runs a statement, and returns the number of rows that it wrote.
    async fn execute(&self, query: &Query) -> Result<u64, DriverError>;

    /// Runs all statements in one transaction, so that either all or none take effect. The first statement may be a
    /// query; its rows are not needed.
    ///
    /// # Errors
    /// Returns an error with the [`step`](DriverError::step) that failed, if the database reports it.
    async fn execute_all(&self, queries: &[Query]) -> Result<(), DriverError>;
}

/// The pools and connections that an adapter accepts: a type of the crate that implements [`Pool`] and [`Connection`].
///
/// It lets that crate implement the traits for types of other crates, and names its adapters.
pub trait Family: 'static {
    /// The start of the adapters' names, for `Debug`: `Prisma` for `PrismaAdapter`.
    const NAME: &'static str;

    /// The timer of the async runtime that the drivers need.
    const TIMER: &'static dyn Timer;
}

/// A connection pool of the application, or another connection that an adapter is created with.
pub trait Pool<F: Family>: Send + Sync {
    /// Creates a driver for this pool.
    fn driver(&self) -> Box<dyn Driver>;
}

/// A connection of the application, possibly in a transaction, with which an adapter can write.
pub trait Connection<F: Family>: Send {
    /// Creates a driver for this connection. It does not retry.
    fn driver(&mut self) -> Box<dyn Driver + '_>;
}
