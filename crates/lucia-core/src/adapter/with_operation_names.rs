use async_trait::async_trait;

use super::{Adapter, SessionAdapter, UserAdapter};
use crate::{
    AdapterResult, KeyId, KeySchema, KeyUpdate, SessionId, SessionSchema, SessionUpdate, UnixMillis, UserId,
    UserSchema, UserUpdate,
};

/// Adds the name of the called method to every error of an adapter.
///
/// `lucia-auth` wraps every adapter in it, so adapters do not name their methods themselves.
///
/// ```
/// use lucia_core::{UserAdapter, UserUpdate, WithOperationNames, memory::MemoryAdapter};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let adapter = WithOperationNames::new(MemoryAdapter::new());
/// let error = adapter.update_user(&"u1".into(), &UserUpdate::default()).await.unwrap_err();
/// assert_eq!(error.to_string(), "update_user: there is no user with this id");
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct WithOperationNames<A>(A);

impl<A> WithOperationNames<A> {
    /// Wraps an adapter.
    pub const fn new(adapter: A) -> Self {
        Self(adapter)
    }
}

fn named<T>(operation: &'static str, result: AdapterResult<T>) -> AdapterResult<T> {
    result.map_err(|error| error.with_operation(operation))
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "a default would hide the adapter's own method")]
impl<A: Adapter> Adapter for WithOperationNames<A> {
    async fn get_session_and_user(&self, session_id: &SessionId) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
        named("get_session_and_user", self.0.get_session_and_user(session_id).await)
    }
    async fn get_sessions_and_users(
        &self,
        session_ids: &[SessionId],
    ) -> AdapterResult<Vec<(SessionSchema, UserSchema)>> {
        named("get_sessions_and_users", self.0.get_sessions_and_users(session_ids).await)
    }
    async fn set_session_and_get_user(&self, session: &SessionSchema) -> AdapterResult<UserSchema> {
        named("set_session_and_get_user", self.0.set_session_and_get_user(session).await)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "a default would hide the adapter's own method")]
impl<A: UserAdapter> UserAdapter for WithOperationNames<A> {
    async fn get_user(&self, user_id: &UserId) -> AdapterResult<Option<UserSchema>> {
        named("get_user", self.0.get_user(user_id).await)
    }
    async fn set_user(&self, user: &UserSchema, key: Option<&KeySchema>) -> AdapterResult<()> {
        named("set_user", self.0.set_user(user, key).await)
    }
    async fn update_user(&self, user_id: &UserId, update: &UserUpdate) -> AdapterResult<()> {
        named("update_user", self.0.update_user(user_id, update).await)
    }
    async fn delete_user(&self, user_id: &UserId) -> AdapterResult<()> {
        named("delete_user", self.0.delete_user(user_id).await)
    }
    async fn get_key(&self, key_id: &KeyId) -> AdapterResult<Option<KeySchema>> {
        named("get_key", self.0.get_key(key_id).await)
    }
    async fn get_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<KeySchema>> {
        named("get_keys_by_user_id", self.0.get_keys_by_user_id(user_id).await)
    }
    async fn set_key(&self, key: &KeySchema) -> AdapterResult<()> {
        named("set_key", self.0.set_key(key).await)
    }
    async fn update_key(&self, key_id: &KeyId, update: &KeyUpdate) -> AdapterResult<()> {
        named("update_key", self.0.update_key(key_id, update).await)
    }
    async fn delete_key(&self, key_id: &KeyId) -> AdapterResult<()> {
        named("delete_key", self.0.delete_key(key_id).await)
    }
    async fn delete_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        named("delete_keys_by_user_id", self.0.delete_keys_by_user_id(user_id).await)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "a default would hide the adapter's own method")]
impl<A: SessionAdapter> SessionAdapter for WithOperationNames<A> {
    async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        named("get_session", self.0.get_session(session_id).await)
    }
    async fn get_sessions(&self, session_ids: &[SessionId]) -> AdapterResult<Vec<SessionSchema>> {
        named("get_sessions", self.0.get_sessions(session_ids).await)
    }
    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        named("get_sessions_by_user_id", self.0.get_sessions_by_user_id(user_id).await)
    }
    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        named("set_session", self.0.set_session(session).await)
    }
    async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        named("update_session", self.0.update_session(session_id, update).await)
    }
    async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()> {
        named("delete_session", self.0.delete_session(session_id).await)
    }
    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        named("delete_sessions_by_user_id", self.0.delete_sessions_by_user_id(user_id).await)
    }
    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        named("delete_expired_sessions", self.0.delete_expired_sessions(now, limit).await)
    }
    async fn delete_other_sessions(&self, user_id: &UserId, keep: &SessionId) -> AdapterResult<()> {
        named("delete_other_sessions", self.0.delete_other_sessions(user_id, keep).await)
    }
    async fn rotate_session(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        named("rotate_session", self.0.rotate_session(old, new, update).await)
    }
}
