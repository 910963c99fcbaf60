mod types;
mod settings;
mod create;
mod introspect;
mod version;

use async_trait::async_trait;

use super::{Catalog, FoundColumn, FoundTable, NewTable, Object};
use crate::{
    config::DateTimeFormat,
    dialects::Returning,
    driver::{Driver, DriverError, Query},
    mismatch::Mismatch,
    tables::TimeForm,
};

/// The catalog of MySQL and MariaDB.
#[derive(Debug)]
pub(super) struct MySqlCatalog;

#[async_trait]
impl Catalog for MySqlCatalog {
    async fn settings(&self, driver: &dyn Driver, schema: Option<&str>) -> Result<Vec<Mismatch>, DriverError> {
        settings::wrong(driver, schema).await
    }

    /// Returns the configured database. Tables are only qualified if one is configured.
    async fn schema(&self, _driver: &dyn Driver, configured: Option<&str>) -> Result<Option<String>, DriverError> {
        Ok(configured.map(str::to_owned))
    }

    async fn returning(&self, driver: &dyn Driver) -> Result<Returning, DriverError> {
        version::returning(driver).await
    }

    async fn introspect(
        &self,
        driver: &dyn Driver,
        schema: Option<&str>,
        table: &str,
    ) -> Result<Option<FoundTable>, DriverError> {
        introspect::introspect(driver, schema, table).await
    }

    fn time_form(&self, _column: &FoundColumn, _format: DateTimeFormat) -> TimeForm {
        TimeForm::Plain
    }

    fn definitions(&self, schema: Option<&str>, tables: &[NewTable]) -> Vec<Object> {
        create::definitions(schema, tables)
    }

    fn object_names(&self, schema: Option<&str>) -> Query {
        introspect::object_names(schema)
    }
}
