use lucia_sql::driver::{DriverError, Failure};

/// The error of a call in a transaction of the application that the database has rolled back, as SQLite does when the
/// disk is full, and MySQL after a deadlock. The call had no effect. Outside of the transaction, it would have been
/// committed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the transaction has been rolled back")]
#[non_exhaustive]
pub struct RolledBack;

impl From<RolledBack> for DriverError {
    fn from(error: RolledBack) -> Self {
        Self::new(Failure::Other, error)
    }
}
