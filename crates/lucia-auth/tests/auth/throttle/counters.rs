use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use lucia_auth::lucia_core::{
    AdapterErrorKind, AdapterResult, Count, TokenAdapter, TokenId, TokenKind, TokenSchema, UnixMillis, UserId,
    async_trait, memory::MemoryAdapter,
};

/// Counters in memory that record their keys, and fail on demand.
#[derive(Clone, Debug, Default)]
pub(super) struct Counters {
    store: MemoryAdapter,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    keys: BTreeSet<String>,
    calls_until_outage: usize,
    failures_left: usize,
}

impl Counters {
    /// Returns the keys of all counters.
    pub(super) fn keys(&self) -> Vec<String> {
        self.state().keys.iter().cloned().collect()
    }

    /// Makes this many of the next calls fail as if the store were unreachable.
    pub(super) fn fail_next(&self, failures: usize) {
        self.fail_after(0, failures);
    }

    /// Makes calls fail after some that do not.
    pub(super) fn fail_after(&self, calls: usize, failures: usize) {
        let mut state = self.state();
        (state.calls_until_outage, state.failures_left) = (calls, failures);
    }

    pub(super) const fn store(&self) -> &MemoryAdapter {
        &self.store
    }

    fn enter(&self, key: &str) -> AdapterResult<()> {
        let mut state = self.state();
        state.keys.insert(key.to_owned());
        if state.calls_until_outage > 0 {
            state.calls_until_outage -= 1;
            return Ok(());
        }
        if state.failures_left == 0 {
            return Ok(());
        }
        state.failures_left -= 1;
        Err(AdapterErrorKind::Unavailable.into())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl TokenAdapter for Counters {
    async fn add_to_counter(&self, key: &str, by: i64, window: Duration, now: UnixMillis) -> AdapterResult<Count> {
        self.enter(key)?;
        self.store.add_to_counter(key, by, window, now).await
    }
    async fn get_token(&self, kind: &TokenKind, token_id: &TokenId) -> AdapterResult<Option<TokenSchema>> {
        self.store.get_token(kind, token_id).await
    }
    async fn set_token(&self, token: &TokenSchema) -> AdapterResult<()> {
        self.store.set_token(token).await
    }
    async fn take_token(&self, kind: &TokenKind, token_id: &TokenId) -> AdapterResult<Option<TokenSchema>> {
        self.store.take_token(kind, token_id).await
    }
    async fn delete_tokens(&self, kind: Option<&TokenKind>, user_id: &UserId) -> AdapterResult<()> {
        self.store.delete_tokens(kind, user_id).await
    }
    async fn delete_expired_tokens(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        self.store.delete_expired_tokens(now, limit).await
    }
}
