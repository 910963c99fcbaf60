use crate::url::InvalidUrl;

/// The error of opening a [`RusqlitePool`](crate::RusqlitePool).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL is invalid.
    #[error("cannot open the database")]
    InvalidUrl(#[from] InvalidUrl),
    /// SQLite cannot open the file. One that does not exist is only created with `?mode=rwc`.
    #[error("cannot open the database")]
    Sqlite(#[from] rusqlite::Error),
    /// The thread of the writer cannot be started.
    #[error("cannot start the thread that writes to the database")]
    Thread(#[source] std::io::Error),
}
