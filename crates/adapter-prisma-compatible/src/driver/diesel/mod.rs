//! Diesel through diesel-async: the same statements on the pool of a Diesel application.

mod diagnosis;
#[cfg(feature = "diesel-mysql")]
mod mysql;
mod pool;
#[cfg(feature = "diesel-postgres")]
mod postgres;
mod redacted;
mod row;
#[cfg(feature = "diesel-sqlite")]
mod sqlite;
mod statement;

use diesel::result::Error;

use self::row::Cells;
use crate::driver::{Place, Row, StepError};

fn rows(cells: Vec<Cells>) -> Vec<Row> {
    cells.into_iter().map(|Cells(row)| row).collect()
}

impl From<Error> for StepError {
    /// The failure of the transaction itself.
    fn from(error: Error) -> Self {
        diagnosis::diagnose(error, |_, _| Place::default()).into()
    }
}
