//! Compares the tables with the requirements of an adapter.

mod names;
mod content;
mod checker;
mod columns;
mod fields;
mod attributes;
mod configured;
mod tables;

pub(super) use self::attributes::unsupported_list;
use self::checker::Checker;
use crate::{
    config::SqlConfig,
    dialects::Returning,
    driver::{Database, Driver, Family, Pool},
    mismatch::Mismatch,
    setup_error::SetupError,
    tables::{KeyTable, SessionTable, TokenTable, UserTable},
};

impl SqlConfig {
    /// Checks that the tables have what an adapter needs. Creating an adapter does the same, except on D1.
    ///
    /// # Errors
    /// Returns [`SetupError::Mismatch`] with every difference if the tables do not match the configuration, and
    /// [`SetupError::Unavailable`] or [`SetupError::Database`] if the tables cannot be read.
    pub async fn check<F: Family>(&self, pool: &impl Pool<F>) -> Result<(), SetupError> {
        let driver = pool.driver();
        self.check_names(driver.database())?;
        let read = async { read_all(Checker::new(self, &*driver).await?, self).await };
        read.await.map(drop).map_err(|error| error.at(&*driver))
    }
}

/// The tables of an adapter for users and keys, and that of their tokens if one is configured.
pub(super) type UserTables = (UserTable, KeyTable, Option<TokenTable>);

/// Returns the tables of an adapter. On D1 they are not checked.
pub(crate) async fn tables(config: &SqlConfig, driver: &dyn Driver) -> Result<(UserTables, SessionTable), SetupError> {
    let read = async { read_all(checker(config, driver).await?, config).await };
    let tables = read.await.map_err(|error| error.at(driver))?;
    let ((user, ..), session) = &tables;
    check_column_count(driver, user.columns().count() + session.columns().count())?;
    Ok(tables)
}

/// Returns the tables of an adapter without sessions.
pub(crate) async fn user_tables(config: &SqlConfig, driver: &dyn Driver) -> Result<UserTables, SetupError> {
    let read = async {
        let mut checker = checker(config, driver).await?;
        let user = checker.user_table(config).await?;
        let key = checker.key_table(config, &user).await?;
        let token = token_table_of(&mut checker, config, &user).await?;
        check_column_count(driver, user.columns().count())?;
        checker.finish((user, key, token))
    };
    read.await.map_err(|error: SetupError| error.at(driver))
}

/// Returns the table of tokens, the table of users unless they are elsewhere, and the writes that return rows.
pub(crate) async fn token_tables(
    config: &SqlConfig,
    driver: &dyn Driver,
) -> Result<(TokenTable, Option<UserTable>, Returning), SetupError> {
    let table = config.token_table();
    let config = &config.clone().token(table.clone());
    let read = async {
        let mut checker = checker(config, driver).await?;
        let user = if config.without_user_table { None } else { Some(checker.user_ids(config).await?) };
        let token = checker.token_table(&table, config, user.as_ref()).await?;
        let returning = checker.catalog.returning(driver).await?;
        checker.finish((token, user, returning))
    };
    read.await.map_err(|error: SetupError| error.at(driver))
}

/// The number of columns that a query of D1 can return.
const MAX_D1_COLUMNS: usize = 100;

/// Checks the number of columns that the largest query returns. Other databases allow more columns than their tables have.
fn check_column_count(driver: &dyn Driver, columns: usize) -> Result<(), SetupError> {
    if driver.database() == Database::D1 && columns > MAX_D1_COLUMNS {
        return Err(SetupError::Mismatch(vec![Mismatch::TooManyColumns { columns, limit: MAX_D1_COLUMNS }]));
    }
    Ok(())
}

async fn checker<'d>(config: &SqlConfig, driver: &'d dyn Driver) -> Result<Checker<'d>, SetupError> {
    config.check_names(driver.database())?;
    match driver.database() {
        Database::D1 => Ok(Checker::of_config(config, driver)),
        _ => Checker::new(config, driver).await,
    }
}

async fn read_all(mut checker: Checker<'_>, config: &SqlConfig) -> Result<(UserTables, SessionTable), SetupError> {
    let user = checker.user_table(config).await?;
    let session = checker.session_table(config, &user).await?;
    let key = checker.key_table(config, &user).await?;
    let token = token_table_of(&mut checker, config, &user).await?;
    checker.finish(((user, key, token), session))
}

/// Returns the table of tokens if one is configured.
async fn token_table_of(
    checker: &mut Checker<'_>,
    config: &SqlConfig,
    users: &UserTable,
) -> Result<Option<TokenTable>, SetupError> {
    match &config.token {
        Some(table) => checker.token_table(table, config, Some(users)).await.map(Some),
        None => Ok(None),
    }
}
