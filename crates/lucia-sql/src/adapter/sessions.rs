use std::sync::Arc;

use lucia_core::{AdapterErrorKind as Kind, SessionId, SessionSchema, SessionUpdate, UserId};

use super::{
    rows::readable,
    users::{Users, delete, exists},
    write,
};
use crate::{
    dialect,
    driver::{Driver, DriverError, Query, Row, SqlValue},
    error::Error,
    statement::SessionStatements,
    tables::{AttributeColumn, SessionTable},
    value,
};

/// The table of sessions.
#[derive(Debug)]
pub(super) struct Sessions {
    pub(super) driver: Arc<dyn Driver>,
    pub(super) table: SessionTable,
    pub(super) statements: SessionStatements,
    users: Arc<Users>,
}

impl Sessions {
    pub(super) fn new(driver: Arc<dyn Driver>, table: SessionTable, users: Arc<Users>) -> Self {
        let statements = SessionStatements::new(dialect::of(driver.database()), &table, &users.user_table);
        Self { driver, table, statements, users }
    }

    /// An id as a parameter; `None` if the column cannot hold it.
    pub(super) fn id(&self, session_id: &SessionId) -> Option<SqlValue> {
        value::id(&self.table.id, session_id.as_str()).ok()
    }

    fn user_id(&self, user_id: &UserId) -> Option<SqlValue> {
        value::id(&self.table.user_id, user_id.as_str()).ok()
    }

    pub(super) async fn get_session(&self, session_id: &SessionId) -> Result<Option<SessionSchema>, Error> {
        let Some(id) = self.id(session_id) else {
            return Ok(None);
        };
        let row = self.driver.fetch_optional(&Query::of(&self.statements.get, [id])).await.map_err(Error::plain)?;
        row.map(|row| self.table.read(&mut row.into_iter())).transpose()
    }

    pub(super) async fn get_sessions_by_user_id(&self, user_id: &UserId) -> Result<Vec<SessionSchema>, Error> {
        let Some(id) = self.user_id(user_id) else {
            return Ok(Vec::new());
        };
        let rows = self.driver.fetch_all(&Query::of(&self.statements.get_by_user, [id])).await.map_err(Error::plain)?;
        Ok(readable(rows, |cells| self.table.read(cells)))
    }

    pub(super) async fn set_session(&self, on: &dyn Driver, session: &SessionSchema) -> Result<(), Error> {
        let (columns, parameters) = self.values(session)?;
        let statement = self.statements.insert(&self.table, &self.users.user_table, &columns);
        let query = Query { statement, parameters };
        match self.write(on, on.execute(&query), Some(&session.id)).await? {
            0 => Err(Error::from(Kind::InvalidUserId)),
            _ => Ok(()),
        }
    }

    /// Inserts a session and reads its user in one statement, if the database can do that.
    pub(super) async fn set_and_fetch(&self, session: &SessionSchema) -> Result<Option<Row>, Error> {
        let (columns, mut parameters) = self.values(session)?;
        let Some(statement) = self.statements.insert_and_get_user(&self.table, &self.users.user_table, &columns) else {
            return Ok(None);
        };
        parameters.extend(parameters.last().cloned());
        let query = Query { statement, parameters };
        let inserted = self.driver.write_and_fetch(&query);
        let row = self.write(&*self.driver, inserted, Some(&session.id)).await?;
        row.map(Some).ok_or(Error::from(Kind::InvalidUserId))
    }

    /// The attributes that an insert writes, and the values of its parameters.
    fn values(&self, session: &SessionSchema) -> Result<(Vec<&AttributeColumn>, Vec<SqlValue>), Error> {
        let users = &self.users.user_table;
        let id = write::id(&self.table.id, session.id.as_str(), Kind::UnsupportedId)?;
        let user_id = write::id(&self.table.user_id, session.user_id.as_str(), Kind::InvalidUserId)?;
        let owner = write::id(&users.id, session.user_id.as_str(), Kind::InvalidUserId)?;
        let times = [session.active_expires, session.idle_expires].map(|time| SqlValue::Integer(time.get()));
        let mut parameters = Vec::with_capacity(self.table.attributes.len() + 5);
        parameters.extend([id, user_id]);
        parameters.extend(times);
        let columns =
            write::inserted(&self.table.table, &self.table.attributes, session.attributes(), &mut parameters)?;
        parameters.push(owner);
        Ok((columns, parameters))
    }

