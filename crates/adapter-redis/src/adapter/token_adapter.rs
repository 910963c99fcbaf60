use std::time::Duration;

use async_trait::async_trait;
use lucia_core::{AdapterResult, Count, TokenAdapter, TokenId, TokenKind, TokenSchema, UnixMillis, UserId};

use super::session_adapter::{Operations, RedisSessionAdapter};
use crate::connections::Connections;

#[async_trait]
impl<C: Connections> TokenAdapter for RedisSessionAdapter<C> {
    async fn get_token(&self, kind: &TokenKind, token_id: &TokenId) -> AdapterResult<Option<TokenSchema>> {
        Ok(self.store().get_token(kind, token_id).await?)
    }

    async fn set_token(&self, token: &TokenSchema) -> AdapterResult<()> {
        let set = match &*self.operations {
            Operations::Single(single) => single.set_token(token).await,
            Operations::Cluster(cluster) => cluster.set_token(token).await,
        };
        Ok(set?)
    }

    async fn take_token(&self, kind: &TokenKind, token_id: &TokenId) -> AdapterResult<Option<TokenSchema>> {
        let taken = match &*self.operations {
            Operations::Single(single) => single.take_token(kind, token_id).await,
            Operations::Cluster(cluster) => cluster.take_token(kind, token_id).await,
        };
        Ok(taken?)
    }

    async fn delete_tokens(&self, kind: Option<&TokenKind>, user_id: &UserId) -> AdapterResult<()> {
        let deleted = match &*self.operations {
            Operations::Single(single) => single.delete_tokens(kind, user_id).await,
            Operations::Cluster(cluster) => cluster.delete_tokens(kind, user_id).await,
        };
        Ok(deleted?)
    }

    async fn add_to_counter(&self, key: &str, by: i64, window: Duration, now: UnixMillis) -> AdapterResult<Count> {
        Ok(self.store().add_to_counter(key, by, window, now).await?)
    }

    /// Does nothing and returns 0, because Redis drops expired tokens and counters.
    async fn delete_expired_tokens(&self, _now: UnixMillis, _limit: usize) -> AdapterResult<usize> {
        Ok(0)
    }
}
