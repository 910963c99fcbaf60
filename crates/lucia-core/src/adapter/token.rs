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
    ///
    /// # Contract
    /// - `get_token_returns_the_stored_row`: every field as it was set, with a user or without one.
    /// - `get_token_of_an_unknown_id_is_none`: also for the empty id.
    /// - `get_token_of_another_kind_is_none`: also if the kinds are similar.
    /// - `get_token_shows_a_token_until_its_last_millisecond`: rounding does not shorten it.
    /// - `token_ids_never_alias`: an id of any characters round-trips or is rejected, and never reads another row.
    /// - `token_ids_are_compared_exactly`: case, accents and trailing spaces are significant.
    /// - `tokens_of_two_stores_are_isolated`: and counters, if two adapters with different names use one server.
    /// - `debug_output_holds_no_token`: neither ids nor data nor keys, in the adapter and in its errors.
    async fn get_token(&self, kind: &TokenKind, token_id: &TokenId) -> AdapterResult<Option<TokenSchema>>;

    /// Inserts a token.
    ///
    /// # Contract
    /// - `set_token_with_a_duplicate_id_changes_nothing`: whatever the kinds and users are.
    /// - `parallel_set_token_with_one_id_has_one_winner`: the others get the duplicate error.
    /// - `set_token_of_an_unknown_user_is_invalid`: if tokens refer to users; nothing is stored.
    /// - `set_token_stores_any_text_of_64_kib`: data of 65,536 bytes is not truncated, and text that looks like a number
    ///   or JSON stays text. NUL may be rejected.
    /// - `set_token_with_a_past_expiry_leaves_nothing_alive`: whether it succeeds or fails.
    /// - `set_token_records_the_expiry`: if the store expires records itself.
    ///
    /// # Errors
    /// [`DuplicateTokenId`](crate::AdapterErrorKind::DuplicateTokenId),
    /// [`InvalidUserId`](crate::AdapterErrorKind::InvalidUserId),
    /// [`InvalidAttribute`](crate::AdapterErrorKind::InvalidAttribute) if the store cannot hold the data,
    /// [`UnsupportedId`](crate::AdapterErrorKind::UnsupportedId).
    async fn set_token(&self, token: &TokenSchema) -> AdapterResult<()>;

    /// Deletes a token of this kind and returns it: of many parallel callers one gets it. An expired one may be returned
    /// or not; the caller compares the times.
    ///
    /// # Contract
    /// - `take_token_returns_the_token_once`: afterwards it can be neither taken nor read.
    /// - `take_token_of_an_unknown_id_is_none`: it is not an error.
    /// - `take_token_of_another_kind_takes_nothing`: and leaves the token.
    /// - `parallel_take_token_has_one_winner`: of 50 calls; the others get `None`.
    /// - `take_token_frees_its_id`: if the id is set again for another user, the first user does not delete that token.
    async fn take_token(&self, kind: &TokenKind, token_id: &TokenId) -> AdapterResult<Option<TokenSchema>>;

    /// Deletes the tokens of a user, of this kind or of all kinds.
    ///
    /// # Contract
    /// - `delete_tokens_deletes_those_of_the_kind`: and leaves those of other kinds.
    /// - `delete_tokens_deletes_those_of_all_kinds`: and leaves those without a user.
    /// - `delete_tokens_deletes_none_of_another_user`: whatever characters the user ids have.
    /// - `delete_tokens_of_an_unknown_user_succeeds`: it is not an error.
    /// - `delete_tokens_frees_their_ids`: like `take_token`.
    /// - `delete_tokens_deletes_what_was_set_in_parallel`: 20 tokens that were set in parallel.
    /// - `delete_tokens_misses_none_set_in_parallel`: a token that is set during the call is deleted by it or by the
    ///   next one.
    /// - `delete_tokens_deletes_more_than_a_page`: 1,100 tokens.
    /// - `delete_user_deletes_its_tokens`: if tokens refer to users, deleting the user deletes them too.
    /// - `parallel_delete_user_and_set_token_leave_no_token`: if tokens refer to users; the token is deleted or refused.
    async fn delete_tokens(&self, kind: Option<&TokenKind>, user_id: &UserId) -> AdapterResult<()>;

    /// Adds an amount to a counter, atomically, and returns the sum.
    ///
    /// The first positive amount opens a window, in which the counter exists: until `now + window`, whatever windows
    /// later calls name. Afterwards it starts again at 0. An amount that is not positive opens no window: without one the
    /// result is 0 until `now`. The sum stays between 0 and [`Count::MAX`].
    ///
    /// A negative amount reduces only a window that ends by `now + window`; another one is as good as none. To take an
    /// amount back from the window to which it was added, and from no later one, pass the [`expires`](Count::expires) of
    /// its result as `now`, and a window of zero.
    ///
    /// Only the time that the caller gives decides whether a window has ended, not the clock of the store. A store that
    /// expires records itself drops a counter no earlier than a whole window after its first amount.
    ///
    /// # Contract
    /// - `add_to_counter_counts_from_zero`: and the window ends at `now + window`, exactly.
    /// - `add_to_counter_takes_amounts_back`: a negative amount reduces the sum.
    /// - `add_to_counter_takes_amounts_back_only_from_their_window`: not from one that ends after `now + window`.
    /// - `add_to_counter_stays_within_its_limits`: 0 and 2^53, exactly, whatever the amounts are.
    /// - `parallel_add_to_counter_is_exact`: of 100 calls that add 1 each returns another sum, from 1 to 100; also if
    ///   the window has just ended.
    /// - `add_to_counter_keeps_the_window_of_the_first_amount`: it is never extended or shortened.
    /// - `add_to_counter_starts_again_after_the_last_millisecond`: at `expires` the counter still counts.
    /// - `add_to_counter_of_nothing_opens_no_window`: an amount of 0 or less.
    /// - `add_to_counter_goes_by_the_given_time`: also if the caller's clock is an hour behind that of the store.
    /// - `add_to_counter_accepts_any_window`: one that exceeds the store's times ends as late as it can.
    /// - `add_to_counter_records_the_expiry`: if the store expires records itself.
    /// - `counter_keys_never_alias`: a key of any characters has its own counter or is rejected.
    /// - `counters_and_tokens_never_alias`: a token whose id is the key of a counter is another record, or the second of
    ///   them is rejected.
    ///
    /// # Errors
    /// [`UnsupportedId`](crate::AdapterErrorKind::UnsupportedId),
    /// [`DuplicateTokenId`](crate::AdapterErrorKind::DuplicateTokenId) if a token has this key as its id.
    async fn add_to_counter(&self, key: &str, by: i64, window: Duration, now: UnixMillis) -> AdapterResult<Count>;

    /// Deletes tokens and counters whose `expires` is before `now`: at most `limit`, which keeps locks short.
    ///
    /// Pass a time some minutes in the past, because the clocks of processes differ: a counter that is deleted while
    /// another process still counts in it starts again.
    ///
    /// Returns the number of deleted ones; fewer than `limit` means that none remain. A store that expires records itself
    /// deletes nothing and returns 0.
    ///
    /// # Contract
    /// - `delete_expired_tokens_deletes_only_expired_ones`: what expires at `now` remains.
    /// - `delete_expired_tokens_stops_at_the_limit`: and returns the number of deleted tokens and counters.
    /// - `delete_expired_tokens_leaves_it_to_the_store`: if the store expires records itself.
    async fn delete_expired_tokens(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize>;
}
