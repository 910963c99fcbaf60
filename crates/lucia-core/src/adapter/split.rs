use async_trait::async_trait;

use super::{Adapter, SessionAdapter, SessionPage, SessionScan, UserAdapter};
use crate::{
    AdapterResult, KeyId, KeySchema, KeyUpdate, SessionId, SessionSchema, SessionUpdate, UnixMillis, UserId,
    UserSchema, UserUpdate,
};

/// Combines an adapter for users and keys with one for sessions: Lucia's `adapter: { user, session }`.
///
/// | operation | reads and writes of the sessions | of the users |
/// |---|---|---|
/// | a session and its user | 1 | then 1 |
/// | several sessions and their users | 1, if the adapter reads several at once | then 1 for each user, side by side |
/// | a new session | 1 | then 1, and 1 before if the sessions do not [free ids](SessionAdapter::frees_ids) |
///
/// Every other operation is one of either adapter. A read that finds a session without its user deletes it. Deleting a
/// user deletes no sessions: `lucia_auth::Auth` deletes them, before and after the user.
///
/// An application without user attributes can have `Auth` read the session alone while it is active:
/// `AuthBuilder::check_users_only_at_renewal`.
///
/// ```
/// use lucia_core::{Adapter, SplitAdapter, memory::MemoryAdapter};
///
/// let adapter = SplitAdapter::new(MemoryAdapter::new(), MemoryAdapter::without_foreign_keys());
/// let adapter: Box<dyn Adapter> = Box::new(adapter);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SplitAdapter<U, S> {
    user: U,
    session: S,
}

impl<U: UserAdapter, S: SessionAdapter> SplitAdapter<U, S> {
    /// Creates an adapter from its two parts.
    pub const fn new(user: U, session: S) -> Self {
        Self { user, session }
    }
}

impl<U: UserAdapter, S: SessionAdapter> Adapter for SplitAdapter<U, S> {}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "a default would hide the adapter's own method")]
impl<U: UserAdapter, S: SessionAdapter> UserAdapter for SplitAdapter<U, S> {
    async fn get_user(&self, user_id: &UserId) -> AdapterResult<Option<UserSchema>> {
        self.user.get_user(user_id).await
    }
    async fn set_user(&self, user: &UserSchema, key: Option<&KeySchema>) -> AdapterResult<()> {
        self.user.set_user(user, key).await
    }
    async fn update_user(&self, user_id: &UserId, update: &UserUpdate) -> AdapterResult<()> {
        self.user.update_user(user_id, update).await
    }
    async fn delete_user(&self, user_id: &UserId) -> AdapterResult<()> {
        self.user.delete_user(user_id).await
    }
    async fn get_key(&self, key_id: &KeyId) -> AdapterResult<Option<KeySchema>> {
        self.user.get_key(key_id).await
    }
    async fn get_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<KeySchema>> {
        self.user.get_keys_by_user_id(user_id).await
    }
    async fn set_key(&self, key: &KeySchema) -> AdapterResult<()> {
        self.user.set_key(key).await
    }
    async fn update_key(&self, key_id: &KeyId, update: &KeyUpdate) -> AdapterResult<()> {
        self.user.update_key(key_id, update).await
    }
    async fn delete_key(&self, key_id: &KeyId) -> AdapterResult<()> {
        self.user.delete_key(key_id).await
    }
    async fn delete_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.user.delete_keys_by_user_id(user_id).await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "a default would hide the adapter's own method")]
impl<U: UserAdapter, S: SessionAdapter> SessionAdapter for SplitAdapter<U, S> {
    async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        self.session.get_session(session_id).await
    }
    async fn get_sessions(&self, session_ids: &[SessionId]) -> AdapterResult<Vec<SessionSchema>> {
        self.session.get_sessions(session_ids).await
    }
    async fn get_first_session(&self, session_ids: &[SessionId]) -> AdapterResult<Option<SessionSchema>> {
        self.session.get_first_session(session_ids).await
    }
    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        self.session.get_sessions_by_user_id(user_id).await
    }
    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        self.session.set_session(session).await
    }
    async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.session.update_session(session_id, update).await
    }
    async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()> {
        self.session.delete_session(session_id).await
    }
    fn frees_ids(&self) -> bool {
        self.session.frees_ids()
    }
    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.session.delete_sessions_by_user_id(user_id).await
    }
    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        self.session.delete_expired_sessions(now, limit).await
    }
    async fn delete_other_sessions(&self, user_id: &UserId, keep: &SessionId) -> AdapterResult<()> {
        self.session.delete_other_sessions(user_id, keep).await
    }
    async fn delete_oldest_sessions(
        &self,
        user_id: &UserId,
        keep: &SessionId,
        created_at: &str,
        max: usize,
    ) -> AdapterResult<()> {
        self.session.delete_oldest_sessions(user_id, keep, created_at, max).await
    }
    async fn rotate_session(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.session.rotate_session(old, new, update).await
    }
}

#[async_trait]
impl<U: UserAdapter, S: SessionScan> SessionScan for SplitAdapter<U, S> {
    async fn scan_sessions(&self, cursor: Option<&str>, limit: usize) -> AdapterResult<SessionPage> {
        self.session.scan_sessions(cursor, limit).await
    }
}
