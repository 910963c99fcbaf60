//! The seam between the adapter and whatever runs its statements: text and plain values in, plain values out.

#[cfg(any(feature = "diesel-mysql", feature = "diesel-postgres", feature = "diesel-sqlite"))]
mod diesel;
mod error;
#[cfg(feature = "mysql")]
pub mod mysql;
mod patience;
mod pool;
#[cfg(feature = "postgres")]
pub mod postgres;
mod raw;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod redacted;
mod single;
#[cfg(feature = "sqlite")]
pub mod sqlite;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod sqlx;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod url;

use std::{fmt::Debug, sync::Arc};

use async_trait::async_trait;

#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
pub use self::url::InvalidUrl;
pub(crate) use self::{
    error::{DriverError, Failure, Place, Remedy, StepError},
    patience::Patience,
};
use crate::dialect::Dialect;

/// A value as databases store it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SqlValue {
    Null,
    Boolean(bool),
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

/// The text of a statement. Rendered once, it costs nothing to have again.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) sql: Arc<str>,
    /// Which parameter each placeholder is, where placeholders have no number and that is not simply the next one.
    pub(crate) order: Option<Arc<[usize]>>,
}

/// A statement and the values of its parameters, in order.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) statement: Statement,
    pub(crate) parameters: Vec<SqlValue>,
}

impl Query {
    pub(crate) fn new(statement: &Statement, parameters: impl Into<Vec<SqlValue>>) -> Self {
        Self { statement: statement.clone(), parameters: parameters.into() }
    }

    /// A statement that runs no more than once.
    pub(crate) fn once(sql: impl Into<Arc<str>>, parameters: impl Into<Vec<SqlValue>>) -> Self {
        Self { statement: Statement { sql: sql.into(), order: None }, parameters: parameters.into() }
    }

    pub(crate) fn sql(&self) -> Arc<str> {
        Arc::clone(&self.statement.sql)
    }

    /// The values in the order of the placeholders.
    pub(crate) fn bound(&self) -> impl Iterator<Item = &SqlValue> {
        let order = self.statement.order.as_deref();
        let count = order.map_or(self.parameters.len(), <[_]>::len);
        (0..count).filter_map(move |place| self.parameters.get(order.map_or(place, |order| order[place])))
    }
}

/// The values of a row, in the order in which the statement names them.
pub(crate) type Row = Vec<SqlValue>;

/// Runs statements on a pool of the application, or on one connection of its.
#[async_trait]
pub(crate) trait Driver: Debug + Send + Sync {
    /// The dialect of its statements.
    fn dialect(&self) -> &'static dyn Dialect;

    /// Whether nothing can be asked any more when a statement has failed, because it runs inside a transaction.
    fn aborts_on_error(&self) -> bool {
        false
    }

    /// Runs a query and returns the first row.
    async fn fetch_optional(&self, query: &Query) -> Result<Option<Row>, DriverError>;

    /// Runs a query and returns all rows.
    async fn fetch_all(&self, query: &Query) -> Result<Vec<Row>, DriverError>;

    /// Runs a statement that writes, and returns the first row that it returns.
    async fn write_and_fetch(&self, query: &Query) -> Result<Option<Row>, DriverError>;

    /// Runs a statement and returns how many rows it wrote.
    async fn execute(&self, query: &Query) -> Result<u64, DriverError>;

    /// Runs all statements, or none of them.
    async fn execute_all(&self, queries: &[Query]) -> Result<(), StepError>;
}

pub(crate) mod sealed {
    use tokio::sync::Mutex;

    use super::{
        Driver,
        pool::PoolDriver,
        raw::{RawConnection, RawPool},
        single::Single,
    };

    /// What a pool is to this crate.
    pub trait IntoDriver {
        #[doc(hidden)]
        #[expect(private_interfaces, reason = "nobody outside can name it, which is what seals the trait")]
        fn driver(self) -> Box<dyn Driver>;
    }

    impl<P: RawPool> IntoDriver for P {
        #[expect(private_interfaces, reason = "nobody outside can name it, which is what seals the trait")]
        fn driver(self) -> Box<dyn Driver> {
            Box::new(PoolDriver(self))
        }
    }

    /// What a connection is to this crate.
    pub trait OnConnection: Send {
        #[doc(hidden)]
        #[expect(private_interfaces, reason = "nobody outside can name it, which is what seals the trait")]
        fn driver(&mut self) -> Box<dyn Driver + '_>;
    }

    impl<C: RawConnection> OnConnection for C {
        #[expect(private_interfaces, reason = "nobody outside can name it, which is what seals the trait")]
        fn driver(&mut self) -> Box<dyn Driver + '_> {
            Box::new(Single(Mutex::new(self)))
        }
    }
}

/// A connection pool that the adapter can run on.
///
/// | feature | pool |
/// |---|---|
/// | `sqlite`, `postgres`, `mysql` | `sqlx::SqlitePool`, `sqlx::PgPool`, `sqlx::MySqlPool` |
/// | `diesel-sqlite` | `deadpool::Pool<SyncConnectionWrapper<SqliteConnection>>`, `deadpool` being `diesel_async::pooled_connection`'s |
/// | `diesel-postgres`, `diesel-mysql` | `deadpool::Pool<AsyncPgConnection>`, `deadpool::Pool<AsyncMysqlConnection>` |
///
/// It cannot be implemented outside this crate.
pub trait Pool: sealed::IntoDriver + Clone {}

/// A connection of the application's, perhaps in a transaction, that the adapter can write on.
///
/// With sqlx these are `SqliteConnection`, `PgConnection` and `MySqlConnection` (`&mut *transaction`), with Diesel
/// `SyncConnectionWrapper<SqliteConnection>`, `AsyncPgConnection` and `AsyncMysqlConnection`. It cannot be implemented outside
/// this crate.
pub trait Connection: sealed::OnConnection {}
