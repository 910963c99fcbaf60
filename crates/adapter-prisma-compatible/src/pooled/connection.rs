use async_trait::async_trait;
use lucia_sql::driver::{Database, DriverError, Failure, Query, Row};

/// A connection of sqlx or Diesel.
#[async_trait]
pub(crate) trait RawConnection: Send {
    const DATABASE: Database;

    /// `true` if the database rejects further statements after one has failed in a transaction.
    const ABORTS_ON_ERROR: bool = false;

    /// Returns `true` if the transaction that the application began is no longer open. One that was begun with a statement
    /// is not known.
    async fn transaction_has_ended(&mut self) -> Result<bool, DriverError> {
        Ok(false)
    }

    /// Runs a query that returns at most one row.
    async fn fetch_optional(&mut self, query: &Query) -> Result<Option<Row>, DriverError> {
        Ok(self.fetch_all(query).await?.into_iter().next())
    }

    async fn fetch_all(&mut self, query: &Query) -> Result<Vec<Row>, DriverError>;

    /// Runs a statement that writes and returns rows.
    async fn write_and_fetch(&mut self, query: &Query) -> Result<Vec<Row>, DriverError> {
        self.fetch_all(query).await
    }

    async fn execute(&mut self, query: &Query) -> Result<u64, DriverError>;

    /// Runs all statements in one transaction. If `is_part` is `true`, the connection may be in a transaction, of which
    /// they become a part.
    async fn execute_all(&mut self, queries: &[Query], is_part: bool) -> Result<(), DriverError>;

    /// Runs all statements in one transaction, and returns the rows of the last one. Only MySQL needs it.
    async fn write_all_and_fetch(&mut self, _queries: &[Query]) -> Result<Vec<Row>, DriverError> {
        Err(DriverError::new(Failure::Other, "not implemented for this database"))
    }
}
