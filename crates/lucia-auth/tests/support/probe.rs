use std::sync::{Mutex, PoisonError};

use lucia_auth::lucia_core::{
    Adapter, AdapterErrorKind, AdapterResult, KeyId, KeySchema, KeyUpdate, SessionAdapter, SessionId, SessionSchema,
    SessionUpdate, UnixMillis, UserAdapter, UserId, UserSchema, UserUpdate, async_trait,
};

/// An adapter that records the called methods, and fails on demand.
#[derive(Debug)]
pub(crate) struct Probe {
    inner: Box<dyn Adapter>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    calls: Vec<&'static str>,
    faults: Vec<Fault>,
    /// The number of users that are being read, and the most so far.
    users: (usize, usize),
}

#[derive(Debug)]
struct Fault {
    method: &'static str,
    kind: AdapterErrorKind,
    calls_before: usize,
    calls_left: usize,
}

impl Probe {
    pub(crate) fn new(inner: impl Adapter) -> Self {
        Self { inner: Box::new(inner), state: Mutex::default() }
    }

    /// Returns the methods called since the last call of `take_calls`.
    pub(crate) fn take_calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.state().calls)
    }

    /// Makes a method fail as if the store were unreachable; `None` ends all faults.
    pub(crate) fn fail(&self, method: Option<&'static str>) {
        self.state().faults.clear();
        if let Some(method) = method {
            self.fail_as(method, AdapterErrorKind::Unavailable);
        }
    }

    /// Makes a method fail with this kind, in addition to earlier faults.
    pub(crate) fn fail_as(&self, method: &'static str, kind: AdapterErrorKind) {
        self.fail_next(method, kind, usize::MAX);
    }

    /// Makes the next call of a method fail as if the store were unreachable.
    pub(crate) fn fail_once(&self, method: &'static str) {
        self.fail_after(method, 0);
    }

    /// Makes the next calls of a method fail with this kind, in addition to earlier faults.
    pub(crate) fn fail_next(&self, method: &'static str, kind: AdapterErrorKind, calls: usize) {
        self.state().faults.push(Fault { method, kind, calls_before: 0, calls_left: calls });
    }

    /// Makes a call of a method fail after some that do not, as if the store were unreachable.
    pub(crate) fn fail_after(&self, method: &'static str, calls_before: usize) {
        self.state().faults.push(Fault { method, kind: AdapterErrorKind::Unavailable, calls_before, calls_left: 1 });
    }

    /// Returns how many users were read at the same time, at most.
    pub(crate) fn most_users_at_once(&self) -> usize {
        self.state().users.1
    }

    /// Returns the wrapped adapter.
    pub(crate) fn store(&self) -> &dyn Adapter {
        &*self.inner
    }

    fn enter(&self, method: &'static str) -> AdapterResult<()> {
        let mut state = self.state();
        state.calls.push(method);
        match state.faults.iter_mut().rev().find(|fault| fault.method == method && fault.calls_left > 0) {
            Some(fault) if fault.calls_before > 0 => {
                fault.calls_before -= 1;
                Ok(())
            }
            Some(fault) => {
                fault.calls_left -= 1;
                Err(fault.kind.into())
            }
            None => Ok(()),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "a default would hide the adapter's own method")]
impl Adapter for Probe {
    async fn get_session_and_user(&self, session_id: &SessionId) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
        self.enter("get_session_and_user")?;
        self.inner.get_session_and_user(session_id).await
    }
    async fn get_first_session_and_user(
        &self,
        session_ids: &[SessionId],
    ) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
        self.enter("get_first_session_and_user")?;
        self.inner.get_first_session_and_user(session_ids).await
    }
    async fn get_sessions_and_users(
        &self,
        session_ids: &[SessionId],
    ) -> AdapterResult<Vec<(SessionSchema, UserSchema)>> {
        self.enter("get_sessions_and_users")?;
        let mut found = self.inner.get_sessions_and_users(session_ids).await?;
        // The contract does not specify an order.
        found.reverse();
        Ok(found)
    }
    async fn set_session_and_get_user(&self, session: &SessionSchema) -> AdapterResult<UserSchema> {
        self.enter("set_session_and_get_user")?;
        self.inner.set_session_and_get_user(session).await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "a default would hide the adapter's own method")]
