//! The differences between the SQL of the databases.

mod text;
mod returning;
mod dialect;
mod mysql;
mod postgres;
mod sqlite;

pub(crate) use self::{
    dialect::Dialect,
    mysql::MySql,
    postgres::Postgres,
    returning::Returning,
    sqlite::Sqlite,
    text::{Operand, Text},
};
use crate::{config::SqlConfig, driver::Database};

/// Returns the dialect of a database.
pub(crate) const fn of(database: Database) -> &'static dyn Dialect {
    match database {
        Database::MySql => &MySql,
        Database::Postgres => &Postgres { skips_locked: true },
        Database::Sqlite => &Sqlite { exact_numbers: true },
        Database::D1 => &Sqlite { exact_numbers: false },
    }
}

/// Returns the dialect of a database with the features that the configuration declares.
pub(crate) const fn configured(database: Database, config: &SqlConfig) -> &'static dyn Dialect {
    match database {
        Database::Postgres if config.without_skip_locked => &Postgres { skips_locked: false },
        _ => of(database),
    }
}
