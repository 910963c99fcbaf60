use std::sync::Arc;

use lucia_core::{
    AdapterError, AdapterErrorKind as Kind, SessionId, SessionPage, SessionSchema, SessionUpdate, UnixMillis, UserId,
    UserSchema,
};

use super::{
    expired::delete_expired,
    rows::text,
    user_replica::UserReplica,
    users_and_keys::{UsersAndKeys, delete, exists, get, list},
    write,
};
use crate::{
    config::SqlConfig,
    dialects,
    driver::{Driver, DriverError, Row, SqlValue},
    error::Error,
    statement::{Insert, SessionStatements, Update},
    tables::SessionTable,
    value,
};

/// The greatest number of ids that one page of a scan has.
const MAX_PAGE: usize = 10_000;

/// The sessions of a [`SqlAdapter`](crate::SqlAdapter).
// The table of sessions, the statements on it, and the other tables.
#[derive(Debug)]
pub struct Sessions {
    pub(super) users_and_keys: Arc<UsersAndKeys>,
    pub(super) session: SessionTable,
    pub(super) statements: SessionStatements,
    pub(super) replica: Option<UserReplica>,
}

impl Sessions {
    pub(super) fn new(
        users_and_keys: Arc<UsersAndKeys>,
        session: SessionTable,
        config: &SqlConfig,
        replica: Option<UserReplica>,
    ) -> Self {
        let dialect = dialects::configured(users_and_keys.driver.database(), config);
        let statements = SessionStatements::new(dialect, &session, &users_and_keys.user);
        Self { users_and_keys, session, statements, replica }
    }

    pub(super) fn driver(&self) -> &dyn Driver {
        &*self.users_and_keys.driver
    }

    /// Returns an id as a parameter, or `None` if the column cannot store it.
    pub(super) fn id(&self, session_id: &SessionId) -> Option<SqlValue> {
        value::id(&self.session.id, session_id.as_str()).ok()
    }

    pub(super) async fn get_session(&self, session_id: &SessionId) -> Result<Option<SessionSchema>, Error> {
        let query = self.statements.get.find(&self.session.id, session_id.as_str());
        get(self.driver(), query, |cells| self.session.read(cells)).await
    }

    pub(super) async fn get_sessions_by_user_id(&self, user_id: &UserId) -> Result<Vec<SessionSchema>, Error> {
        let query = self.statements.get_by_user.find(&self.session.user_id, user_id.as_str());
        list(self.driver(), query, |cells| self.session.read(cells)).await
    }

    pub(super) async fn get_sessions(&self, session_ids: &[SessionId]) -> Result<Vec<SessionSchema>, Error> {
        let ids: Vec<_> = session_ids.iter().filter_map(|id| self.id(id)).collect();
        let mut found = Vec::with_capacity(ids.len());
        for ids in ids.chunks(SessionStatements::READ_BATCH) {
            let rows = self.driver().fetch_all(&self.statements.get_several(ids)).await.map_err(Error::plain)?;
            for row in rows {
                found.push(self.session.read(&mut row.into_iter())?);
            }
        }
        Ok(found)
    }

    pub(super) async fn get_session_and_user_from_primary(
        &self,
        session_id: &SessionId,
    ) -> Result<Option<(SessionSchema, UserSchema)>, Error> {
        let Some(query) = self.statements.get_with_user.find(&self.session.id, session_id.as_str()) else {
            return Ok(None);
        };
        match self.driver().fetch_optional(&query).await.map_err(Error::plain)? {
            Some(row) => self.read_with_user(row).await,
            None => Ok(None),
        }
    }

    pub(super) async fn get_sessions_and_users_from_primary(
        &self,
        session_ids: &[SessionId],
    ) -> Result<Vec<(SessionSchema, UserSchema)>, Error> {
        let ids: Vec<_> = session_ids.iter().filter_map(|id| self.id(id)).collect();
        let mut found = Vec::with_capacity(ids.len());
        for ids in ids.chunks(SessionStatements::READ_BATCH) {
            let query = self.statements.get_several_with_users(ids);
            for row in self.driver().fetch_all(&query).await.map_err(Error::plain)? {
                found.extend(self.read_with_user(row).await?);
            }
        }
        Ok(found)
    }

    /// Reads two ids in one statement that returns at most one row. `Auth` never asks for more.
    pub(super) async fn get_first_session_and_user_from_primary(
        &self,
        session_ids: &[SessionId],
    ) -> Result<Option<(SessionSchema, UserSchema)>, Error> {
        let [first, second] = session_ids else {
            let found = self.get_sessions_and_users_from_primary(session_ids).await?;
            return Ok(first_of(session_ids, found, |(session, _)| &session.id));
        };
        let query = match (self.id(first), self.id(second)) {
            (Some(first), Some(second)) => self.statements.get_first_with_user(first, second),
            (Some(id), None) | (None, Some(id)) => self.statements.get_with_user.query(id),
            (None, None) => return Ok(None),
        };
        match self.driver().fetch_optional(&query).await.map_err(Error::plain)? {
            Some(row) => self.read_with_user(row).await,
            None => Ok(None),
        }
    }

