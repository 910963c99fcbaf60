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
use crate::driver::Database;

/// Returns the dialect of a database.
pub(crate) const fn of(database: Database) -> &'static dyn Dialect {
    match database {
        Database::MySql => &MySql,
        Database::Postgres => &Postgres,
        Database::Sqlite => &Sqlite { exact_numbers: true },
        Database::D1 => &Sqlite { exact_numbers: false },
    }
}
