//! Diesel through diesel-async: the same statements on the pool of a Diesel application.

mod diagnosis;
#[cfg(feature = "diesel-mysql")]
mod mysql;
#[cfg(feature = "diesel-postgres")]
mod postgres;
mod redacted;
mod row;
#[cfg(feature = "diesel-sqlite")]
mod sqlite;
mod statement;

use diesel::result::Error;
use diesel_async::pooled_connection::deadpool::PoolError;

use self::row::Cells;
use crate::driver::{DriverError, Failure, Place, Remedy, Row, StepError};

fn rows(cells: Vec<Cells>) -> Vec<Row> {
    cells.into_iter().map(|Cells(row)| row).collect()
}

/// A pool that has no connection to give.
fn unavailable(error: PoolError) -> DriverError {
    DriverError { failure: Failure::Unavailable, remedy: Remedy::None, source: Box::new(error) }
}

impl From<Error> for StepError {
    /// The failure of the transaction itself.
    fn from(error: Error) -> Self {
        diagnosis::diagnose(error, |_, _| Place::default()).into()
    }
}
