//! A store whose every operation waits until it is granted.

use std::{
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard},
    task::Poll,
    time::Duration,
};

use lucia_auth::{
    Adapter, HashedPassword, KeyId, KeySchema, SessionAdapter, SessionId, SessionSchema, TokenAdapter, UnixMillis,
    UserAdapter, UserId, UserSchema,
    lucia_core::{
        AdapterResult, Count, KeyUpdate, SessionUpdate, TokenId, TokenKind, TokenSchema, UserUpdate, async_trait,
    },
    memory::MemoryAdapter,
};

/// The part of the contract that a store breaks, to show that it is necessary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    Nothing,
    /// A token is read, and then deleted by a second operation.
    TakesInTwoSteps,
    /// A counter is read, and then written by a second operation.
    CountsInTwoSteps,
    /// The expected hash of an update is ignored.
    UpdatesAnyHash,
    /// The second read of a key returns what the first one returned.
    KeysAreCached,
    /// The lock of a reset is not written.
    NoLock,
    /// A deleted user is still found.
    UsersAreCached,
    /// Once the sessions of the user were deleted, no other session is.
    DeletesSessionsOnce,
}

#[derive(Debug)]
struct State {
    store: MemoryAdapter,
    /// Operations do not wait.
    is_free: bool,
    /// The flow whose operation is granted.
    actor: usize,
    /// Whether each flow waits for the grant of an operation.
    waiting: Vec<bool>,
    /// The key as each flow read it first.
    cached: Vec<Option<KeySchema>>,
    /// Whether the sessions of the user were deleted.
    has_deleted: bool,
}

impl State {
    fn new() -> Self {
        let store = MemoryAdapter::without_foreign_keys();
        Self { store, is_free: true, actor: 0, waiting: Vec::new(), cached: Vec::new(), has_deleted: false }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Stepped {
    state: Arc<Mutex<State>>,
    broken: Broken,
    frees_ids: bool,
}

impl Stepped {
    pub(super) fn new(broken: Broken) -> Self {
        Self { state: Arc::new(Mutex::new(State::new())), broken, frees_ids: true }
    }

    /// Makes the store one that may refuse the id of a deleted session.
    pub(super) fn keep_ids(&mut self) {
        self.frees_ids = false;
    }

    /// Starts again with an empty store.
    pub(super) fn clear(&self) {
        *self.state() = State::new();
    }

    /// Makes the operations of these flows wait, or those of all others not.
    pub(super) fn gate(&self, flows: Option<usize>) {
        let mut state = self.state();
        state.is_free = flows.is_none();
        state.waiting = vec![false; flows.unwrap_or(0)];
        state.cached = vec![None; flows.unwrap_or(0)];
    }

    pub(super) fn grant(&self, actor: usize) {
        self.state().actor = actor;
    }

    pub(super) fn is_waiting(&self, actor: usize) -> bool {
        self.state().waiting[actor]
    }

    pub(super) fn store(&self) -> MemoryAdapter {
        self.state().store.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Waits until it is polled a second time.
    async fn granted(&self) -> MemoryAdapter {
        let mut asked = self.state().is_free;
        poll_fn(|_| {
            let mut state = self.state();
            let actor = state.actor;
            if let Some(waiting) = state.waiting.get_mut(actor) {
                *waiting = !asked;
            }
            if asked {
                return Poll::Ready(());
            }
            asked = true;
            Poll::Pending
        })
        .await;
        self.store()
    }

    fn is_broken(&self, broken: Broken) -> bool {
        self.broken == broken && !self.state().is_free
    }
}

fn is_lock(hash: Option<&HashedPassword>) -> bool {
    hash.is_some_and(|hash| hash.as_str().starts_with('!'))
}

impl Adapter for Stepped {}

#[async_trait]
impl UserAdapter for Stepped {
    async fn get_user(&self, user_id: &UserId) -> AdapterResult<Option<UserSchema>> {
        let user = self.granted().await.get_user(user_id).await?;
        Ok(if self.is_broken(Broken::UsersAreCached) { Some(UserSchema::new(user_id.clone())) } else { user })
    }
    async fn set_user(&self, user: &UserSchema, key: Option<&KeySchema>) -> AdapterResult<()> {
        self.granted().await.set_user(user, key).await
    }
    async fn update_user(&self, user_id: &UserId, update: &UserUpdate) -> AdapterResult<()> {
        self.granted().await.update_user(user_id, update).await
    }
    async fn delete_user(&self, user_id: &UserId) -> AdapterResult<()> {
        self.granted().await.delete_user(user_id).await
    }
    async fn get_key(&self, key_id: &KeyId) -> AdapterResult<Option<KeySchema>> {
        let key = self.granted().await.get_key(key_id).await?;
        if !self.is_broken(Broken::KeysAreCached) {
            return Ok(key);
        }
        let mut state = self.state();
        let actor = state.actor;
        Ok(Some(state.cached[actor].get_or_insert(key.unwrap()).clone()))
    }
    async fn get_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<KeySchema>> {
        self.granted().await.get_keys_by_user_id(user_id).await
    }
    async fn set_key(&self, key: &KeySchema) -> AdapterResult<()> {
        self.granted().await.set_key(key).await
    }
    async fn update_key(&self, key_id: &KeyId, update: &KeyUpdate) -> AdapterResult<()> {
        let store = self.granted().await;
        let mut update = update.clone();
        let is_unlock = is_lock(update.expected_hashed_password.as_ref());
        if self.is_broken(Broken::NoLock) && update.hashed_password.iter().any(|hash| is_lock(hash.as_ref())) {
            return Ok(());
        }
        if self.is_broken(Broken::UpdatesAnyHash) || self.is_broken(Broken::NoLock) && is_unlock {
            update.expected_hashed_password = None;
        }
        store.update_key(key_id, &update).await
    }
    async fn delete_key(&self, key_id: &KeyId) -> AdapterResult<()> {
        self.granted().await.delete_key(key_id).await
    }
    async fn delete_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.granted().await.delete_keys_by_user_id(user_id).await
    }
}

#[async_trait]
impl SessionAdapter for Stepped {
    async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        self.granted().await.get_session(session_id).await
    }
    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        self.granted().await.get_sessions_by_user_id(user_id).await
    }
    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        self.granted().await.set_session(session).await
    }
    async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.granted().await.update_session(session_id, update).await
    }
    async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()> {
        let store = self.granted().await;
        let has_deleted = self.state().has_deleted;
        if self.is_broken(Broken::DeletesSessionsOnce) && has_deleted {
            return Ok(());
        }
        store.delete_session(session_id).await
    }
    fn frees_ids(&self) -> bool {
        self.frees_ids
    }
    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        let store = self.granted().await;
        let has_deleted = std::mem::replace(&mut self.state().has_deleted, true);
        if self.is_broken(Broken::DeletesSessionsOnce) && has_deleted {
            return Ok(());
        }
        store.delete_sessions_by_user_id(user_id).await
    }
    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        self.granted().await.delete_expired_sessions(now, limit).await
    }
}

