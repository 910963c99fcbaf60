mod create;
mod introspect;

use async_trait::async_trait;

use super::{Catalog, FoundColumn, FoundTable, NewTable, Object};
use crate::{
    config::DateTimeFormat,
    driver::{Driver, DriverError, Query, SqlValue},
    mismatch::Mismatch,
    tables::TimeForm,
};

/// The catalog of Postgres.
#[derive(Debug)]
pub(super) struct PostgresCatalog;

#[async_trait]
impl Catalog for PostgresCatalog {
    /// Reports read-only transactions: those of a read-only user or of a replica.
    async fn settings(&self, driver: &dyn Driver, _schema: Option<&str>) -> Result<Vec<Mismatch>, DriverError> {
        let setting = "transaction_read_only";
        let query = Query::new("SELECT pg_catalog.current_setting($1::text)", [setting.into()]);
        match driver.fetch_optional(&query).await?.and_then(|row| row.into_iter().next()) {
            Some(SqlValue::Text(found)) if found == "on" => {
                Ok(vec![Mismatch::WrongSetting { setting, found, needed: "off, as on a primary server" }])
            }
            _ => Ok(Vec::new()),
        }
    }

    async fn schema(&self, driver: &dyn Driver, configured: Option<&str>) -> Result<Option<String>, DriverError> {
        if let Some(schema) = configured {
            return Ok(Some(schema.to_owned()));
        }
        let row = driver.fetch_optional(&Query::new("SELECT pg_catalog.current_schema()::text", [])).await?;
        match row.and_then(|row| row.into_iter().next()) {
            Some(SqlValue::Text(schema)) => Ok(Some(schema)),
            _ => Ok(Some("public".to_owned())),
        }
    }

    /// Always writes an offset: a column with a time zone needs it, and one without ignores it, which is right because
    /// the time is UTC.
    fn time_form(&self, _column: &FoundColumn, _format: DateTimeFormat) -> TimeForm {
        TimeForm::WithOffset
    }

    async fn introspect(
        &self,
        driver: &dyn Driver,
        schema: Option<&str>,
        table: &str,
    ) -> Result<Option<FoundTable>, DriverError> {
        introspect::table(driver, schema.unwrap_or("public"), table).await
    }

    fn definitions(&self, schema: Option<&str>, tables: &[NewTable]) -> Vec<Object> {
        create::definitions(schema, tables)
    }

    fn object_names(&self, schema: Option<&str>) -> Query {
        create::object_names(schema)
    }
}
