use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use lucia_core::{AdapterResult, Count, TokenAdapter, TokenId, TokenKind, TokenSchema, UnixMillis, UserId};

use super::{operations::Operations, store::Store};
use crate::{config::RedisConfig, connections::Connections, setup_error::SetupError};

/// Stores one-time tokens and counters in Redis, wherever the sessions are.
///
/// Clones share the connections. If sessions are in Redis too, pass clones of one connection and of one [`RedisConfig`] to
/// both adapters.
///
/// ```no_run
/// use adapter_redis::{RedisConfig, RedisSessionAdapter, RedisTokenAdapter};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let connection = adapter_redis::connect("redis://127.0.0.1/").await?;
/// let config = RedisConfig::lucia_2();
/// let tokens = RedisTokenAdapter::with_config(connection.clone(), config.clone()).await?;
/// let sessions = RedisSessionAdapter::with_config(connection, config).await?;
/// # Ok(()) }
/// ```
pub struct RedisTokenAdapter<C> {
    operations: Arc<Operations<C>>,
}

impl<C: Connections> RedisTokenAdapter<C> {
    /// Creates an adapter with the default [`RedisConfig`].
    ///
    /// # Errors
    /// Returns the errors of [`with_config`](Self::with_config).
    pub async fn new(connections: C) -> Result<Self, SetupError> {
        Self::with_config(connections, RedisConfig::new()).await
    }

    /// Creates an adapter with this configuration, whose settings for sessions have no effect. Checks the prefixes
    /// and the server, and reads no keys.
    ///
    /// # Errors
    /// Returns [`SetupError`] if the prefixes are empty or overlap, or if the server is older than Redis 6.2, has another
    /// topology than the connection, or cannot be reached.
    pub async fn with_config(connections: C, config: RedisConfig) -> Result<Self, SetupError> {
        Ok(Self { operations: Arc::new(Operations::open(connections, config).await?) })
    }
}

impl<C> RedisTokenAdapter<C> {
    fn store(&self) -> &Store<C> {
        self.operations.store()
    }
}

#[async_trait]
impl<C: Connections> TokenAdapter for RedisTokenAdapter<C> {
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

impl<C> Clone for RedisTokenAdapter<C> {
    fn clone(&self) -> Self {
        Self { operations: Arc::clone(&self.operations) }
    }
}

impl<C> fmt::Debug for RedisTokenAdapter<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefixes = &self.store().prefixes;
        f.debug_struct("RedisTokenAdapter")
            .field("token_prefix", &prefixes.token)
            .field("user_tokens_prefix", &prefixes.user_tokens)
            .field("counter_prefix", &prefixes.counter)
            .finish_non_exhaustive()
    }
}
