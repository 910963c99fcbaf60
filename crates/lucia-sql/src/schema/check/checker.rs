use std::borrow::Cow;

use crate::{
    catalogs::{self, Catalog, FoundColumn},
    config::{DateTimeFormat, SqlConfig, Table},
    dialects::{self, Dialect},
    driver::Driver,
    mismatch::Mismatch,
    setup_error::SetupError,
};

/// Compares tables with the requirements of an adapter, and collects every difference.
pub(super) struct Checker<'d> {
    pub(super) driver: &'d dyn Driver,
    pub(super) dialect: &'static dyn Dialect,
    pub(super) catalog: &'static dyn Catalog,
    pub(super) schema: Option<String>,
    pub(super) format: DateTimeFormat,
    /// `true` if the tables are expected to match the configuration, and the database is not asked.
    pub(super) trusts_config: bool,
    pub(super) mismatches: Vec<Mismatch>,
}

impl<'d> Checker<'d> {
    /// Creates a checker, and checks the settings of the connections.
    pub(super) async fn new(config: &SqlConfig, driver: &'d dyn Driver) -> Result<Self, SetupError> {
        let mut checker = Self::of_config(config, driver);
        let configured = config.schema.as_deref();
        checker.mismatches = checker.catalog.settings(driver, configured).await?;
        checker.schema = checker.catalog.schema(driver, configured).await?;
        Ok(Self { trusts_config: false, ..checker })
    }

    /// Creates a checker that trusts the configuration and does not ask the database.
    pub(super) fn of_config(config: &SqlConfig, driver: &'d dyn Driver) -> Self {
        Self {
            driver,
            dialect: dialects::of(driver.database()),
            catalog: catalogs::of(driver.database()),
            schema: config.schema.clone(),
            format: config.date_time_format,
            trusts_config: true,
            mismatches: Vec::new(),
        }
    }

    pub(super) fn finish<T>(self, checked: T) -> Result<T, SetupError> {
        if self.mismatches.is_empty() { Ok(checked) } else { Err(SetupError::Mismatch(self.mismatches)) }
    }
}

pub(super) fn wrong_type(table: &Table, name: &str, column: &FoundColumn, needed: Cow<'static, str>) -> Mismatch {
    let (table, column, found) = (table.name.clone(), name.to_owned(), type_name(&column.declared));
    Mismatch::WrongType { table, column, found, needed }
}

pub(super) fn type_name(declared: &str) -> String {
    if declared.is_empty() { "without a type".to_owned() } else { declared.to_owned() }
}
