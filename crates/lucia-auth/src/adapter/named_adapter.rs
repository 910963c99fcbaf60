use std::fmt;

use lucia_core::{
    Adapter, AdapterResult, KeyId, KeySchema, KeyUpdate, SessionId, SessionSchema, SessionUpdate, UnixMillis, UserId,
    UserSchema, UserUpdate,
};

use super::operation::named;

/// An adapter whose errors name the called method.
///
/// Has the methods that [`Auth`](crate::Auth) calls. They are not those of the traits, because `async_trait` would box a
/// second future for every call.
pub(crate) struct NamedAdapter(Box<dyn Adapter>);

impl NamedAdapter {
    pub(crate) fn new(adapter: impl Adapter) -> Self {
        Self(Box::new(adapter))
    }

    /// Returns the adapter. The box is an adapter too, whose methods would box a second future.
    fn inner(&self) -> &dyn Adapter {
        &*self.0
    }

    pub(crate) async fn get_session_and_user(
        &self,
        session_id: &SessionId,
    ) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
        named("get_session_and_user", self.inner().get_session_and_user(session_id).await)
    }
    pub(crate) async fn get_first_session_and_user(
        &self,
        session_ids: &[SessionId],
    ) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
        named("get_first_session_and_user", self.inner().get_first_session_and_user(session_ids).await)
    }
    pub(crate) async fn get_sessions_and_users(
        &self,
        session_ids: &[SessionId],
    ) -> AdapterResult<Vec<(SessionSchema, UserSchema)>> {
        named("get_sessions_and_users", self.inner().get_sessions_and_users(session_ids).await)
    }
    pub(crate) async fn set_session_and_get_user(&self, session: &SessionSchema) -> AdapterResult<UserSchema> {
        named("set_session_and_get_user", self.inner().set_session_and_get_user(session).await)
    }

    pub(crate) async fn get_user(&self, user_id: &UserId) -> AdapterResult<Option<UserSchema>> {
        named("get_user", self.inner().get_user(user_id).await)
    }
    pub(crate) async fn set_user(&self, user: &UserSchema, key: Option<&KeySchema>) -> AdapterResult<()> {
        named("set_user", self.inner().set_user(user, key).await)
    }
    pub(crate) async fn update_user(&self, user_id: &UserId, update: &UserUpdate) -> AdapterResult<()> {
        named("update_user", self.inner().update_user(user_id, update).await)
    }
    pub(crate) async fn delete_user(&self, user_id: &UserId) -> AdapterResult<()> {
        named("delete_user", self.inner().delete_user(user_id).await)
    }
    pub(crate) async fn get_key(&self, key_id: &KeyId) -> AdapterResult<Option<KeySchema>> {
        named("get_key", self.inner().get_key(key_id).await)
    }
    pub(crate) async fn get_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<KeySchema>> {
        named("get_keys_by_user_id", self.inner().get_keys_by_user_id(user_id).await)
    }
    pub(crate) async fn set_key(&self, key: &KeySchema) -> AdapterResult<()> {
        named("set_key", self.inner().set_key(key).await)
    }
    pub(crate) async fn update_key(&self, key_id: &KeyId, update: &KeyUpdate) -> AdapterResult<()> {
        named("update_key", self.inner().update_key(key_id, update).await)
    }
    pub(crate) async fn delete_key(&self, key_id: &KeyId) -> AdapterResult<()> {
        named("delete_key", self.inner().delete_key(key_id).await)
    }
    pub(crate) async fn delete_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        named("delete_keys_by_user_id", self.inner().delete_keys_by_user_id(user_id).await)
    }

    pub(crate) async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        named("get_session", self.inner().get_session(session_id).await)
    }
    pub(crate) async fn get_sessions(&self, session_ids: &[SessionId]) -> AdapterResult<Vec<SessionSchema>> {
        named("get_sessions", self.inner().get_sessions(session_ids).await)
    }
    pub(crate) async fn get_first_session(&self, session_ids: &[SessionId]) -> AdapterResult<Option<SessionSchema>> {
        named("get_first_session", self.inner().get_first_session(session_ids).await)
    }
    pub(crate) async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        named("get_sessions_by_user_id", self.inner().get_sessions_by_user_id(user_id).await)
    }
    pub(crate) async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        named("update_session", self.inner().update_session(session_id, update).await)
    }
    pub(crate) async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()> {
        named("delete_session", self.inner().delete_session(session_id).await)
    }
    pub(crate) async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        named("delete_sessions_by_user_id", self.inner().delete_sessions_by_user_id(user_id).await)
    }
    pub(crate) async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        named("delete_expired_sessions", self.inner().delete_expired_sessions(now, limit).await)
    }
    pub(crate) async fn delete_other_sessions(&self, user_id: &UserId, keep: &SessionId) -> AdapterResult<()> {
        named("delete_other_sessions", self.inner().delete_other_sessions(user_id, keep).await)
    }
    pub(crate) async fn delete_oldest_sessions(
        &self,
        user_id: &UserId,
        keep: &SessionId,
        created_at: &str,
        max: usize,
    ) -> AdapterResult<()> {
        named("delete_oldest_sessions", self.inner().delete_oldest_sessions(user_id, keep, created_at, max).await)
    }
    pub(crate) async fn rotate_session(
        &self,
        old: &SessionId,
        new: &SessionId,
        update: &SessionUpdate,
    ) -> AdapterResult<()> {
        named("rotate_session", self.inner().rotate_session(old, new, update).await)
    }
}

impl fmt::Debug for NamedAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
