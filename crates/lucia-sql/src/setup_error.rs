use std::{error::Error, fmt};

use crate::{
    driver::{DriverError, Failure},
    mismatch::Mismatch,
};

/// An error from creating an adapter or a table.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The configuration does not match the database. Contains every difference.
    #[error("{}", Listed(.0))]
    Mismatch(Vec<Mismatch>),
    /// The database is unavailable or did not answer in time. A retry may succeed.
    #[error("the database is unavailable or did not answer in time")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The database rejected the creation of a table, index, type or foreign key.
    #[error("the database rejected the creation of `{object}`")]
    #[non_exhaustive]
    Create {
        /// The name of the table, index, type or foreign key.
        object: String,
        /// The driver's own error.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The tables or the settings of the connections could not be read. Contains the driver's own error.
    #[error("the tables of the database could not be read")]
    Database(#[source] Box<dyn Error + Send + Sync>),
}

struct Listed<'a>(&'a [Mismatch]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration does not match the database: ")?;
        for (index, mismatch) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            mismatch.fmt(f)?;
        }
        Ok(())
    }
}

impl From<DriverError> for SetupError {
    fn from(error: DriverError) -> Self {
        match error.failure {
            Failure::Unavailable => Self::Unavailable(error.source),
            _ => Self::Database(error.source),
        }
    }
}
