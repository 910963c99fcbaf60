use async_trait::async_trait;

use lucia_sql::driver::{Database, DriverError, Query, Row};

/// A connection of sqlx or Diesel.
#[async_trait]
pub(crate) trait RawConnection: Send {
    const DATABASE: Database;

    /// Whether nothing can be asked any more when a statement of a transaction has failed.
    const ABORTS_ON_ERROR: bool = false;

    /// Runs a query that returns one row at most.
    async fn fetch_optional(&mut self, query: &Query) -> Result<Option<Row>, DriverError> {
        Ok(self.fetch_all(query).await?.into_iter().next())
    }

    async fn fetch_all(&mut self, query: &Query) -> Result<Vec<Row>, DriverError>;

    /// Runs a statement that writes, and returns the first row that it returns.
    async fn write_and_fetch(&mut self, query: &Query) -> Result<Option<Row>, DriverError> {
        self.fetch_optional(query).await
    }

    async fn execute(&mut self, query: &Query) -> Result<u64, DriverError>;

    /// Runs all statements in one transaction, or in a part of one that may be open.
    async fn execute_all(&mut self, queries: &[Query], is_part: bool) -> Result<(), DriverError>;
}

/// A pool of sqlx or Diesel.
#[async_trait]
pub(crate) trait RawPool: Send + Sync + 'static {
    type Connection: RawConnection;
    /// A connection that goes back to the pool when it is dropped.
    type Object: Send;

    /// Returns how many connections wait to be used.
    fn idle(&self) -> usize;

    /// Returns whether a connection is of no more use when a call on it is dropped.
    fn is_spoilt_by_drop(&self, is_transaction: bool) -> bool;

    async fn checkout(&self) -> Result<Self::Object, DriverError>;

    fn connection(object: &mut Self::Object) -> &mut Self::Connection;

    /// Closes a connection.
    fn discard(object: Self::Object);

    /// Makes a connection forget its prepared statements. Returns whether it is as good as before.
    async fn forget_statements(object: &mut Self::Object) -> bool;

    /// Returns whether the server answers, where the driver's errors do not tell.
    async fn is_alive(_object: &mut Self::Object) -> bool {
        true
    }
}
