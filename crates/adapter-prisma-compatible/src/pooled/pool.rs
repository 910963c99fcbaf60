use async_trait::async_trait;
use lucia_sql::driver::DriverError;

use super::RawConnection;

/// A pool of sqlx or Diesel.
#[async_trait]
pub(crate) trait RawPool: Send + Sync + 'static {
    type Connection: RawConnection;
    /// A connection that returns to the pool when it is dropped.
    type Object: Send;

    /// Returns the address of the server, or the path of the file, if the driver reveals it.
    fn address(&self) -> Option<String> {
        None
    }

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
