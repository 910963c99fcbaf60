use std::fmt::Debug;

use async_trait::async_trait;

use super::{FoundColumn, FoundTable, NewTable, Object};
use crate::{
    config::DateTimeFormat,
    driver::{Driver, DriverError, Query},
    mismatch::Mismatch,
    tables::TimeForm,
};

/// What a database tells of its tables, and how it is told to make them.
#[async_trait]
pub(crate) trait Catalog: Debug + Send + Sync {
    /// Returns what is wrong with the settings of the connections.
    async fn settings(&self, driver: &dyn Driver, schema: Option<&str>) -> Result<Vec<Mismatch>, DriverError> {
        let _ = (driver, schema);
        Ok(Vec::new())
    }

    /// Returns the schema that qualifies the tables, given the configured one; `None` if they are not qualified.
    async fn schema(&self, driver: &dyn Driver, configured: Option<&str>) -> Result<Option<String>, DriverError> {
        let _ = (driver, configured);
        Ok(None)
    }

    /// Reads what the database knows of a table; `None` if it does not exist.
    async fn introspect(
        &self,
        driver: &dyn Driver,
        schema: Option<&str>,
        table: &str,
    ) -> Result<Option<FoundTable>, DriverError>;

    /// Returns how times are written to a column.
    fn time_form(&self, column: &FoundColumn, format: DateTimeFormat) -> TimeForm;

    /// Returns the statements that Prisma would make these tables with, in order. The first is the users'.
    fn definitions(&self, schema: Option<&str>, tables: &[NewTable]) -> Vec<Object>;

    /// Returns a query for the names of everything that [`definitions`](Self::definitions) makes.
    fn object_names(&self, schema: Option<&str>) -> Query;
}
