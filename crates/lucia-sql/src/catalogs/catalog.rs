use std::fmt::Debug;

use async_trait::async_trait;

use super::{FoundColumn, FoundTable, NewTable, Object};
use crate::{
    config::DateTimeFormat,
    dialects::Returning,
    driver::{Driver, DriverError, Query},
    mismatch::Mismatch,
    tables::TimeForm,
};

/// The system catalog of a database: reads the existing tables, and creates new ones.
#[async_trait]
pub(crate) trait Catalog: Debug + Send + Sync {
    /// Returns the settings of the connections that an adapter cannot work with.
    async fn settings(&self, driver: &dyn Driver, schema: Option<&str>) -> Result<Vec<Mismatch>, DriverError> {
        let _ = (driver, schema);
        Ok(Vec::new())
    }

    /// Returns the schema with which tables are qualified, given the configured one, or `None` if they are not
    /// qualified.
    async fn schema(&self, driver: &dyn Driver, configured: Option<&str>) -> Result<Option<String>, DriverError> {
        let _ = (driver, configured);
        Ok(None)
    }

    /// Returns the writes that can return rows.
    async fn returning(&self, driver: &dyn Driver) -> Result<Returning, DriverError> {
        let _ = driver;
        Ok(Returning::Writes)
    }

    /// Reads the definition of a table, or returns `None` if it does not exist.
    async fn introspect(
        &self,
        driver: &dyn Driver,
        schema: Option<&str>,
        table: &str,
    ) -> Result<Option<FoundTable>, DriverError>;

    /// Returns the form in which times are written to a column.
    fn time_form(&self, column: &FoundColumn, format: DateTimeFormat) -> TimeForm;

    /// Returns the objects of these tables, in order, with the statements of Prisma. The first table is that of the
    /// users.
    fn definitions(&self, schema: Option<&str>, tables: &[NewTable]) -> Vec<Object>;

    /// Returns a query for the names of all existing objects of the kinds in [`definitions`](Self::definitions).
    fn object_names(&self, schema: Option<&str>) -> Query;
}
