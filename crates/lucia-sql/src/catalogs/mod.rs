//! The system catalogs of the databases, and the statements that create tables.

mod found;
mod new_table;
mod object;
mod catalog;
mod mysql;
mod postgres;
mod sqlite;

pub(crate) use self::{
    catalog::Catalog,
    found::{FoundColumn, FoundTable, Inexact, Unique},
    new_table::{NewColumn, NewTable},
    object::Object,
};
use self::{mysql::MySqlCatalog, postgres::PostgresCatalog, sqlite::SqliteCatalog};
use crate::driver::Database;

/// Returns the catalog of a database.
pub(crate) const fn of(database: Database) -> &'static dyn Catalog {
    match database {
        Database::MySql => &MySqlCatalog,
        Database::Postgres => &PostgresCatalog,
        Database::Sqlite | Database::D1 => &SqliteCatalog,
    }
}
