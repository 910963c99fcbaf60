//! What differs from one database's SQL to another's.

#[cfg(feature = "sqlite")]
mod sqlite;

use std::fmt::Debug;

use async_trait::async_trait;

#[cfg(feature = "sqlite")]
pub(crate) use self::sqlite::Sqlite;
use crate::{
    config::AttributeType,
    driver::{Driver, DriverError, Query},
    schema::{FoundTable, NewTable, Object},
};

/// A database's SQL.
#[async_trait]
pub(crate) trait Dialect: Debug + Send + Sync {
    /// An identifier, quoted.
    fn quote(&self, name: &str) -> String;

    /// The placeholder of the parameter number `index`, which counts from 1. A dialect whose driver tells the server no
    /// types, or wrong ones, casts it.
    fn parameter(&self, index: usize, kind: AttributeType) -> String;

    /// Whether two names are one to the database.
    fn same_name(&self, one: &str, other: &str) -> bool;

    /// The type of the values in a column, by its declared type.
    fn attribute_type(&self, declared: &str) -> Option<AttributeType>;

    /// What a column of this type is declared as.
    fn declared_type(&self, kind: AttributeType) -> &'static str;

    /// Reads what the database knows of a table; `None` if there is none of this name.
    async fn introspect(&self, driver: &dyn Driver, table: &str) -> Result<Option<FoundTable>, DriverError>;

    /// The statements that Prisma would make these tables with, in order. The first is the users'.
    fn definitions(&self, tables: &[NewTable]) -> Vec<Object>;

    /// A query for the names of all tables and indexes.
    fn object_names(&self) -> Query;
}
