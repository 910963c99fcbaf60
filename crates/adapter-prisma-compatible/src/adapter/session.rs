use async_trait::async_trait;
use lucia_core::{
    AdapterErrorKind as Kind, AdapterResult, SessionAdapter, SessionId, SessionSchema, SessionUpdate, UnixMillis,
    UserId,
};

use super::{Inner, PrismaAdapter, rows::readable, write};
use crate::{
    driver::{Query, SqlValue},
    error::Error,
};

#[async_trait]
impl SessionAdapter for PrismaAdapter {
    async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        self.inner.get_session(session_id).await.map_err(|error| error.during("get_session"))
    }

    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        self.inner.get_sessions_by_user_id(user_id).await.map_err(|error| error.during("get_sessions_by_user_id"))
    }

    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        self.inner.set_session(session).await.map_err(|error| error.during("set_session"))
    }

    async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.inner.update_session(session_id, update).await.map_err(|error| error.during("update_session"))
    }

    async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()> {
        self.inner.delete_session(session_id).await.map_err(|error| error.during("delete_session"))
    }

    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        let deleted = self.inner.delete(&self.inner.statements.session.delete_by_user, user_id.as_str()).await;
        deleted.map_err(|error| error.during("delete_sessions_by_user_id"))
    }

    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        self.inner.delete_expired(now, limit).await.map_err(|error| error.during("delete_expired_sessions"))
    }

    async fn delete_other_sessions(&self, user_id: &UserId, keep: &SessionId) -> AdapterResult<()> {
        let parameters = [user_id.as_str().into(), keep.as_str().into()];
        let query = Query::new(&self.inner.statements.session.delete_others, parameters);
        let deleted = self.inner.driver.execute(&query).await.map(drop);
        deleted.map_err(|error| Error::plain(error).during("delete_other_sessions"))
    }

    async fn rotate_session(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.inner.rotate_session(old, new, update).await.map_err(|error| error.during("rotate_session"))
    }
}

impl Inner {
    async fn get_session(&self, session_id: &SessionId) -> Result<Option<SessionSchema>, Error> {
        let query = Query::new(&self.statements.session.get, [session_id.as_str().into()]);
        let row = self.driver.fetch_optional(&query).await.map_err(Error::plain)?;
        row.map(|row| self.schema.session.read(&mut row.into_iter())).transpose()
    }

    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> Result<Vec<SessionSchema>, Error> {
        let query = Query::new(&self.statements.session.get_by_user, [user_id.as_str().into()]);
        let rows = self.driver.fetch_all(&query).await.map_err(Error::plain)?;
        Ok(readable(rows, |cells| self.schema.session.read(cells)))
    }

    pub(super) async fn set_session(&self, session: &SessionSchema) -> Result<(), Error> {
        let table = &self.schema.session;
        let user_id = || SqlValue::from(session.user_id.as_str());
        let times = [session.active_expires, session.idle_expires].map(|time| SqlValue::Integer(time.get()));
        let mut parameters = Vec::with_capacity(table.attributes.len() + 5);
        parameters.extend([session.id.as_str().into(), user_id()]);
        parameters.extend(times);
        let columns = write::inserted(&table.attributes, session.attributes(), &mut parameters)?;
        parameters.push(user_id());
        let query = Query { sql: self.statements.insert_session(table, &self.schema.user, &columns), parameters };
        match self.write_session(&query, Some(&session.id)).await? {
            0 => Err(Error::Refused(Kind::InvalidUserId)),
            _ => Ok(()),
        }
    }

    async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> Result<(), Error> {
        if update.is_empty() {
            let exists = self.session_exists(session_id).await?;
            return if exists { Ok(()) } else { Err(Error::Refused(Kind::InvalidSessionId)) };
        }
        self.change_session(session_id, None, update).await
    }

    async fn rotate_session(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> Result<(), Error> {
        if old == new {
            let taken = self.session_exists(old).await?;
            return Err(Error::Refused(if taken { Kind::DuplicateSessionId } else { Kind::InvalidSessionId }));
        }
        self.change_session(old, Some(new), update).await
    }

    /// One statement: what it finds and what it writes cannot be told apart by anybody.
    async fn change_session(
        &self,
        session_id: &SessionId,
        new_id: Option<&SessionId>,
        update: &SessionUpdate,
    ) -> Result<(), Error> {
        let table = &self.schema.session;
        let mut parameters = Vec::with_capacity(update.attributes().len() + 5);
        parameters.extend(new_id.map(|id| id.as_str().into()));
        let times = [update.active_expires, update.idle_expires];
        parameters.extend(times.iter().flatten().map(|time| SqlValue::Integer(time.get())));
        let columns = write::updated(&table.attributes, update.attributes(), &mut parameters)?;
        parameters.push(session_id.as_str().into());
        let expected = update.expected_idle_expires.map(|time| SqlValue::Integer(time.get()));
        let conditional = expected.is_some();
        parameters.extend(expected);

        let fields = [new_id.is_some(), update.active_expires.is_some(), update.idle_expires.is_some()];
        let sql = self.statements.update_session(table, fields, &columns, conditional);
        match self.write_session(&Query { sql, parameters }, new_id).await? {
            0 if conditional && self.session_exists(session_id).await? => Err(Error::Refused(Kind::Conflict)),
            0 => Err(Error::Refused(Kind::InvalidSessionId)),
            _ => Ok(()),
        }
    }

    pub(super) async fn delete_session(&self, session_id: &SessionId) -> Result<(), Error> {
        self.delete(&self.statements.session.delete, session_id.as_str()).await
    }

    async fn delete_expired(&self, now: UnixMillis, limit: usize) -> Result<usize, Error> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let parameters = [SqlValue::Integer(now.get()), SqlValue::Integer(limit)];
        let query = Query::new(&self.statements.session.delete_expired, parameters);
        let deleted = self.driver.execute(&query).await.map_err(Error::plain)?;
        Ok(usize::try_from(deleted).unwrap_or(usize::MAX))
    }

    async fn session_exists(&self, session_id: &SessionId) -> Result<bool, Error> {
        self.exists(&self.statements.session.exists, session_id.as_str()).await
    }

    /// Runs a statement that writes a session, perhaps with a new id, and returns how many rows it wrote.
    async fn write_session(&self, query: &Query, new_id: Option<&SessionId>) -> Result<u64, Error> {
        let table = &self.schema.session;
        let of_session = |error| Error::of_row(error, &table.id, &table.attributes, Kind::DuplicateSessionId);
        match (self.driver.execute(query).await.map_err(of_session), new_id) {
            // Where both are taken, which of the two is reported is up to the database.
            (Err(error), Some(id)) if error.is_duplicate_attribute() && self.session_exists(id).await? => {
                Err(Error::Refused(Kind::DuplicateSessionId))
            }
            (result, _) => result,
        }
    }
}
