use std::error::Error;

use lucia_sql::driver::{DriverError, Retry};

/// The error of a call on a connection of the application that conflicts with another transaction: a deadlock, a
/// serialization failure, or a lock on SQLite. The call is not retried, because the statements before it may have to be,
/// too.
///
/// The source is the driver's error. Diesel does not tell deadlocks of Postgres from other errors.
#[derive(Debug, thiserror::Error)]
#[error("conflict with another transaction: roll this one back and run it again")]
#[non_exhaustive]
pub struct TransactionConflict {
    source: Box<dyn Error + Send + Sync>,
}

impl TransactionConflict {
    /// Makes this the source of an error that is one.
    pub(crate) fn name(error: DriverError) -> DriverError {
        if error.retry != Retry::AfterPause {
            return error;
        }
        let (failure, retry, step) = (error.failure, error.retry, error.step);
        let named = DriverError::new(failure, Self { source: error.source }).with_retry(retry);
        match step {
            Some(step) => named.at_step(step),
            None => named,
        }
    }
}
