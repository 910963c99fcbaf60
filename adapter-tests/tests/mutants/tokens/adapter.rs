use std::time::Duration;

use lucia_core::{
    AdapterResult, Count, TokenAdapter, TokenId, TokenKind, TokenSchema, UnixMillis, UserId, async_trait,
};

use super::{counting, deleting, mutant::Mutant, reading, writing};

#[async_trait]
impl TokenAdapter for Mutant {
    async fn get_token(&self, kind: &TokenKind, id: &TokenId) -> AdapterResult<Option<TokenSchema>> {
        reading::get(self, kind, id).await
    }

    async fn set_token(&self, token: &TokenSchema) -> AdapterResult<()> {
        writing::set(self, token).await
    }

    async fn take_token(&self, kind: &TokenKind, id: &TokenId) -> AdapterResult<Option<TokenSchema>> {
        reading::take(self, kind, id).await
    }

    async fn delete_tokens(&self, kind: Option<&TokenKind>, user_id: &UserId) -> AdapterResult<()> {
        deleting::delete(self, kind, user_id).await
    }

    async fn add_to_counter(&self, key: &str, by: i64, window: Duration, now: UnixMillis) -> AdapterResult<Count> {
        counting::add(self, key, by, window, now).await
    }

    async fn delete_expired_tokens(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        deleting::delete_expired(self, now, limit).await
    }
}
