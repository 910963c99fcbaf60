//! What the drivers on sqlx share.

use sqlx::{Database, Error, Pool};

/// Returns whether sqlx did not reach the database, or its pool had no connection to give.
pub(crate) fn is_outage(error: &Error) -> bool {
    matches!(error, Error::PoolTimedOut | Error::PoolClosed | Error::WorkerCrashed | Error::Io(_) | Error::Tls(_))
}

/// Returns how many connections of a pool wait to be used.
pub(crate) fn idle<DB: Database>(pool: &Pool<DB>) -> usize {
    let size = usize::try_from(pool.size()).unwrap_or(usize::MAX);
    // sqlx counts a connection after it has queued it, so that for a moment the number may be one below zero.
    pool.num_idle().min(size)
}
