use async_trait::async_trait;
use lucia_core::{Adapter, AdapterErrorKind as Kind, AdapterResult, SessionId, SessionSchema, UserSchema};

use super::{PrismaAdapter, users::delete};
use crate::{
    driver::{Query, SqlValue},
    error::Error,
};

#[async_trait]
impl Adapter for PrismaAdapter {
    async fn get_session_and_user(&self, session_id: &SessionId) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
        self.session_and_user(session_id).await.map_err(|error| error.during("get_session_and_user"))
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
        let Some(row) = sessions.driver.fetch_optional(&query).await.map_err(Error::plain)? else {
            return Ok(None);
        };
        let mut cells = row.into_iter();
        let session = sessions.table.read(&mut cells)?;
        if let Some(SqlValue::Null) = cells.as_slice().first() {
            // Its user is gone, and no foreign key took it along (bug C16).
            delete(&*sessions.driver, &sessions.statements.delete_orphan, sessions.id(session_id)).await?;
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
