//! The catalogues of the databases: what they say of tables, and the statements that make them.

mod found;
mod new_table;
mod object;
#[expect(clippy::module_inception, reason = "it holds the trait of this name")]
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

/// Returns the catalogue of a database.
pub(crate) const fn of(database: Database) -> &'static dyn Catalog {
    match database {
        Database::MySql => &MySqlCatalog,
        Database::Postgres => &PostgresCatalog,
        Database::Sqlite | Database::D1 => &SqliteCatalog,
    }
}
