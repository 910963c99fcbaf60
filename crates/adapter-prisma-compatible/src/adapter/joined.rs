use async_trait::async_trait;
use lucia_core::{Adapter, AdapterErrorKind as Kind, AdapterResult, SessionId, SessionSchema, UserSchema};

use super::{Inner, PrismaAdapter};
use crate::{
    driver::{Query, SqlValue},
    error::Error,
};

#[async_trait]
impl Adapter for PrismaAdapter {
    async fn get_session_and_user(&self, session_id: &SessionId) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
        self.inner.get_session_and_user(session_id).await.map_err(|error| error.during("get_session_and_user"))
    }

    async fn set_session_and_get_user(&self, session: &SessionSchema) -> AdapterResult<UserSchema> {
        self.inner.set_session_and_get_user(session).await.map_err(|error| error.during("set_session_and_get_user"))
    }
}

impl Inner {
    async fn get_session_and_user(&self, session_id: &SessionId) -> Result<Option<(SessionSchema, UserSchema)>, Error> {
        let query = Query::new(&self.statements.session.get_with_user, [session_id.as_str().into()]);
        let Some(row) = self.driver.fetch_optional(&query).await.map_err(Error::plain)? else {
            return Ok(None);
        };
        let mut cells = row.into_iter();
        let session = self.schema.session.read(&mut cells)?;
        if let Some(SqlValue::Null) = cells.as_slice().first() {
            // Its user is gone, and no foreign key took it along (bug C16).
            self.delete(&self.statements.session.delete_orphan, session_id.as_str()).await?;
            return Ok(None);
        }
        Ok(Some((session, self.schema.user.read(&mut cells)?)))
    }

    /// The insert looks for the user itself; the user that is read afterwards may be gone again, and the session with it.
    async fn set_session_and_get_user(&self, session: &SessionSchema) -> Result<UserSchema, Error> {
        self.set_session(session).await?;
        match self.get_user(&session.user_id).await {
            Ok(Some(user)) => Ok(user),
            Ok(None) => {
                self.delete_session(&session.id).await?;
                Err(Error::Refused(Kind::InvalidUserId))
            }
            Err(error) => {
                self.delete_session(&session.id).await?;
                Err(error)
            }
        }
    }
}