    pub(super) async fn get_first_session(&self, session_ids: &[SessionId]) -> Result<Option<SessionSchema>, Error> {
        let [first, second] = session_ids else {
            let found = self.get_sessions(session_ids).await?;
            return Ok(first_of(session_ids, found, |session| &session.id));
        };
        let query = match (self.id(first), self.id(second)) {
            (Some(first), Some(second)) => self.statements.get_first(first, second),
            (Some(id), None) | (None, Some(id)) => self.statements.get.query(id),
            (None, None) => return Ok(None),
        };
        match self.driver().fetch_optional(&query).await.map_err(Error::plain)? {
            Some(row) => Ok(Some(self.session.read(&mut row.into_iter())?)),
            None => Ok(None),
        }
    }

    /// Reads a session and its user. Deletes the session if the user does not exist.
    async fn read_with_user(&self, row: Row) -> Result<Option<(SessionSchema, UserSchema)>, Error> {
        let mut cells = row.into_iter();
        let session = self.session.read(&mut cells)?;
        if let Some(SqlValue::Null) = cells.as_slice().first() {
            // The user was deleted, and no foreign key deleted the session.
            let orphan = self.statements.delete_orphan.find(&self.session.id, session.id.as_str());
            delete(self.driver(), orphan).await?;
            return Ok(None);
        }
        Ok(Some((session, self.users_and_keys.user.read(&mut cells)?)))
    }

    pub(super) async fn set_session(&self, on: &dyn Driver, session: &SessionSchema) -> Result<(), Error> {
        let insert = self.values(session)?;
        self.insert(on, insert, &session.id).await
    }

    async fn insert(&self, on: &dyn Driver, insert: Insert<'_>, id: &SessionId) -> Result<(), Error> {
        let query = self.statements.insert(insert, self.session.owner(&self.users_and_keys.user));
        match self.write(on, on.execute(&query), Some(id)).await? {
            0 => Err(Error::from(Kind::InvalidUserId)),
            _ => Ok(()),
        }
    }

    /// Inserts the session only if the user exists. If the user is deleted before it is read, the session is deleted
    /// again.
    pub(super) async fn set_session_and_get_user(&self, session: &SessionSchema) -> Result<UserSchema, Error> {
        let insert = self.values(session)?;
        let owner = self.session.owner(&self.users_and_keys.user);
        let user = match self.statements.insert_and_get_user(insert, owner) {
            Ok(query) => {
                let driver = self.driver();
                let rows = self.write(driver, driver.write_and_fetch(&query), Some(&session.id)).await?;
                let row = rows.into_iter().next().ok_or(Error::from(Kind::InvalidUserId))?;
                self.users_and_keys.user.read(&mut row.into_iter()).map(Some)
            }
            Err(insert) => {
                self.insert(self.driver(), insert, &session.id).await?;
                self.users_and_keys.get_user(&session.user_id).await
            }
        };
        match user {
            Ok(Some(user)) => Ok(user),
            Ok(None) => {
                self.delete_session(&session.id).await?;
                Err(Error::from(Kind::InvalidUserId))
            }
            Err(error) => {
                if let Err(deletion) = self.delete_session(&session.id).await {
                    let deletion = AdapterError::from(deletion);
                    let error: &(dyn std::error::Error + 'static) = &deletion;
                    tracing::warn!(error, "session not deleted, whose user could not be read");
                }
                Err(error)
            }
        }
    }

    /// Returns the insert of a session. The user id must also fit the column of ids in the table of users.
    fn values(&self, session: &SessionSchema) -> Result<Insert<'_>, Error> {
        let table = &self.session;
        let id = write::id(&table.id, session.id.as_str(), Kind::UnsupportedId)?;
        let user_id = write::id(&table.user_id, session.user_id.as_str(), Kind::InvalidUserId)?;
        write::id(&self.users_and_keys.user.id, session.user_id.as_str(), Kind::InvalidUserId)?;
        let insert = Insert::into(&table.table)
            .set(&table.id, id)
            .set(&table.user_id, user_id)
            .set(&table.active_expires, time(session.active_expires))
            .set(&table.idle_expires, time(session.idle_expires));
        write::inserted(insert, &table.table, &table.attributes, session.attributes())
    }

    pub(super) async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> Result<(), Error> {
        if update.is_empty() {
            let exists = self.exists(self.driver(), session_id).await?;
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
            let taken = self.exists(self.driver(), old).await?;
            return Err(Error::from(if taken { Kind::DuplicateSessionId } else { Kind::InvalidSessionId }));
        }
        self.change(old, Some(new), update).await
    }

