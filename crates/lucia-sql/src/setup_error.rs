use std::{error::Error, fmt};

use crate::{
    driver::{Driver, DriverError, Failure},
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
    #[error("{server} is unavailable or did not answer in time")]
    #[non_exhaustive]
    Unavailable {
        /// The kind of database and, if the driver knows it, its address: `Postgres at db.example.com:5432`.
        server: String,
        /// The driver's own error.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The database rejected the creation of a table, index, type or foreign key.
    #[error("the database rejected the creation of `{object}`")]
    #[non_exhaustive]
    Create {
        /// The name of the table, index, type or foreign key.
        object: String,
        /// The driver's own error.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The tables or the settings of the connections could not be read.
    #[error("{server}: the tables could not be read")]
    #[non_exhaustive]
    Database {
        /// The kind of database and, if the driver knows it, its address.
        server: String,
        /// The driver's own error.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The replica is another kind of database than the primary.
    #[error(
        "{replica} is another kind of database than the primary, {primary}: pass a pool of a replica of the primary"
    )]
    #[non_exhaustive]
    OtherDatabase {
        /// The kind of database of the primary and, if the driver knows it, its address.
        primary: String,
        /// The kind of database of the replica and, if the driver knows it, its address.
        replica: String,
    },
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

impl SetupError {
    /// Names the server of an error that a `?` converted from the driver's.
    pub(crate) fn at(mut self, driver: &dyn Driver) -> Self {
        if let Self::Unavailable { server, .. } | Self::Database { server, .. } = &mut self {
            *server = server_name(driver);
        }
        self
    }
}

/// Returns the kind of database and, if the driver knows it, its address.
pub(crate) fn server_name(driver: &dyn Driver) -> String {
    let name = driver.database().name();
    driver.address().map_or_else(|| name.to_owned(), |address| format!("{name} at {address}"))
}

impl From<DriverError> for SetupError {
    fn from(error: DriverError) -> Self {
        let (server, source) = ("the database".to_owned(), error.source);
        match error.failure {
            Failure::Unavailable => Self::Unavailable { server, source },
            _ => Self::Database { server, source },
        }
    }
}