    pub(super) async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> Result<(), Error> {
        if update.is_empty() {
            let exists = self.exists(session_id).await?;
            return if exists { Ok(()) } else { Err(Error::from(Kind::InvalidSessionId)) };
        }
        self.change(session_id, None, update).await
    }

    pub(super) async fn rotate_session(
        &self,
        old: &SessionId,
        new: &SessionId,
        update: &SessionUpdate,
    ) -> Result<(), Error> {
        if old == new {
            let taken = self.exists(old).await?;
            return Err(Error::from(if taken { Kind::DuplicateSessionId } else { Kind::InvalidSessionId }));
        }
        self.change(old, Some(new), update).await
    }

    /// One statement: what it finds and what it writes cannot be told apart by anybody.
    async fn change(
        &self,
        session_id: &SessionId,
        new_id: Option<&SessionId>,
        update: &SessionUpdate,
    ) -> Result<(), Error> {
        let mut parameters = Vec::with_capacity(update.attributes().len() + 5);
        if let Some(new_id) = new_id {
            parameters.push(write::id(&self.table.id, new_id.as_str(), Kind::UnsupportedId)?);
        }
        let times = [update.active_expires, update.idle_expires];
        parameters.extend(times.iter().flatten().map(|time| SqlValue::Integer(time.get())));
        let columns = write::updated(&self.table.table, &self.table.attributes, update.attributes(), &mut parameters)?;
        parameters.push(write::id(&self.table.id, session_id.as_str(), Kind::InvalidSessionId)?);
        let expected = update.expected_idle_expires.map(|time| SqlValue::Integer(time.get()));
        let conditional = expected.is_some();
        parameters.extend(expected);

        let fields = [new_id.is_some(), update.active_expires.is_some(), update.idle_expires.is_some()];
        let statement = self.statements.update(&self.table, fields, &columns, conditional);
        let query = Query { statement, parameters };
        match self.write(&*self.driver, self.driver.execute(&query), new_id).await? {
            0 if conditional && self.exists(session_id).await? => Err(Error::from(Kind::Conflict)),
            0 => Err(Error::from(Kind::InvalidSessionId)),
            _ => Ok(()),
        }
    }

    pub(super) async fn delete_session(&self, session_id: &SessionId) -> Result<(), Error> {
        delete(&*self.driver, &self.statements.delete, self.id(session_id)).await
    }

    pub(super) async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> Result<(), Error> {
        delete(&*self.driver, &self.statements.delete_by_user, self.user_id(user_id)).await
    }

    pub(super) async fn delete_others(&self, user_id: &UserId, keep: &SessionId) -> Result<(), Error> {
        let (Some(id), Some(keep)) = (self.user_id(user_id), self.id(keep)) else {
            // No session can have an id that cannot be stored, so none is kept.
            return self.delete_sessions_by_user_id(user_id).await;
        };
        let query = Query::of(&self.statements.delete_others, [id, keep]);
        self.driver.execute(&query).await.map(drop).map_err(Error::plain)
    }

    async fn exists(&self, session_id: &SessionId) -> Result<bool, Error> {
        exists(&*self.driver, &self.statements.exists, self.id(session_id)).await
    }

    /// Runs a statement that writes a session, perhaps with a new id.
    async fn write<T: Send>(
        &self,
        on: &dyn Driver,
        statement: impl Future<Output = Result<T, DriverError>> + Send,
        new_id: Option<&SessionId>,
    ) -> Result<T, Error> {
        let written = statement.await.map_err(|error| Error::of(self.table.written(), error));
        match (written, new_id) {
            // Where both are taken, which of the two is reported is up to the database.
            (Err(error), Some(id))
                if error.is_duplicate_attribute()
                    && !on.aborts_on_error()
                    && exists(on, &self.statements.exists, self.id(id)).await? =>
            {
                Err(error.into_kind(Kind::DuplicateSessionId))
            }
            (result, _) => result,
        }
    }
}