    /// Updates a session, and optionally its id, in one statement, so that the check and the write are atomic.
    async fn change(
        &self,
        session_id: &SessionId,
        new_id: Option<&SessionId>,
        update: &SessionUpdate,
    ) -> Result<(), Error> {
        let table = &self.session;
        let new = new_id.map(|id| write::id(&table.id, id.as_str(), Kind::UnsupportedId)).transpose()?;
        let old = write::id(&table.id, session_id.as_str(), Kind::InvalidSessionId)?;
        let row = Update::of(&table.table, &table.id, old)
            .set(&table.id, new)
            .set(&table.active_expires, update.active_expires.map(time))
            .set(&table.idle_expires, update.idle_expires.map(time))
            .expect(&table.idle_expires, update.expected_idle_expires.map(time));
        let row = write::updated(row, &table.table, &table.attributes, update.attributes())?;
        let is_conditional = row.is_conditional();
        let driver = self.driver();
        match self.write(driver, driver.execute(&self.statements.update(row)), new_id).await? {
            0 if is_conditional && self.exists(driver, session_id).await? => Err(Error::from(Kind::Conflict)),
            0 => Err(Error::from(Kind::InvalidSessionId)),
            _ => Ok(()),
        }
    }

    pub(super) async fn delete_session(&self, session_id: &SessionId) -> Result<(), Error> {
        delete(self.driver(), self.statements.delete.find(&self.session.id, session_id.as_str())).await
    }

    pub(super) async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> Result<(), Error> {
        let query = self.statements.delete_by_user.find(&self.session.user_id, user_id.as_str());
        delete(self.driver(), query).await
    }

    pub(super) async fn delete_other_sessions(&self, user_id: &UserId, keep: &SessionId) -> Result<(), Error> {
        match (value::id(&self.session.user_id, user_id.as_str()).ok(), self.id(keep)) {
            (Some(id), Some(keep)) => delete(self.driver(), Some(self.statements.delete_others(id, keep))).await,
            // A session with an id that cannot be stored does not exist, so all sessions are deleted.
            _ => self.delete_sessions_by_user_id(user_id).await,
        }
    }

    pub(super) async fn delete_oldest_sessions(
        &self,
        user_id: &UserId,
        keep: &SessionId,
        created_at: &str,
        max: usize,
    ) -> Result<(), Error> {
        write::check_integer(&self.session.table, &self.session.attributes, created_at)?;
        let id = value::id(&self.session.user_id, user_id.as_str()).ok();
        // A session with an id that cannot be stored does not exist, and null equals nothing.
        let keep = self.id(keep).unwrap_or(SqlValue::Null);
        let query = id.and_then(|id| self.statements.delete_oldest.query(created_at, id, keep, max));
        delete(self.driver(), query).await
    }

    pub(super) async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> Result<usize, Error> {
        delete_expired(self.driver(), &self.statements.expired, now, limit).await
    }

    pub(super) async fn scan_sessions(&self, cursor: Option<&str>, limit: usize) -> Result<SessionPage, Error> {
        let limit = limit.clamp(1, MAX_PAGE);
        let after = cursor.map(|id| write::id(&self.session.id, id, Kind::InvalidSessionId)).transpose()?;
        let rows = self.driver().fetch_all(&self.statements.scan.page(after, limit)).await.map_err(Error::plain)?;
        let ids = rows.into_iter().map(|row| text(&mut row.into_iter(), &self.session.id).map(SessionId::new));
        let session_ids: Vec<_> = ids.collect::<Result<_, _>>()?;
        let next = session_ids.last().filter(|_| session_ids.len() == limit).map(|id| id.as_str().to_owned());
        Ok(SessionPage { session_ids, next })
    }

    async fn exists(&self, on: &dyn Driver, session_id: &SessionId) -> Result<bool, Error> {
        exists(on, self.statements.exists.find(&self.session.id, session_id.as_str())).await
    }

    /// Runs a statement that writes a session, possibly with a new id.
    async fn write<T: Send>(
        &self,
        on: &dyn Driver,
        statement: impl Future<Output = Result<T, DriverError>> + Send,
        new_id: Option<&SessionId>,
    ) -> Result<T, Error> {
        let written = statement.await.map_err(|error| Error::of(self.session.write_target(), error));
        match (written, new_id) {
            // If both the id and an attribute are taken, the database may report either.
            (Err(error), Some(id))
                if error.is_duplicate_attribute() && !on.aborts_on_error() && self.exists(on, id).await? =>
            {
                Err(error.into_kind(Kind::DuplicateSessionId))
            }
            (result, _) => result,
        }
    }
}

fn time(time: UnixMillis) -> SqlValue {
    SqlValue::Integer(time.get())
}

/// Returns the first of these sessions that was found. A database returns rows in any order.
fn first_of<T>(session_ids: &[SessionId], found: Vec<T>, id: impl Fn(&T) -> &SessionId) -> Option<T> {
    found.into_iter().min_by_key(|found| session_ids.iter().position(|session_id| session_id == id(found)))
}
