use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use super::tables::Tables;
use crate::{
    Adapter, AdapterErrorKind as Kind, AdapterResult, KeyId, KeySchema, KeyUpdate, SessionAdapter, SessionId,
    SessionPage, SessionScan, SessionSchema, SessionUpdate, UnixMillis, UserAdapter, UserId, UserSchema, UserUpdate,
};

/// Stores users, keys, sessions and tokens in memory, for tests and examples. This is the reference implementation of
/// the contract.
///
/// Clones share their data. Sessions and tokens remain until they are deleted. Counters that have expired make room for
/// new ones, and beyond 100,000 so does the smallest.
///
/// ```
/// use lucia_core::{UserAdapter, UserSchema, memory::MemoryAdapter};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> lucia_core::AdapterResult<()> {
/// let adapter = MemoryAdapter::new();
/// adapter.clone().set_user(&UserSchema::new("u1"), None).await?;
/// assert!(adapter.get_user(&"u1".into()).await?.is_some());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct MemoryAdapter {
    tables: Arc<Mutex<Tables>>,
    foreign_keys: bool,
}

impl MemoryAdapter {
    /// Creates an empty store with cascading foreign keys, like a database with the Prisma schema.
    #[must_use]
    pub fn new() -> Self {
        Self { tables: Arc::default(), foreign_keys: true }
    }

    /// Creates an empty store that accepts keys, sessions and tokens of unknown users, like a key-value store.
    #[must_use]
    pub fn without_foreign_keys() -> Self {
        Self { tables: Arc::default(), foreign_keys: false }
    }

    /// Ignores poisoning: no method panics halfway, so the data is consistent.
    pub(super) fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn check_user(&self, tables: &Tables, user_id: &UserId) -> Result<(), Kind> {
        if self.foreign_keys && tables.user(user_id).is_none() { Err(Kind::InvalidUserId) } else { Ok(()) }
    }
}

impl Default for MemoryAdapter {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryAdapter").field("foreign_keys", &self.foreign_keys).finish_non_exhaustive()
    }
}

#[async_trait]
impl Adapter for MemoryAdapter {
    async fn get_session_and_user(&self, session_id: &SessionId) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
        Ok(self.tables().first_session_and_user(std::slice::from_ref(session_id)))
    }

    async fn get_first_session_and_user(
        &self,
        session_ids: &[SessionId],
    ) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
        Ok(self.tables().first_session_and_user(session_ids))
    }

    async fn set_session_and_get_user(&self, session: &SessionSchema) -> AdapterResult<UserSchema> {
        let mut tables = self.tables();
        let user = tables.user(&session.user_id).cloned().ok_or(Kind::InvalidUserId);
        let inserted = user.and_then(|user| tables.insert_session(session).map(|()| user));
        Ok(inserted?)
    }
}

#[async_trait]
impl UserAdapter for MemoryAdapter {
    async fn get_user(&self, user_id: &UserId) -> AdapterResult<Option<UserSchema>> {
        Ok(self.tables().user(user_id).cloned())
    }

    async fn set_user(&self, user: &UserSchema, key: Option<&KeySchema>) -> AdapterResult<()> {
        Ok(self.tables().insert_user(user, key)?)
    }

    async fn update_user(&self, user_id: &UserId, update: &UserUpdate) -> AdapterResult<()> {
        Ok(self.tables().update_user(user_id, update)?)
    }

    async fn delete_user(&self, user_id: &UserId) -> AdapterResult<()> {
        let mut tables = self.tables();
        tables.remove_user(user_id);
        if self.foreign_keys {
            tables.remove_keys_of(user_id);
            tables.remove_sessions_of(user_id, None);
            tables.tokens.remove_of(None, user_id);
        }
        Ok(())
    }

    async fn get_key(&self, key_id: &KeyId) -> AdapterResult<Option<KeySchema>> {
        Ok(self.tables().key(key_id).cloned())
    }

    async fn get_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<KeySchema>> {
        Ok(self.tables().keys_of(user_id))
    }

    async fn set_key(&self, key: &KeySchema) -> AdapterResult<()> {
        let mut tables = self.tables();
        let inserted = self.check_user(&tables, &key.user_id).and_then(|()| tables.insert_key(key));
        Ok(inserted?)
    }

    async fn update_key(&self, key_id: &KeyId, update: &KeyUpdate) -> AdapterResult<()> {
        Ok(self.tables().update_key(key_id, update)?)
    }

    async fn delete_key(&self, key_id: &KeyId) -> AdapterResult<()> {
        self.tables().remove_key(key_id);
        Ok(())
    }

    async fn delete_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.tables().remove_keys_of(user_id);
        Ok(())
    }
}

#[async_trait]
impl SessionAdapter for MemoryAdapter {
    async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        Ok(self.tables().session(session_id).cloned())
    }

    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        Ok(self.tables().sessions_of(user_id))
    }

    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        let mut tables = self.tables();
        let inserted = self.check_user(&tables, &session.user_id).and_then(|()| tables.insert_session(session));
        Ok(inserted?)
    }

    async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        Ok(self.tables().update_session(session_id, update)?)
    }

    async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()> {
        self.tables().remove_session(session_id);
        Ok(())
    }

    fn frees_ids(&self) -> bool {
        true
    }

    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.tables().remove_sessions_of(user_id, None);
        Ok(())
    }

    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        Ok(self.tables().remove_expired(now, limit))
    }

    async fn delete_other_sessions(&self, user_id: &UserId, keep: &SessionId) -> AdapterResult<()> {
        self.tables().remove_sessions_of(user_id, Some(keep));
        Ok(())
    }

    async fn delete_oldest_sessions(
        &self,
        user_id: &UserId,
        keep: &SessionId,
        created_at: &str,
        max: usize,
    ) -> AdapterResult<()> {
        self.tables().remove_oldest_sessions_of(user_id, keep, created_at, max);
        Ok(())
    }

    async fn rotate_session(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        Ok(self.tables().rotate_session(old, new, update)?)
    }
}

#[async_trait]
impl SessionScan for MemoryAdapter {
    async fn scan_sessions(&self, cursor: Option<&str>, limit: usize) -> AdapterResult<SessionPage> {
        let (tables, limit) = (self.tables(), limit.max(1));
        let session_ids: Vec<_> = tables.session_ids_after(cursor).take(limit).cloned().collect();
        let next = session_ids.last().filter(|_| session_ids.len() == limit).map(|id| id.as_str().to_owned());
        Ok(SessionPage { session_ids, next })
    }
}
