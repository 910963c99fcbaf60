//! Shared parts of the drivers on sqlx.

use sqlx::{Database, Error, Pool};

/// Returns `true` if sqlx did not reach the database, or its pool had no available connection.
pub(crate) fn is_outage(error: &Error) -> bool {
    matches!(error, Error::PoolTimedOut | Error::PoolClosed | Error::WorkerCrashed | Error::Io(_) | Error::Tls(_))
}

/// Returns the number of idle connections in a pool.
pub(crate) fn idle<DB: Database>(pool: &Pool<DB>) -> usize {
    let size = usize::try_from(pool.size()).unwrap_or(usize::MAX);
    // sqlx counts a connection only after queuing it, so the number may briefly wrap below zero.
    pool.num_idle().min(size)
}
