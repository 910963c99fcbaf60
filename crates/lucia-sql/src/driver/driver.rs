use std::fmt::Debug;

use async_trait::async_trait;

use super::{Database, DriverError, Query, Row, Timer};

/// Runs statements on a pool of the application, or on one of its connections.
///
/// A driver makes one attempt and says in [`DriverError::retry`] what would help; [`Retrying`](super::Retrying) makes the others.
/// A call that is dropped is done or it is not, and leaves nothing open behind it.
#[async_trait]
pub trait Driver: Debug + Send + Sync {
    /// Returns the kind of database, and with it the dialect of the statements.
    fn database(&self) -> Database;

    /// Returns the time that attempts wait by.
    fn timer(&self) -> &dyn Timer;

    /// Returns whether nothing can be asked any more when a statement has failed, because it runs inside a transaction.
    fn aborts_on_error(&self) -> bool {
        false
    }

    /// Returns how many connections wait to be used. Each may have been closed by the server meanwhile.
    fn idle_connections(&self) -> usize {
        0
    }

    /// Runs a query that returns one row at most.
    async fn fetch_optional(&self, query: &Query) -> Result<Option<Row>, DriverError> {
        Ok(self.fetch_all(query).await?.into_iter().next())
    }

    /// Runs a query and returns all rows.
    async fn fetch_all(&self, query: &Query) -> Result<Vec<Row>, DriverError>;

    /// Runs a statement that writes, and returns the first row that it returns. Only Postgres is asked to.
    async fn write_and_fetch(&self, query: &Query) -> Result<Option<Row>, DriverError> {
        self.fetch_optional(query).await
    }

    /// Runs a statement and returns how many rows it wrote.
    async fn execute(&self, query: &Query) -> Result<u64, DriverError>;

    /// Runs all statements in one transaction, so that either all or none take effect. The first may be a query, whose rows
    /// are not needed.
    ///
    /// # Errors
    /// With the [`step`](DriverError::step) that failed, where the database tells.
    async fn execute_all(&self, queries: &[Query]) -> Result<(), DriverError>;
}
