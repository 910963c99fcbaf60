use std::sync::Arc;

use lucia_core::{AdapterErrorKind as Kind, KeySchema, UserId, UserSchema, UserUpdate};

use super::write;
use crate::{
    dialect,
    driver::{Driver, Query, SqlValue, Statement},
    error::Error,
    statement::{KeyStatements, SessionStatements, UserStatements},
    tables::{KeyTable, SessionTable, UserTable, Written},
    value,
};

/// The tables of users and keys.
#[derive(Debug)]
pub(super) struct Users {
    driver: Arc<dyn Driver>,
    pub(super) user_table: UserTable,
    pub(super) key_table: KeyTable,
    pub(super) user: UserStatements,
    pub(super) key: KeyStatements,
    /// Deletes the sessions of a user, if they are here.
    delete_sessions: Option<Statement>,
}

impl Users {
    pub(super) fn new(
        driver: Arc<dyn Driver>,
        user_table: UserTable,
        key_table: KeyTable,
        session: Option<&SessionTable>,
    ) -> Self {
        let dialect = dialect::of(driver.database());
        let sessions = session.map(|session| SessionStatements::new(dialect, session, &user_table));
        Self {
            user: UserStatements::new(dialect, &user_table, &key_table, session),
            key: KeyStatements::new(dialect, &key_table, &user_table),
            delete_sessions: sessions.map(|statements| statements.delete_by_user),
            driver,
            user_table,
            key_table,
        }
    }

    pub(super) fn driver(&self) -> &dyn Driver {
        &*self.driver
    }

    pub(super) async fn get_user(&self, user_id: &UserId) -> Result<Option<UserSchema>, Error> {
        let table = &self.user_table;
        let Ok(id) = value::id(&table.id, user_id.as_str()) else {
            return Ok(None);
        };
        let row = self.driver.fetch_optional(&Query::of(&self.user.get, [id])).await.map_err(Error::plain)?;
        row.map(|row| table.read(&mut row.into_iter())).transpose()
    }

    pub(super) async fn set_user(
        &self,
        on: &dyn Driver,
        user: &UserSchema,
        key: Option<&KeySchema>,
    ) -> Result<(), Error> {
        if key.is_some_and(|key| key.user_id != user.id) {
            return Err(Error::others_key());
        }
        let table = &self.user_table;
        let mut parameters = vec![write::id(&table.id, user.id.as_str(), Kind::UnsupportedId)?];
        let columns = write::inserted(&table.table, &table.attributes, user.attributes(), &mut parameters)?;
        let result = match key {
            None => {
                let insert = Query { statement: self.user.insert(table, &columns), parameters };
                on.execute(&insert).await.map(drop).map_err(|error| Error::of(table.written(), error))
            }
            Some(key) => match self.user.insert_with_key(table, &columns, &self.key_table) {
                Some(statement) => {
                    parameters.extend(self.key_values(key)?);
                    let inserted = on.execute(&Query { statement, parameters }).await;
                    inserted.map(drop).map_err(|error| Error::of(self.of_table(error.table()), error))
                }
                None => {
                    let insert = Query { statement: self.user.insert(table, &columns), parameters };
                    let inserted = on.execute_all(&[insert, self.insert_key(key)?]).await;
                    inserted.map_err(|failed| match failed.step {
                        Some(0) => Error::of(table.written(), failed),
                        Some(1) => Error::of(self.key_table.written(), failed),
                        _ => Error::of(self.of_table(failed.table()), failed),
                    })
                }
            },
        };
        match result {
            // Where both are taken, which of the two is reported is up to the database.
            Err(error) if error.is_duplicate_attribute() && self.is_taken(on, &user.id).await? => {
                Err(error.into_kind(Kind::DuplicateUserId))
            }
            result => result,
        }
    }

    /// The table that a statement or transaction for both failed at.
    fn of_table(&self, name: Option<&str>) -> Written<'_> {
        match name {
            Some(name) if self.key_table.table.is(name) => self.key_table.written(),
            _ => self.user_table.written(),
        }
    }

    pub(super) async fn update_user(&self, user_id: &UserId, update: &UserUpdate) -> Result<(), Error> {
        let table = &self.user_table;
        if update.is_empty() {
            let exists = self.user_exists(&*self.driver, user_id).await?;
            return if exists { Ok(()) } else { Err(Error::from(Kind::InvalidUserId)) };
        }
        let mut parameters = Vec::with_capacity(update.attributes().len() + 1);
        let columns = write::updated(&table.table, &table.attributes, update.attributes(), &mut parameters)?;
        parameters.push(write::id(&table.id, user_id.as_str(), Kind::InvalidUserId)?);
        let query = Query { statement: self.user.update(table, &columns), parameters };
        match self.driver.execute(&query).await.map_err(|error| Error::of(table.written(), error))? {
            0 => Err(Error::from(Kind::InvalidUserId)),
            _ => Ok(()),
        }
    }

    /// Deletes what belongs to the user too, whether or not the database cascades.
    pub(super) async fn delete_user(&self, user_id: &UserId) -> Result<(), Error> {
        let Ok(id) = value::id(&self.user_table.id, user_id.as_str()) else {
            return Ok(());
        };
        if let Some(statement) = &self.user.delete_with_all {
            let ids = 2 + usize::from(self.delete_sessions.is_some());
            let deleted = self.driver.execute(&Query::of(statement, vec![id; ids])).await;
            return deleted.map(drop).map_err(Error::plain);
        }
        let all = self.delete_sessions.iter().chain([&self.key.delete_by_user, &self.user.delete]);
        let queries: Vec<_> = all.map(|statement| Query::of(statement, [id.clone()])).collect();
        self.driver.execute_all(&queries).await.map_err(Error::plain)
    }

    /// Whether there is a user of this id, if one can still be looked for after a failure.
    async fn is_taken(&self, on: &dyn Driver, user_id: &UserId) -> Result<bool, Error> {
        if on.aborts_on_error() { Ok(false) } else { self.user_exists(on, user_id).await }
    }

    async fn user_exists(&self, on: &dyn Driver, user_id: &UserId) -> Result<bool, Error> {
        exists(on, &self.user.exists, value::id(&self.user_table.id, user_id.as_str()).ok()).await
    }
}

pub(super) async fn exists(on: &dyn Driver, statement: &Statement, id: Option<SqlValue>) -> Result<bool, Error> {
    let Some(id) = id else {
        return Ok(false);
    };
    let row = on.fetch_optional(&Query::of(statement, [id])).await;
    row.map(|row| row.is_some()).map_err(Error::plain)
}

/// Deletes by an id. What the database cannot hold is not there.
pub(super) async fn delete(on: &dyn Driver, statement: &Statement, id: Option<SqlValue>) -> Result<(), Error> {
    let Some(id) = id else {
        return Ok(());
    };
    on.execute(&Query::of(statement, [id])).await.map(drop).map_err(Error::plain)
}
