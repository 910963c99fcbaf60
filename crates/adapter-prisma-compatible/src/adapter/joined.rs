use async_trait::async_trait;
use lucia_core::{Adapter, AdapterErrorKind as Kind, AdapterResult, SessionId, SessionSchema, UserSchema};

use super::{PrismaAdapter, users::delete};
use crate::{
    driver::{Query, Row, SqlValue},
    error::Error,
    sql::READ_AT_ONCE,
};

#[async_trait]
impl Adapter for PrismaAdapter {
    async fn get_session_and_user(&self, session_id: &SessionId) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
        self.session_and_user(session_id).await.map_err(|error| error.during("get_session_and_user"))
    }

    async fn get_sessions_and_users(
        &self,
        session_ids: &[SessionId],
    ) -> AdapterResult<Vec<(SessionSchema, UserSchema)>> {
        self.sessions_and_users(session_ids).await.map_err(|error| error.during("get_sessions_and_users"))
    }

    async fn set_session_and_get_user(&self, session: &SessionSchema) -> AdapterResult<UserSchema> {
        self.set_and_get(session).await.map_err(|error| error.during("set_session_and_get_user"))
    }
}

impl PrismaAdapter {
    async fn session_and_user(&self, session_id: &SessionId) -> Result<Option<(SessionSchema, UserSchema)>, Error> {
        let sessions = &*self.sessions;
        let Some(id) = sessions.id(session_id) else {
            return Ok(None);
        };
        let query = Query::new(&sessions.statements.get_with_user, [id]);
        match sessions.driver.fetch_optional(&query).await.map_err(Error::plain)? {
            Some(row) => self.read_joined(row).await,
            None => Ok(None),
        }
    }

    async fn sessions_and_users(&self, session_ids: &[SessionId]) -> Result<Vec<(SessionSchema, UserSchema)>, Error> {
        let sessions = &*self.sessions;
        let ids: Vec<_> = session_ids.iter().filter_map(|id| sessions.id(id)).collect();
        let mut found = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(READ_AT_ONCE) {
            // The statement takes just so many: the last one fills the places that are left.
            let filled = chunk.iter().chain(chunk.last().into_iter().cycle()).take(READ_AT_ONCE).cloned();
            let query = Query::new(&sessions.statements.get_several_with_user, filled.collect::<Vec<_>>());
            for row in sessions.driver.fetch_all(&query).await.map_err(Error::plain)? {
                found.extend(self.read_joined(row).await?);
            }
        }
        Ok(found)
    }

    /// Reads a session and its user; a session without one is deleted.
    async fn read_joined(&self, row: Row) -> Result<Option<(SessionSchema, UserSchema)>, Error> {
        let sessions = &*self.sessions;
        let mut cells = row.into_iter();
        let session = sessions.table.read(&mut cells)?;
        if let Some(SqlValue::Null) = cells.as_slice().first() {
            // Its user is gone, and no foreign key took it along (bug C16).
            delete(&*sessions.driver, &sessions.statements.delete_orphan, sessions.id(&session.id)).await?;
            return Ok(None);
        }
        Ok(Some((session, self.users.tables.schema.user.read(&mut cells)?)))
    }

    /// The insert looks for the user itself; the user that is read afterwards may be gone again, and the session with it.
    async fn set_and_get(&self, session: &SessionSchema) -> Result<UserSchema, Error> {
        let sessions = &*self.sessions;
        let user = match sessions.set_and_fetch(session).await? {
            Some(row) => self.users.tables.schema.user.read(&mut row.into_iter()).map(Some),
            None => {
                sessions.set_session(&*sessions.driver, session).await?;
                self.users.tables.get_user(&session.user_id).await
            }
        };
        match user {
            Ok(Some(user)) => Ok(user),
            Ok(None) => {
                self.sessions.delete_session(&session.id).await?;
                Err(Error::from(Kind::InvalidUserId))
            }
            Err(error) => {
                self.sessions.delete_session(&session.id).await?;
                Err(error)
            }
        }
    }
}
