use std::{error::Error, fmt};

use crate::{
    driver::{DriverError, Failure},
    mismatch::Mismatch,
};

/// The error of creating an adapter or a table.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The configuration and the tables do not fit together. Every difference is listed.
    #[error("{}", Listed(.0))]
    Mismatch(Vec<Mismatch>),
    /// The database could not be reached, or did not answer in time. Trying again may help.
    #[error("the database could not be reached, or did not answer in time")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The database refused to make a table, index, type or foreign key; the source is the driver's own error.
    #[error("the database refused to create `{object}`")]
    Create {
        /// The name of what it would not make.
        object: String,
        /// The driver's own error.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The database could not be asked about its tables; the source is the driver's own error.
    #[error("the database refused to describe its tables")]
    Database(#[source] Box<dyn Error + Send + Sync>),
}

struct Listed<'a>(&'a [Mismatch]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration does not fit the database: ")?;
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
