//! The traits of Lucia's adapters.

use std::fmt::Debug;

use async_trait::async_trait;
use lucia_core::{
    Adapter, AdapterResult, KeyId, KeySchema, KeyUpdate, SessionAdapter, SessionId, SessionPage, SessionScan,
    SessionSchema, SessionUpdate, UnixMillis, UserAdapter, UserId, UserSchema, UserUpdate,
};

use super::SqlAdapter;
use crate::driver::Family;

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "a default would hide the adapter's own method")]
impl<F, S> UserAdapter for SqlAdapter<F, S>
where
    F: Family,
    S: Send + Sync + 'static,
    Self: Debug,
{
    async fn get_user(&self, user_id: &UserId) -> AdapterResult<Option<UserSchema>> {
        Ok(self.users_and_keys.get_user(user_id).await?)
    }

    async fn set_user(&self, user: &UserSchema, key: Option<&KeySchema>) -> AdapterResult<()> {
        Ok(self.users_and_keys.set_user(&*self.users_and_keys.driver, user, key).await?)
    }

    async fn update_user(&self, user_id: &UserId, update: &UserUpdate) -> AdapterResult<()> {
        Ok(self.users_and_keys.update_user(user_id, update).await?)
    }

    async fn delete_user(&self, user_id: &UserId) -> AdapterResult<()> {
        Ok(self.users_and_keys.delete_user(user_id).await?)
    }

    async fn get_key(&self, key_id: &KeyId) -> AdapterResult<Option<KeySchema>> {
        Ok(self.users_and_keys.get_key(key_id).await?)
    }

    async fn get_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<KeySchema>> {
        Ok(self.users_and_keys.get_keys_by_user_id(user_id).await?)
    }

    async fn set_key(&self, key: &KeySchema) -> AdapterResult<()> {
        Ok(self.users_and_keys.set_key(&*self.users_and_keys.driver, key).await?)
    }

    async fn update_key(&self, key_id: &KeyId, update: &KeyUpdate) -> AdapterResult<()> {
        Ok(self.users_and_keys.update_key(key_id, update).await?)
    }

    async fn delete_key(&self, key_id: &KeyId) -> AdapterResult<()> {
        Ok(self.users_and_keys.delete_key(key_id).await?)
    }

    async fn delete_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        Ok(self.users_and_keys.delete_keys_by_user_id(user_id).await?)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "a default would take more round trips")]
impl<F: Family> SessionAdapter for SqlAdapter<F> {
    async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        Ok(self.sessions.get_session(session_id).await?)
    }

    async fn get_sessions(&self, session_ids: &[SessionId]) -> AdapterResult<Vec<SessionSchema>> {
        Ok(self.sessions.get_sessions(session_ids).await?)
    }

    async fn get_first_session(&self, session_ids: &[SessionId]) -> AdapterResult<Option<SessionSchema>> {
        Ok(self.sessions.get_first_session(session_ids).await?)
    }

    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        Ok(self.sessions.get_sessions_by_user_id(user_id).await?)
    }

    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        Ok(self.sessions.set_session(self.sessions.driver(), session).await?)
    }

    async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        Ok(self.sessions.update_session(session_id, update).await?)
    }

    async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()> {
        Ok(self.sessions.delete_session(session_id).await?)
    }

    fn frees_ids(&self) -> bool {
        true
    }

    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        Ok(self.sessions.delete_sessions_by_user_id(user_id).await?)
    }

    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        Ok(self.sessions.delete_expired_sessions(now, limit).await?)
    }

    async fn delete_other_sessions(&self, user_id: &UserId, keep: &SessionId) -> AdapterResult<()> {
        Ok(self.sessions.delete_other_sessions(user_id, keep).await?)
    }

    async fn delete_oldest_sessions(
        &self,
        user_id: &UserId,
        keep: &SessionId,
        created_at: &str,
        max: usize,
    ) -> AdapterResult<()> {
        Ok(self.sessions.delete_oldest_sessions(user_id, keep, created_at, max).await?)
    }

    async fn rotate_session(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        Ok(self.sessions.rotate_session(old, new, update).await?)
    }
}

#[async_trait]
impl<F: Family> SessionScan for SqlAdapter<F> {
    async fn scan_sessions(&self, cursor: Option<&str>, limit: usize) -> AdapterResult<SessionPage> {
        Ok(self.sessions.scan_sessions(cursor, limit).await?)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "a default would take more round trips")]
impl<F: Family> Adapter for SqlAdapter<F> {
    async fn get_session_and_user(&self, session_id: &SessionId) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
        Ok(self.sessions.get_session_and_user(session_id).await?)
    }

    async fn get_first_session_and_user(
        &self,
        session_ids: &[SessionId],
    ) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
        Ok(self.sessions.get_first_session_and_user(session_ids).await?)
    }

    async fn get_sessions_and_users(
        &self,
        session_ids: &[SessionId],
    ) -> AdapterResult<Vec<(SessionSchema, UserSchema)>> {
        Ok(self.sessions.get_sessions_and_users(session_ids).await?)
    }

    async fn set_session_and_get_user(&self, session: &SessionSchema) -> AdapterResult<UserSchema> {
        Ok(self.sessions.set_session_and_get_user(session).await?)
    }
}
