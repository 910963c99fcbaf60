use async_trait::async_trait;
use lucia_core::{AdapterResult, SessionAdapter, SessionId, SessionSchema, SessionUpdate, UnixMillis, UserId};

use super::PrismaAdapter;

#[async_trait]
impl SessionAdapter for PrismaAdapter {
    async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        self.sessions.get_session(session_id).await.map_err(|error| error.during("get_session"))
    }

    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        self.sessions.get_sessions_by_user_id(user_id).await.map_err(|error| error.during("get_sessions_by_user_id"))
    }

    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        self.sessions.set_session(&*self.sessions.driver, session).await.map_err(|error| error.during("set_session"))
    }

    async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.sessions.update_session(session_id, update).await.map_err(|error| error.during("update_session"))
    }

    async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()> {
        self.sessions.delete_session(session_id).await.map_err(|error| error.during("delete_session"))
    }

    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        let deleted = self.sessions.delete_sessions_by_user_id(user_id).await;
        deleted.map_err(|error| error.during("delete_sessions_by_user_id"))
    }

    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        self.sessions.delete_expired(now, limit).await.map_err(|error| error.during("delete_expired_sessions"))
    }

    async fn delete_other_sessions(&self, user_id: &UserId, keep: &SessionId) -> AdapterResult<()> {
        self.sessions.delete_others(user_id, keep).await.map_err(|error| error.during("delete_other_sessions"))
    }

    async fn rotate_session(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.sessions.rotate_session(old, new, update).await.map_err(|error| error.during("rotate_session"))
    }
}
