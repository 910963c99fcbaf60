use lucia_sql::driver::{DriverError, Failure};

/// The error of a call in a transaction of the application that is no longer open. The database may have rolled it back,
/// as SQLite does when the disk is full, and MySQL after a deadlock, or committed it, as MySQL does before a statement
/// that changes tables, or the application may have ended it with a statement. The call had no effect. Outside of the
/// transaction, it would have been committed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the transaction is no longer open: the database or the application has rolled it back or committed it")]
#[non_exhaustive]
pub struct TransactionEnded;

impl From<TransactionEnded> for DriverError {
    fn from(error: TransactionEnded) -> Self {
        Self::new(Failure::Other, error)
    }
}
