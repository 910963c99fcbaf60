use std::{error::Error, fmt, sync::Arc};

use lucia_sql::driver::{DriverError, Failure, Retry};

use super::failure::retry;

/// The error of a call for which a [`RusqlitePool`](crate::RusqlitePool) has no connection.
///
/// It is one of the causes of an adapter's error. [`read`](crate::RusqlitePool::read) and
/// [`write`](crate::RusqlitePool::write) return it as the source of a
/// [`ToSqlConversionFailure`](rusqlite::Error::ToSqlConversionFailure), the variant of rusqlite with any other error.
///
/// ```
/// use std::error::Error as _;
///
/// use adapter_prisma_compatible::{NoConnection, RusqlitePool};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pool = RusqlitePool::connect("sqlite::memory:").await?;
/// pool.close().await;
/// let error = pool.read(|_| Ok(())).await.unwrap_err();
/// let reason = error.source().and_then(|source| source.downcast_ref());
/// assert!(matches!(reason, Some(NoConnection::Closed)));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum NoConnection {
    /// The pool is closed.
    Closed,
    /// The runtime is shut down.
    Stopped,
    /// All connections that read were in use for as long as `pool_timeout` allows.
    InUse,
    /// The connection that writes was closed, because a transaction or statement on it could not be ended, and another
    /// one cannot be opened.
    NotReplaced(Arc<rusqlite::Error>),
    /// A transaction or statement of the application cannot be ended, and the connection cannot be replaced: that of a
    /// database in memory is the database.
    Unfinished,
}

impl fmt::Display for NoConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "the pool is closed",
            Self::Stopped => "the runtime is shut down",
            Self::InUse => "all connections of the pool are in use (`connection_limit` and `pool_timeout` of the URL)",
            Self::NotReplaced(_) => "cannot open another connection that writes",
            Self::Unfinished => "a transaction or statement of the application cannot be ended",
        })
    }
}

impl Error for NoConnection {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NotReplaced(error) => Some(&**error),
            Self::Closed | Self::Stopped | Self::InUse | Self::Unfinished => None,
        }
    }
}

impl From<NoConnection> for DriverError {
    fn from(error: NoConnection) -> Self {
        let retry = match &error {
            NoConnection::NotReplaced(error) => retry(error),
            _ => Retry::Never,
        };
        Self::new(Failure::Unavailable, error).with_retry(retry)
    }
}

impl From<NoConnection> for rusqlite::Error {
    fn from(error: NoConnection) -> Self {
        Self::ToSqlConversionFailure(Box::new(error))
    }
}
