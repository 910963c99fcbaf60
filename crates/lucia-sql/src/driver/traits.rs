use std::fmt::Debug;

use async_trait::async_trait;

use super::{Database, DriverError, Failure, Query, Row, Timer};

/// Runs statements on a connection pool of the application, or on one of its connections.
///
/// A driver makes one attempt, and sets [`DriverError::retry`] if it fails. [`Retrying`](super::Retrying) makes further
/// attempts. If the future of a call is dropped, the call has either taken effect or not, and no transaction stays
/// open.
///
/// ```
/// use std::time::Duration;
///
/// use lucia_sql::{
///     SqlAdapter,
///     driver::{Database, Driver, DriverError, Failure, Family, Pool, Query, Retrying, Row, SqlValue, Timer, sqlite},
/// };
/// # mod database {
/// #     use lucia_sql::driver::{Row, SqlValue};
/// #     #[derive(Clone, Debug)] pub struct Database;
/// #     #[derive(Debug)] pub struct Error;
/// #     impl std::fmt::Display for Error {
/// #         fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("unique") }
/// #     }
/// #     impl std::error::Error for Error {}
/// #     impl Error {
/// #         pub fn is_unique(&self) -> bool { true }
/// #     }
/// #     impl Database {
/// #         pub async fn run(&self, _: &str, _: Vec<&SqlValue>) -> Result<(Vec<Row>, u64), Error> {
/// #             Ok((Vec::new(), 0))
/// #         }
/// #         pub async fn run_all(&self, _: Vec<(&str, Vec<&SqlValue>)>) -> Result<(), Error> { Ok(()) }
/// #     }
/// # }
/// # #[derive(Debug)] struct Clock;
/// # #[lucia_core::async_trait] impl Timer for Clock {
/// #     fn now(&self) -> Duration { Duration::ZERO }
/// #     async fn sleep(&self, _: Duration) {}
/// # }
///
/// #[derive(Clone, Debug)]
/// struct MyDriver(database::Database);
///
/// #[lucia_core::async_trait]
/// impl Driver for MyDriver {
///     fn database(&self) -> Database {
///         Database::Sqlite
///     }
///
///     async fn fetch_all(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
///         self.0.run(query.sql(), query.bound().collect()).await.map(|(rows, _)| rows).map_err(classify)
///     }
///
///     async fn execute(&self, query: &Query) -> Result<u64, DriverError> {
///         self.0.run(query.sql(), query.bound().collect()).await.map(|(_, count)| count).map_err(classify)
///     }
///
///     async fn execute_all(&self, queries: &[Query]) -> Result<(), DriverError> {
///         let all = queries.iter().map(|query| (&**query.sql(), query.bound().collect())).collect();
///         self.0.run_all(all).await.map_err(classify) // one transaction
///     }
/// }
///
/// /// Classifies an error.
/// fn classify(error: database::Error) -> DriverError {
///     let failure = match error.is_unique() {
///         true => Failure::Unique(sqlite::place(&error.to_string())),
///         false => Failure::Other,
///     };
///     DriverError::new(failure, error)
/// }
///
/// impl Family for MyDriver {
///     const NAME: &'static str = "My";
///     const TIMER: &'static dyn Timer = &Clock;
/// }
///
/// impl Pool<Self> for MyDriver {
///     fn driver(&self) -> Box<dyn Driver> {
///         Box::new(Retrying::new(self.clone(), Clock))
///     }
/// }
///
/// type MyAdapter = SqlAdapter<MyDriver>;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let adapter = MyAdapter::new(MyDriver(database::Database)).await?;
/// # Ok(()) }
/// ```
#[async_trait]
pub trait Driver: Debug + Send + Sync {
    /// Returns the kind of database, which determines the dialect of the statements.
    fn database(&self) -> Database;

    /// Returns the address of the server (`db.example.com:5432`), or the path of the file, for errors. It must not
    /// contain credentials. Defaults to `None`.
    fn address(&self) -> Option<String> {
        None
    }

    /// Returns `true` if the database rejects further statements after one has failed, because they run in a
    /// transaction. Defaults to `false`.
    fn aborts_on_error(&self) -> bool {
        false
    }

    /// Runs a query that returns at most one row.
    async fn fetch_optional(&self, query: &Query) -> Result<Option<Row>, DriverError> {
        Ok(self.fetch_all(query).await?.into_iter().next())
    }

    /// Runs a query and returns all rows.
    async fn fetch_all(&self, query: &Query) -> Result<Vec<Row>, DriverError>;

    /// Runs a statement that writes, to its end, and returns its rows.
    async fn write_and_fetch(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        self.fetch_all(query).await
    }

    /// Runs a statement, and returns the number of rows that it wrote.
    async fn execute(&self, query: &Query) -> Result<u64, DriverError>;

    /// Runs all statements in one transaction, so that either all or none take effect. The first statement may be a
    /// query; its rows are not needed.
    ///
    /// # Errors
    /// Returns an error with the [`step`](DriverError::step) that failed, if the database reports it.
    async fn execute_all(&self, queries: &[Query]) -> Result<(), DriverError>;

    /// Runs all statements in one transaction, and returns the rows of the last one, which is a query. This is only called
    /// on MySQL. Defaults to an error.
    async fn write_all_and_fetch(&self, queries: &[Query]) -> Result<Vec<Row>, DriverError> {
        let _ = queries;
        Err(DriverError::new(Failure::Other, "the driver does not implement `write_all_and_fetch`"))
    }
}

/// The pools and connections that an adapter accepts: a type of the crate that implements [`Pool`] and [`Connection`].
///
/// It lets that crate implement the traits for types of other crates, and names its adapters.
pub trait Family: 'static {
    /// The start of the adapters' names, for `Debug`: `Prisma` for `PrismaAdapter`.
    const NAME: &'static str;

    /// The timer of the async runtime that the drivers need.
    const TIMER: &'static dyn Timer;
}

/// A connection pool of the application, or another connection that an adapter is created with.
pub trait Pool<F: Family>: Send + Sync {
    /// Creates a driver for this pool.
    fn driver(&self) -> Box<dyn Driver>;
}

/// A connection of the application, possibly in a transaction, with which an adapter can write.
pub trait Connection<F: Family> {
    /// Creates a driver for this connection. It does not retry.
    ///
    /// A database may have rolled back the transaction after an error, or committed it before a statement. Calls of the
    /// driver must fail then, if it can know that: they would be committed at once.
    fn driver(&mut self) -> Box<dyn Driver + '_>;
}
