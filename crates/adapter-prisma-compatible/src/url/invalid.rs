/// An error from parsing the URL of a database. It contains no part of the URL except for the names of parameters.
///
/// The functions `connect` and `connect_options` of the modules `postgres`, `mysql` and `sqlite` return it in a
/// `sqlx::Error::Configuration`, and those of `RusqlitePool` in an `OpenError`.
#[derive(Debug, thiserror::Error)]
#[error("invalid {database} URL: {reason}")]
pub struct InvalidUrl {
    database: &'static str,
    reason: String,
}

impl InvalidUrl {
    pub(super) const fn new(database: &'static str, reason: String) -> Self {
        Self { database, reason }
    }
}

#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
impl From<InvalidUrl> for sqlx::Error {
    fn from(error: InvalidUrl) -> Self {
        Self::Configuration(Box::new(error))
    }
}