impl UserAdapter for Probe {
    async fn get_user(&self, user_id: &UserId) -> AdapterResult<Option<UserSchema>> {
        self.enter("get_user")?;
        {
            let (running, most) = &mut self.state().users;
            *running += 1;
            *most = (*most).max(*running);
        }
        tokio::task::yield_now().await;
        self.state().users.0 -= 1;
        self.inner.get_user(user_id).await
    }
    async fn set_user(&self, user: &UserSchema, key: Option<&KeySchema>) -> AdapterResult<()> {
        self.enter("set_user")?;
        self.inner.set_user(user, key).await
    }
    async fn update_user(&self, user_id: &UserId, update: &UserUpdate) -> AdapterResult<()> {
        self.enter("update_user")?;
        self.inner.update_user(user_id, update).await
    }
    async fn delete_user(&self, user_id: &UserId) -> AdapterResult<()> {
        self.enter("delete_user")?;
        self.inner.delete_user(user_id).await
    }
    async fn get_key(&self, key_id: &KeyId) -> AdapterResult<Option<KeySchema>> {
        self.enter("get_key")?;
        self.inner.get_key(key_id).await
    }
    async fn get_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<KeySchema>> {
        self.enter("get_keys_by_user_id")?;
        self.inner.get_keys_by_user_id(user_id).await
    }
    async fn set_key(&self, key: &KeySchema) -> AdapterResult<()> {
        self.enter("set_key")?;
        self.inner.set_key(key).await
    }
    async fn update_key(&self, key_id: &KeyId, update: &KeyUpdate) -> AdapterResult<()> {
        self.enter("update_key")?;
        self.inner.update_key(key_id, update).await
    }
    async fn delete_key(&self, key_id: &KeyId) -> AdapterResult<()> {
        self.enter("delete_key")?;
        self.inner.delete_key(key_id).await
    }
    async fn delete_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.enter("delete_keys_by_user_id")?;
        self.inner.delete_keys_by_user_id(user_id).await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "a default would hide the adapter's own method")]
impl SessionAdapter for Probe {
    async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        self.enter("get_session")?;
        self.inner.get_session(session_id).await
    }
    async fn get_sessions(&self, session_ids: &[SessionId]) -> AdapterResult<Vec<SessionSchema>> {
        self.enter("get_sessions")?;
        self.inner.get_sessions(session_ids).await
    }
    async fn get_first_session(&self, session_ids: &[SessionId]) -> AdapterResult<Option<SessionSchema>> {
        self.enter("get_first_session")?;
        self.inner.get_first_session(session_ids).await
    }
    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        self.enter("get_sessions_by_user_id")?;
        self.inner.get_sessions_by_user_id(user_id).await
    }
    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        self.enter("set_session")?;
        self.inner.set_session(session).await
    }
    async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.enter("update_session")?;
        self.inner.update_session(session_id, update).await
    }
    async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()> {
        self.enter("delete_session")?;
        self.inner.delete_session(session_id).await
    }
    fn frees_ids(&self) -> bool {
        self.inner.frees_ids()
    }
    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.enter("delete_sessions_by_user_id")?;
        self.inner.delete_sessions_by_user_id(user_id).await
    }
    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        self.enter("delete_expired_sessions")?;
        self.inner.delete_expired_sessions(now, limit).await
    }
    async fn delete_other_sessions(&self, user_id: &UserId, keep: &SessionId) -> AdapterResult<()> {
        self.enter("delete_other_sessions")?;
        self.inner.delete_other_sessions(user_id, keep).await
    }
    async fn delete_oldest_sessions(
        &self,
        user_id: &UserId,
        keep: &SessionId,
        created_at: &str,
        max: usize,
    ) -> AdapterResult<()> {
        self.enter("delete_oldest_sessions")?;
        self.inner.delete_oldest_sessions(user_id, keep, created_at, max).await
    }
    async fn rotate_session(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.enter("rotate_session")?;
        self.inner.rotate_session(old, new, update).await
    }
}
