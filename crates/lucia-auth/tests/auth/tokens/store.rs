use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use lucia_auth::lucia_core::{
    AdapterErrorKind, AdapterResult, Count, TokenAdapter, TokenId, TokenKind, TokenSchema, UnixMillis, UserId,
    async_trait, memory::MemoryAdapter,
};

/// Tokens in memory that record what is stored and called, and fail on demand.
#[derive(Clone, Debug)]
pub(super) struct TokenStore {
    store: MemoryAdapter,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    calls: Vec<&'static str>,
    rows: Vec<TokenSchema>,
    counters: Vec<String>,
    faults: Vec<Fault>,
}

#[derive(Debug)]
struct Fault {
    method: &'static str,
    calls_before: usize,
    calls_left: usize,
}

impl TokenStore {
    pub(super) fn new() -> Self {
        Self { store: MemoryAdapter::without_foreign_keys(), state: Arc::default() }
    }

    /// Returns the methods called since the last call of `take_calls`.
    pub(super) fn take_calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.state().calls)
    }

    /// Returns all rows that were ever set.
    pub(super) fn rows(&self) -> Vec<TokenSchema> {
        self.state().rows.clone()
    }

    /// Returns the keys of all counters.
    pub(super) fn counters(&self) -> Vec<String> {
        self.state().counters.clone()
    }

    /// Makes a method fail as if the store were unreachable, this many times after some calls that do not fail.
    pub(super) fn fail(&self, method: &'static str, calls_before: usize, times: usize) {
        self.state().faults.push(Fault { method, calls_before, calls_left: times });
    }

    /// Ends all faults.
    pub(super) fn recover(&self) {
        self.state().faults.clear();
    }

    /// Returns the store without faults.
    pub(super) const fn store(&self) -> &MemoryAdapter {
        &self.store
    }

    fn enter(&self, method: &'static str) -> AdapterResult<()> {
        let mut state = self.state();
        state.calls.push(method);
        for fault in state.faults.iter_mut().filter(|fault| fault.method == method) {
            if fault.calls_before > 0 {
                fault.calls_before -= 1;
            } else if fault.calls_left > 0 {
                fault.calls_left -= 1;
                return Err(AdapterErrorKind::Unavailable.into());
            }
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl TokenAdapter for TokenStore {
    async fn get_token(&self, kind: &TokenKind, token_id: &TokenId) -> AdapterResult<Option<TokenSchema>> {
        self.enter("get_token")?;
        self.store.get_token(kind, token_id).await
    }
    async fn set_token(&self, token: &TokenSchema) -> AdapterResult<()> {
        self.enter("set_token")?;
        self.state().rows.push(token.clone());
        self.store.set_token(token).await
    }
    async fn take_token(&self, kind: &TokenKind, token_id: &TokenId) -> AdapterResult<Option<TokenSchema>> {
        self.enter("take_token")?;
        self.store.take_token(kind, token_id).await
    }
    async fn delete_tokens(&self, kind: Option<&TokenKind>, user_id: &UserId) -> AdapterResult<()> {
        self.enter("delete_tokens")?;
        self.store.delete_tokens(kind, user_id).await
    }
    async fn add_to_counter(&self, key: &str, by: i64, window: Duration, now: UnixMillis) -> AdapterResult<Count> {
        self.enter("add_to_counter")?;
        self.state().counters.push(key.to_owned());
        self.store.add_to_counter(key, by, window, now).await
    }
    async fn delete_expired_tokens(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        self.enter("delete_expired_tokens")?;
        self.store.delete_expired_tokens(now, limit).await
    }
}
