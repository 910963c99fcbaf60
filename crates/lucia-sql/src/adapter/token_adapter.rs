use std::{fmt, marker::PhantomData, sync::Arc, time::Duration};

use async_trait::async_trait;
use lucia_core::{AdapterResult, Count, TokenAdapter, TokenId, TokenKind, TokenSchema, UnixMillis, UserId};

use super::{tokens::Tokens, users_and_keys::check_database};
use crate::{
    config::SqlConfig,
    driver::{Connection, Family, Pool},
    schema,
    setup_error::SetupError,
};

/// Stores one-time tokens and counters in a table of a database.
///
/// The table is not part of Lucia's schema. [`SqlConfig::create_token_table`] creates it, and
/// [`SqlConfig::create_tables`] if [`SqlConfig::token`] names it. This adapter can be used with any adapter for users and
/// sessions.
///
/// Clones share the connection pool of the application, with its settings.
pub struct SqlTokenAdapter<F> {
    tokens: Arc<Tokens>,
    family: PhantomData<fn() -> F>,
}

impl<F: Family> SqlTokenAdapter<F> {
    /// Creates an adapter for the table `Token`, whose `user_id` refers to the table `User`.
    ///
    /// # Errors
    /// Returns the errors of [`with_config`](Self::with_config).
    pub async fn new(pool: impl Pool<F>) -> Result<Self, SetupError> {
        Self::with_config(pool, SqlConfig::default()).await
    }

    /// Creates an adapter for the configured table of tokens. Of the table of users only the id is used, and nothing with
    /// [`SqlConfig::without_user_table`]. The configuration of sessions and keys is not used.
    ///
    /// Checks the tables in the database, except on D1.
    ///
    /// # Errors
    /// Returns [`SetupError::Mismatch`] with every difference if the tables or the settings of the connections do not
    /// match the configuration, and [`SetupError::Unavailable`] or [`SetupError::Database`] if the tables cannot be
    /// read.
    pub async fn with_config(pool: impl Pool<F>, config: SqlConfig) -> Result<Self, SetupError> {
        let driver = pool.driver();
        let (token, user, returning) = schema::token_tables(&config, &*driver).await?;
        Ok(Self { tokens: Arc::new(Tokens::new(driver, token, user, returning, &config)), family: PhantomData })
    }

    /// Stores a token on a connection of the application, as [`set_token`](TokenAdapter::set_token) does.
    ///
    /// If the connection is in a transaction, the token is part of it. The same transaction may have stored the user. See
    /// [`SqlAdapter::set_user_in`](crate::SqlAdapter::set_user_in) for what to do after an error.
    ///
    /// # Errors
    /// Returns the errors of [`set_token`](TokenAdapter::set_token), and
    /// [`Backend`](lucia_core::AdapterErrorKind::Backend) if the connection belongs to another kind of database than
    /// the adapter, or its transaction is no longer open.
    pub async fn set_token_in(&self, connection: &mut impl Connection<F>, token: &TokenSchema) -> AdapterResult<()> {
        let driver = connection.driver();
        check_database(&*self.tokens.driver, &*driver)?;
        Ok(self.tokens.set_token(&*driver, token).await?)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "a default would hide the adapter's own method")]
impl<F: Family> TokenAdapter for SqlTokenAdapter<F> {
    async fn get_token(&self, kind: &TokenKind, token_id: &TokenId) -> AdapterResult<Option<TokenSchema>> {
        Ok(self.tokens.get_token(kind, token_id).await?)
    }

    async fn set_token(&self, token: &TokenSchema) -> AdapterResult<()> {
        Ok(self.tokens.set_token(&*self.tokens.driver, token).await?)
    }

    async fn take_token(&self, kind: &TokenKind, token_id: &TokenId) -> AdapterResult<Option<TokenSchema>> {
        Ok(self.tokens.take_token(kind, token_id).await?)
    }

    async fn delete_tokens(&self, kind: Option<&TokenKind>, user_id: &UserId) -> AdapterResult<()> {
        Ok(self.tokens.delete_tokens(kind, user_id).await?)
    }

    async fn add_to_counter(&self, key: &str, by: i64, window: Duration, now: UnixMillis) -> AdapterResult<Count> {
        Ok(self.tokens.add_to_counter(key, by, window, now).await?)
    }

    async fn delete_expired_tokens(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        Ok(self.tokens.delete_expired_tokens(now, limit).await?)
    }
}

impl<F> Clone for SqlTokenAdapter<F> {
    fn clone(&self) -> Self {
        Self { tokens: Arc::clone(&self.tokens), family: PhantomData }
    }
}

impl<F: Family> fmt::Debug for SqlTokenAdapter<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(&format!("{}TokenAdapter", F::NAME))
            .field("token", &self.tokens.token.table.name)
            .finish_non_exhaustive()
    }
}
