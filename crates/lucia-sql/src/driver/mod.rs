//! The interface between adapters and drivers. A driver runs the text of a statement with plain values, and returns
//! plain values.
//!
//! The documentation of the [crate] has an example.

mod value;
mod query;
mod error;
mod database;
pub mod sqlite;
pub mod mysql;
pub mod postgres;
mod timer;
mod backoff;
#[expect(clippy::module_inception, reason = "it contains the trait of this name")]
mod driver;
mod pool;
mod retrying;

pub(crate) use self::query::Statement;
pub use self::{
    backoff::Backoff,
    database::Database,
    driver::Driver,
    error::{DriverError, Failure, Place, Retry},
    pool::{Connection, Family, Pool},
    query::Query,
    retrying::Retrying,
    timer::Timer,
    value::{Row, SqlValue},
};
