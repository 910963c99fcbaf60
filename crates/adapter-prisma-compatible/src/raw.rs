use async_trait::async_trait;

use lucia_sql::driver::{Database, DriverError, Query, Row};

/// A connection of sqlx or Diesel.
#[async_trait]
pub(crate) trait RawConnection: Send {
    const DATABASE: Database;

    /// `true` if the database rejects further statements after one has failed in a transaction.
    const ABORTS_ON_ERROR: bool = false;

    /// Runs a query that returns at most one row.
    async fn fetch_optional(&mut self, query: &Query) -> Result<Option<Row>, DriverError> {
        Ok(self.fetch_all(query).await?.into_iter().next())
    }

    async fn fetch_all(&mut self, query: &Query) -> Result<Vec<Row>, DriverError>;

    /// Runs a statement that writes, and returns the first row that it returns.
    async fn write_and_fetch(&mut self, query: &Query) -> Result<Option<Row>, DriverError> {
        self.fetch_optional(query).await
    }

    async fn execute(&mut self, query: &Query) -> Result<u64, DriverError>;

    /// Runs all statements in one transaction. If `is_part` is `true`, the connection may be in a transaction, of which
    /// they become a part.
    async fn execute_all(&mut self, queries: &[Query], is_part: bool) -> Result<(), DriverError>;
}

/// A pool of sqlx or Diesel.
#[async_trait]
pub(crate) trait RawPool: Send + Sync + 'static {
    type Connection: RawConnection;
    /// A connection that returns to the pool when it is dropped.
    type Object: Send;

    /// Returns the number of idle connections.
    fn idle(&self) -> usize;

    /// Returns `true` if a connection must be closed when a call on it is dropped.
    fn must_discard_on_drop(&self, is_transaction: bool) -> bool;

    async fn checkout(&self) -> Result<Self::Object, DriverError>;

    fn connection(object: &mut Self::Object) -> &mut Self::Connection;

    /// Closes a connection.
    fn discard(object: Self::Object);

    /// Makes a connection forget its prepared statements. Returns `true` if the connection can be used again
    /// afterwards.
    async fn forget_statements(object: &mut Self::Object) -> bool;

    /// Returns `true` if the server responds. Only needed if the driver's errors do not show a lost connection.
    async fn is_alive(_object: &mut Self::Object) -> bool {
        true
    }
}
