//! The seam between the adapter and whatever runs its statements: text and plain values in, plain values out.

#[cfg(feature = "sqlite")]
pub mod sqlite;

use std::{error::Error, fmt::Debug, sync::Arc};

use async_trait::async_trait;

use crate::dialect::Dialect;

/// A value as databases store it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SqlValue {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    /// Bytes, and text that is not UTF-8.
    Blob(Vec<u8>),
}

impl From<&str> for SqlValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A statement and the values of its parameters, in order.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) sql: Arc<str>,
    pub(crate) parameters: Vec<SqlValue>,
}

impl Query {
    pub(crate) fn new(sql: &Arc<str>, parameters: impl Into<Vec<SqlValue>>) -> Self {
        Self { sql: Arc::clone(sql), parameters: parameters.into() }
    }
}

/// The values of a row, in the order in which the statement names them.
pub(crate) type Row = Vec<SqlValue>;

/// What a statement failed of, as far as the driver's codes tell. A place is the name of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    Unique(Option<String>),
    ForeignKey,
    NotNull(Option<String>),
    Check,
    Unavailable,
    Other,
}

/// A failure, and the driver's own error.
#[derive(Debug)]
pub(crate) struct DriverError {
    pub(crate) failure: Failure,
    pub(crate) source: Box<dyn Error + Send + Sync>,
}

/// A failed transaction; `step` is the statement that failed, unless it was the transaction itself.
#[derive(Debug)]
pub(crate) struct StepError {
    pub(crate) step: Option<usize>,
    pub(crate) error: DriverError,
}

/// Runs statements on a pool of the application.
#[async_trait]
pub(crate) trait Driver: Debug + Send + Sync + 'static {
    /// The dialect of its statements.
    fn dialect(&self) -> &'static dyn Dialect;

    /// Runs a query and returns the first row.
    async fn fetch_optional(&self, query: &Query) -> Result<Option<Row>, DriverError>;

    /// Runs a query and returns all rows.
    async fn fetch_all(&self, query: &Query) -> Result<Vec<Row>, DriverError>;

    /// Runs a statement and returns how many rows it wrote.
    async fn execute(&self, query: &Query) -> Result<u64, DriverError>;

    /// Runs all statements, or none of them.
    async fn execute_all(&self, queries: &[Query]) -> Result<(), StepError>;
}

pub(crate) mod sealed {
    use super::Driver;

    /// What a pool is to this crate.
    pub trait IntoDriver {
        #[doc(hidden)]
        #[expect(private_interfaces, reason = "nobody outside can name it, which is what seals the trait")]
        fn driver(self) -> Box<dyn Driver>;
    }
}

/// A connection pool that the adapter can run on.
///
/// With the feature `sqlite` this is `sqlx::SqlitePool`. It cannot be implemented outside this crate.
pub trait Pool: sealed::IntoDriver + Clone {}
