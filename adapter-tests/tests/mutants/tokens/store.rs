use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use lucia_core::{
    AdapterResult, Count, TokenAdapter, TokenId, TokenKind, TokenSchema, UnixMillis, UserId, async_trait,
    memory::MemoryAdapter,
};

/// The time of every case, which rounding to seconds would change.
pub(crate) const NOW: UnixMillis = UnixMillis::new(1_800_000_000_050);

/// The correct adapter that the mutants break: [`MemoryAdapter`], which may drop expired records.
#[derive(Debug)]
pub(crate) struct TokenStore {
    pub(crate) memory: MemoryAdapter,
    pub(crate) expires_records: bool,
    recorded: Mutex<BTreeMap<String, UnixMillis>>,
}

impl TokenStore {
    pub(crate) fn new(memory: MemoryAdapter, expires_records: bool) -> Self {
        Self { memory, expires_records, recorded: Mutex::default() }
    }

    /// Returns the recorded expiries, by the ids of tokens and the keys of counters.
    pub(crate) fn recorded(&self) -> MutexGuard<'_, BTreeMap<String, UnixMillis>> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn visible(&self, token: Option<TokenSchema>) -> Option<TokenSchema> {
        token.filter(|token| !self.expires_records || !token.is_expired(NOW))
    }
}

#[async_trait]
impl TokenAdapter for TokenStore {
    async fn get_token(&self, kind: &TokenKind, id: &TokenId) -> AdapterResult<Option<TokenSchema>> {
        Ok(self.visible(self.memory.get_token(kind, id).await?))
    }

    async fn set_token(&self, token: &TokenSchema) -> AdapterResult<()> {
        if self.expires_records && token.is_expired(NOW) {
            return Ok(());
        }
        self.memory.set_token(token).await?;
        self.recorded().insert(token.id.as_str().to_owned(), token.expires);
        Ok(())
    }

    async fn take_token(&self, kind: &TokenKind, id: &TokenId) -> AdapterResult<Option<TokenSchema>> {
        Ok(self.visible(self.memory.take_token(kind, id).await?))
    }

    async fn delete_tokens(&self, kind: Option<&TokenKind>, user_id: &UserId) -> AdapterResult<()> {
        self.memory.delete_tokens(kind, user_id).await
    }

    async fn add_to_counter(&self, key: &str, by: i64, window: Duration, now: UnixMillis) -> AdapterResult<Count> {
        let count = self.memory.add_to_counter(key, by, window, now).await?;
        self.recorded().insert(key.to_owned(), count.expires);
        Ok(count)
    }

    async fn delete_expired_tokens(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        if self.expires_records { Ok(0) } else { self.memory.delete_expired_tokens(now, limit).await }
    }
}
