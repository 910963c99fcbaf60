//! The interface between adapters and drivers. A driver runs the text of a statement with plain values, and returns
//! plain values.
//!
//! The documentation of [`Driver`] has an example.

mod value;
mod query;
mod error;
mod database;
pub mod sqlite;
pub mod mysql;
pub mod postgres;
mod timer;
mod backoff;
mod traits;
mod retrying;

pub(crate) use self::query::Statement;
pub use self::{
    backoff::Backoff,
    database::Database,
    error::{DriverError, Failure, Place, Retry},
    query::Query,
    retrying::Retrying,
    timer::Timer,
    traits::{Connection, Driver, Family, Pool},
    value::{Row, SqlValue},
};
