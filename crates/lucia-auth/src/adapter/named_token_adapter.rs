use std::{fmt, sync::Arc, time::Duration};

use lucia_core::{AdapterResult, Count, TokenAdapter, TokenId, TokenKind, TokenSchema, UnixMillis, UserId};

use super::operation::named;

/// A token adapter whose errors name the called method.
///
/// Its methods are not those of the trait, because `async_trait` would box a second future for every call.
#[derive(Clone)]
pub(crate) struct NamedTokenAdapter(Arc<dyn TokenAdapter>);

impl NamedTokenAdapter {
    pub(crate) fn new(adapter: impl TokenAdapter) -> Self {
        Self(Arc::new(adapter))
    }

    /// Returns the adapter. The `Arc` is an adapter too, whose methods would box a second future.
    fn inner(&self) -> &dyn TokenAdapter {
        &*self.0
    }

    pub(crate) async fn get_token(&self, kind: &TokenKind, id: &TokenId) -> AdapterResult<Option<TokenSchema>> {
        named("get_token", self.inner().get_token(kind, id).await)
    }
    pub(crate) async fn set_token(&self, token: &TokenSchema) -> AdapterResult<()> {
        named("set_token", self.inner().set_token(token).await)
    }
    pub(crate) async fn take_token(&self, kind: &TokenKind, id: &TokenId) -> AdapterResult<Option<TokenSchema>> {
        named("take_token", self.inner().take_token(kind, id).await)
    }
    pub(crate) async fn delete_tokens(&self, kind: Option<&TokenKind>, user_id: &UserId) -> AdapterResult<()> {
        named("delete_tokens", self.inner().delete_tokens(kind, user_id).await)
    }
    pub(crate) async fn add_to_counter(
        &self,
        key: &str,
        by: i64,
        window: Duration,
        now: UnixMillis,
    ) -> AdapterResult<Count> {
        named("add_to_counter", self.inner().add_to_counter(key, by, window, now).await)
    }
    pub(crate) async fn delete_expired_tokens(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        named("delete_expired_tokens", self.inner().delete_expired_tokens(now, limit).await)
    }
}

impl fmt::Debug for NamedTokenAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
