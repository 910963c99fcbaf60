use std::{fmt::Debug, time::Duration};

use async_trait::async_trait;

use crate::{AdapterResult, Count, TokenId, TokenKind, TokenSchema, UnixMillis, UserId};

/// Stores tokens, which are used once, and counters.
///
/// This trait is independent of the others: a store of sessions may implement it or not. A plain key-value store cannot,
/// because it has neither an atomic removal nor an atomic addition.
///
/// Every method may also return [`Unavailable`](crate::AdapterErrorKind::Unavailable),
/// [`Decode`](crate::AdapterErrorKind::Decode) and [`Backend`](crate::AdapterErrorKind::Backend) errors; "Errors" lists
/// the others.
///
/// ```
/// use lucia_core::{TokenAdapter, TokenKind, TokenSchema, UnixMillis, memory::MemoryAdapter};
///
/// const INVITATION: TokenKind = TokenKind::from_static("invitation");
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> lucia_core::AdapterResult<()> {
/// let adapter = MemoryAdapter::new();
/// let token = TokenSchema::new("t1", INVITATION, UnixMillis::MAX).with_data("ada@example.com");
/// adapter.set_token(&token).await?;
/// assert_eq!(adapter.take_token(&INVITATION, &token.id).await?, Some(token.clone()));
/// assert_eq!(adapter.take_token(&INVITATION, &token.id).await?, None, "it was used");
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not store tokens and counters",
    label = "not a `TokenAdapter`",
    note = "the adapters for SQL databases, Redis and memory are; those for plain key-value stores are not",
    note = "an `Arc`, a `Box` or a `&'static` reference to an adapter is an adapter"
)]
#[async_trait]
pub trait TokenAdapter: Debug + Send + Sync + 'static {
    /// Returns a token of this kind and leaves it. An expired one may be returned or not; the caller compares the times.
    async fn get_token(&self, kind: &TokenKind, token_id: &TokenId) -> AdapterResult<Option<TokenSchema>>;

    /// Inserts a token.
    ///
    /// # Errors
    /// [`DuplicateTokenId`](crate::AdapterErrorKind::DuplicateTokenId),
    /// [`InvalidUserId`](crate::AdapterErrorKind::InvalidUserId),
    /// [`InvalidAttribute`](crate::AdapterErrorKind::InvalidAttribute) if the store cannot hold the data,
    /// [`UnsupportedId`](crate::AdapterErrorKind::UnsupportedId).
    async fn set_token(&self, token: &TokenSchema) -> AdapterResult<()>;

    /// Deletes a token of this kind and returns it: of many parallel callers one gets it. An expired one may be returned
    /// or not; the caller compares the times.
    async fn take_token(&self, kind: &TokenKind, token_id: &TokenId) -> AdapterResult<Option<TokenSchema>>;

    /// Deletes the tokens of a user, of this kind or of all kinds.
    async fn delete_tokens(&self, kind: Option<&TokenKind>, user_id: &UserId) -> AdapterResult<()>;

    /// Adds an amount to a counter, atomically, and returns the sum.
    ///
    /// The first positive amount opens a window, in which the counter exists: until `now + window`, whatever windows
    /// later calls name. Afterwards it starts again at 0. An amount that is not positive opens no window: without one the
    /// result is 0 until `now`. The sum stays between 0 and [`Count::MAX`].
    ///
    /// `now` is the caller's time, and the only one that counts.
    ///
    /// # Errors
    /// [`UnsupportedId`](crate::AdapterErrorKind::UnsupportedId).
    async fn add_to_counter(&self, key: &str, by: i64, window: Duration, now: UnixMillis) -> AdapterResult<Count>;

    /// Deletes tokens and counters whose `expires` is before `now`: at most `limit`, which keeps locks short.
    ///
    /// Returns the number of deleted ones; fewer than `limit` means that none remain. A store that expires records itself
    /// deletes nothing and returns 0.
    async fn delete_expired_tokens(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize>;
}
