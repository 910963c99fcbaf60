//! What a driver is: text and plain values in, plain values out.
//!
//! ```
//! use std::time::Duration;
//!
//! use lucia_sql::driver::{Database, Driver, DriverError, Pool, Query, Retrying, Row, Timer};
//! # use lucia_sql::driver::{Failure, SqlValue};
//! # #[derive(Debug)] struct Clock;
//! # #[lucia_core::async_trait] impl Timer for Clock {
//! #     fn now(&self) -> Duration { Duration::ZERO }
//! #     async fn sleep(&self, _: Duration) {}
//! # }
//! # #[derive(Clone, Debug)] struct Connections;
//! # impl Connections {
//! #     async fn run(&self, _: &str, _: Vec<&SqlValue>) -> Result<(Vec<Row>, u64), std::io::Error> { Ok((Vec::new(), 0)) }
//! # }
//! # fn classify(error: std::io::Error) -> DriverError { DriverError::new(Failure::Other, error) }
//!
//! #[derive(Clone, Debug)]
//! struct MyDriver(Connections);
//!
//! #[lucia_core::async_trait]
//! impl Driver for MyDriver {
//!     fn database(&self) -> Database { Database::Sqlite }
//!     fn timer(&self) -> &dyn Timer { &Clock }
//!     async fn fetch_all(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
//!         let (rows, _) = self.0.run(query.sql(), query.bound().collect()).await.map_err(classify)?;
//!         Ok(rows)
//!     }
//!     async fn execute(&self, query: &Query) -> Result<u64, DriverError> {
//!         let (_, count) = self.0.run(query.sql(), query.bound().collect()).await.map_err(classify)?;
//!         Ok(count)
//!     }
//!     async fn execute_all(&self, queries: &[Query]) -> Result<(), DriverError> {
//!         # let _ = queries;
//!         // All of them in one transaction.
//!         Ok(())
//!     }
//! }
//!
//! impl Pool<Self> for MyDriver {
//!     fn driver(&self) -> Box<dyn Driver> { Box::new(Retrying::new(self.clone())) }
//! }
//! ```

mod backoff;
mod database;
#[expect(clippy::module_inception, reason = "it holds the trait of this name")]
mod driver;
mod error;
pub mod mysql;
mod pool;
pub mod postgres;
mod query;
mod retrying;
pub mod sqlite;
mod timer;
mod value;

pub(crate) use self::query::Statement;
pub use self::{
    backoff::Backoff,
    database::Database,
    driver::Driver,
    error::{DriverError, Failure, Place, Retry},
    pool::{Connection, Pool},
    query::Query,
    retrying::Retrying,
    timer::Timer,
    value::{Row, SqlValue},
};
