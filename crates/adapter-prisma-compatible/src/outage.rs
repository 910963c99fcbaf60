use sqlx::Error;

/// Returns `true` if sqlx did not reach the database, or its pool had no available connection.
pub(crate) fn is_outage(error: &Error) -> bool {
    matches!(error, Error::PoolTimedOut | Error::PoolClosed | Error::WorkerCrashed | Error::Io(_) | Error::Tls(_))
}