#[async_trait]
impl TokenAdapter for Stepped {
    async fn get_token(&self, kind: &TokenKind, token_id: &TokenId) -> AdapterResult<Option<TokenSchema>> {
        self.granted().await.get_token(kind, token_id).await
    }
    async fn set_token(&self, token: &TokenSchema) -> AdapterResult<()> {
        self.granted().await.set_token(token).await
    }
    async fn take_token(&self, kind: &TokenKind, token_id: &TokenId) -> AdapterResult<Option<TokenSchema>> {
        if self.is_broken(Broken::TakesInTwoSteps) {
            let token = self.granted().await.get_token(kind, token_id).await?;
            self.granted().await.take_token(kind, token_id).await?;
            return Ok(token);
        }
        self.granted().await.take_token(kind, token_id).await
    }
    async fn delete_tokens(&self, kind: Option<&TokenKind>, user_id: &UserId) -> AdapterResult<()> {
        self.granted().await.delete_tokens(kind, user_id).await
    }
    async fn add_to_counter(&self, key: &str, by: i64, window: Duration, now: UnixMillis) -> AdapterResult<Count> {
        if self.is_broken(Broken::CountsInTwoSteps) {
            let count = self.granted().await.add_to_counter(key, 0, window, now).await?;
            self.granted().await.add_to_counter(key, by, window, now).await?;
            return Ok(Count { value: count.value.saturating_add_signed(by), expires: now.saturating_add(window) });
        }
        self.granted().await.add_to_counter(key, by, window, now).await
    }
    async fn delete_expired_tokens(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        self.granted().await.delete_expired_tokens(now, limit).await
    }
}
