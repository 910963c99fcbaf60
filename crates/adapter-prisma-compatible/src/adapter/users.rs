use std::sync::Arc;

use lucia_core::{AdapterErrorKind as Kind, KeySchema, UserId, UserSchema, UserUpdate};

use super::write;
use crate::{
    driver::{Driver, Query, SqlValue, Statement},
    error::Error,
    schema::{self, SessionTable, Written},
    sql::{KeyStatements, SessionStatements, UserStatements},
    value,
};

/// The tables of users and keys.
#[derive(Debug)]
pub(super) struct Users {
    driver: Arc<dyn Driver>,
    pub(super) schema: schema::UserSchema,
    pub(super) user: UserStatements,
    pub(super) key: KeyStatements,
    /// Deletes the sessions of a user, if they are here.
    delete_sessions: Option<Statement>,
}

impl Users {
    pub(super) fn new(driver: Arc<dyn Driver>, schema: schema::UserSchema, session: Option<&SessionTable>) -> Self {
        let dialect = driver.dialect();
        let sessions = session.map(|session| SessionStatements::new(dialect, session, &schema.user));
        Self {
            user: UserStatements::new(dialect, &schema.user, &schema.key, session),
            key: KeyStatements::new(dialect, &schema.key, &schema.user),
            delete_sessions: sessions.map(|statements| statements.delete_by_user),
            driver,
            schema,
        }
    }

    pub(super) fn driver(&self) -> &dyn Driver {
        &*self.driver
    }

    pub(super) async fn get_user(&self, user_id: &UserId) -> Result<Option<UserSchema>, Error> {
        let table = &self.schema.user;
        let Ok(id) = value::id(&table.id, user_id.as_str()) else {
            return Ok(None);
        };
        let row = self.driver.fetch_optional(&Query::new(&self.user.get, [id])).await.map_err(Error::plain)?;
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
        let table = &self.schema.user;
        let mut parameters = vec![write::id(&table.id, user.id.as_str(), Kind::UnsupportedId)?];
        let columns = write::inserted(&table.table, &table.attributes, user.attributes(), &mut parameters)?;
        let result = match key {
            None => {
                let insert = Query { statement: self.user.insert(table, &columns), parameters };
                on.execute(&insert).await.map(drop).map_err(|error| Error::of(table.written(), error))
            }
            Some(key) => match self.user.insert_with_key(table, &columns, &self.schema.key) {
                Some(statement) => {
                    parameters.extend(self.key_values(key)?);
                    let inserted = on.execute(&Query { statement, parameters }).await;
                    inserted.map(drop).map_err(|error| Error::of(self.of_table(error.table()), error))
                }
                None => {
                    let insert = Query { statement: self.user.insert(table, &columns), parameters };
                    let inserted = on.execute_all(&[insert, self.insert_key(key)?]).await;
                    inserted.map_err(|failed| match failed.step {
                        Some(0) => Error::of(table.written(), failed.error),
                        Some(1) => Error::of(self.schema.key.written(), failed.error),
                        _ => Error::plain(failed.error),
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

    /// The table that one statement for both failed at.
    fn of_table(&self, name: Option<&str>) -> Written<'_> {
        match name {
            Some(name) if self.schema.key.table.is(name) => self.schema.key.written(),
            _ => self.schema.user.written(),
        }
    }

    pub(super) async fn update_user(&self, user_id: &UserId, update: &UserUpdate) -> Result<(), Error> {
        let table = &self.schema.user;
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
        let Ok(id) = value::id(&self.schema.user.id, user_id.as_str()) else {
            return Ok(());
        };
        if let Some(statement) = &self.user.delete_with_all {
            let ids = 2 + usize::from(self.delete_sessions.is_some());
            let deleted = self.driver.execute(&Query::new(statement, vec![id; ids])).await;
            return deleted.map(drop).map_err(Error::plain);
        }
        let all = self.delete_sessions.iter().chain([&self.key.delete_by_user, &self.user.delete]);
        let queries: Vec<_> = all.map(|statement| Query::new(statement, [id.clone()])).collect();
        self.driver.execute_all(&queries).await.map_err(|failed| Error::plain(failed.error))
    }

    /// Whether there is a user of this id, if one can still be looked for after a failure.
    async fn is_taken(&self, on: &dyn Driver, user_id: &UserId) -> Result<bool, Error> {
        if on.aborts_on_error() { Ok(false) } else { self.user_exists(on, user_id).await }
    }

    async fn user_exists(&self, on: &dyn Driver, user_id: &UserId) -> Result<bool, Error> {
        exists(on, &self.user.exists, value::id(&self.schema.user.id, user_id.as_str()).ok()).await
    }
}

pub(super) async fn exists(on: &dyn Driver, statement: &Statement, id: Option<SqlValue>) -> Result<bool, Error> {
    let Some(id) = id else {
        return Ok(false);
    };
    let row = on.fetch_optional(&Query::new(statement, [id])).await;
    row.map(|row| row.is_some()).map_err(Error::plain)
}

/// Deletes by an id. What the database cannot hold is not there.
pub(super) async fn delete(on: &dyn Driver, statement: &Statement, id: Option<SqlValue>) -> Result<(), Error> {
    let Some(id) = id else {
        return Ok(());
    };
    on.execute(&Query::new(statement, [id])).await.map(drop).map_err(Error::plain)
}
