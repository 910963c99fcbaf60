use std::time::Duration;

use async_trait::async_trait;

use super::MemoryAdapter;
use crate::{AdapterResult, Count, TokenAdapter, TokenId, TokenKind, TokenSchema, UnixMillis, UserId};

#[async_trait]
impl TokenAdapter for MemoryAdapter {
    async fn get_token(&self, kind: &TokenKind, token_id: &TokenId) -> AdapterResult<Option<TokenSchema>> {
        Ok(self.tables().tokens.get(kind, token_id).cloned())
    }

    async fn set_token(&self, token: &TokenSchema) -> AdapterResult<()> {
        let mut tables = self.tables();
        if let Some(user_id) = &token.user_id {
            self.check_user(&tables, user_id)?;
        }
        Ok(tables.tokens.insert(token)?)
    }

    async fn take_token(&self, kind: &TokenKind, token_id: &TokenId) -> AdapterResult<Option<TokenSchema>> {
        Ok(self.tables().tokens.take(kind, token_id))
    }

    async fn delete_tokens(&self, kind: Option<&TokenKind>, user_id: &UserId) -> AdapterResult<()> {
        self.tables().tokens.remove_of(kind, user_id);
        Ok(())
    }

    async fn add_to_counter(&self, key: &str, by: i64, window: Duration, now: UnixMillis) -> AdapterResult<Count> {
        Ok(self.tables().counters.add(key, by, window, now))
    }

    async fn delete_expired_tokens(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        let mut tables = self.tables();
        let tokens = tables.tokens.remove_expired(now, limit);
        Ok(tokens + tables.counters.remove_expired(now, limit - tokens))
    }
}
