use super::rows::{Cells, readable};
use crate::{
    dialects,
    driver::{Driver, Query},
    error::Error,
    statement::{KeyStatements, UserStatements},
    tables::{KeyTable, SessionTable, TokenTable, UserTable},
};

/// The tables of users and keys, their statements, and the driver.
#[derive(Debug)]
pub(super) struct UsersAndKeys {
    pub(super) driver: Box<dyn Driver>,
    pub(super) user: UserTable,
    pub(super) key: KeyTable,
    pub(super) users: UserStatements,
    pub(super) keys: KeyStatements,
}

impl UsersAndKeys {
    /// Renders the statements. With `session` and `token`, deleting a user deletes its sessions and tokens, too.
    pub(super) fn new(
        driver: Box<dyn Driver>,
        user: UserTable,
        key: KeyTable,
        session: Option<&SessionTable>,
        token: Option<&TokenTable>,
    ) -> Self {
        let dialect = dialects::of(driver.database());
        let users = UserStatements::new(dialect, &user, &key, session, token);
        let keys = KeyStatements::new(dialect, &key, &user);
        Self { driver, user, key, users, keys }
    }
}

/// Checks that a connection belongs to the adapter's kind of database.
pub(super) fn check_database(adapter: &dyn Driver, connection: &dyn Driver) -> Result<(), Error> {
    let (expected, found) = (adapter.database(), connection.database());
    if expected == found { Ok(()) } else { Err(Error::wrong_connection(expected.name(), found.name())) }
}

// These functions take no query for an id that the column cannot store: it has no row.

/// Returns the row that a query finds.
pub(super) async fn get<T>(
    on: &dyn Driver,
    query: Option<Query>,
    read: impl FnOnce(&mut Cells) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    let Some(query) = query else { return Ok(None) };
    let row = on.fetch_optional(&query).await.map_err(Error::plain)?;
    row.map(|row| read(&mut row.into_iter())).transpose()
}

/// Returns the readable rows that a query finds.
pub(super) async fn list<T>(
    on: &dyn Driver,
    query: Option<Query>,
    read: impl Fn(&mut Cells) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let Some(query) = query else { return Ok(Vec::new()) };
    Ok(readable(on.fetch_all(&query).await.map_err(Error::plain)?, read))
}

/// Returns `true` if a query finds a row.
pub(super) async fn exists(on: &dyn Driver, query: Option<Query>) -> Result<bool, Error> {
    let Some(query) = query else { return Ok(false) };
    on.fetch_optional(&query).await.map(|row| row.is_some()).map_err(Error::plain)
}

/// Runs a statement that deletes.
pub(super) async fn delete(on: &dyn Driver, query: Option<Query>) -> Result<(), Error> {
    let Some(query) = query else { return Ok(()) };
    on.execute(&query).await.map(drop).map_err(Error::plain)
}
