//! [`Tokens`] and its methods: links, codes, and the reset of a password.

mod digest;
mod purpose;
mod one_time_token;
mod new_token;
mod data;
mod redeemed;
mod find;
mod issue;
mod links;
mod codes;
#[cfg(feature = "password")]
mod reset_password;

use std::fmt;

use lucia_core::{TokenAdapter, UserId};

pub use self::{
    new_token::NewToken,
    one_time_token::OneTimeToken,
    purpose::TokenPurpose,
    redeemed::{Redeemed, TokenInfo},
};
use crate::{Auth, Error, NoAttributes, adapter::NamedTokenAdapter};

/// Large enough to amortise a statement, small enough to keep its lock short.
const DELETE_BATCH: usize = 500;

/// Issues and redeems one-time tokens: links and codes that are sent to a user, for example to verify an email address
/// or to reset a password.
///
/// The store holds only hashes, and its [`TokenAdapter`] may be another one than that of [`Auth`]. Cloning is cheap. The
/// guide `docs/tokens.md` in the repository shows each flow.
///
/// - A token is redeemed once: of many parallel requests one succeeds. Unknown, used, expired and malformed tokens and
///   those of another purpose all have the error [`InvalidOneTimeToken`](Error::InvalidOneTimeToken); a failure of the store never has.
/// - Mail scanners follow links. So a page that is served by GET must not redeem a token: it calls [`peek`](Self::peek) and
///   shows a form, whose POST redeems.
/// - [Issuing](Self::issue) a token voids the user's older ones of the same purpose.
///
/// ```
/// use lucia_auth::{Auth, Error, NewToken, NewUser, TokenPurpose, Tokens, memory::MemoryAdapter};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let adapter = MemoryAdapter::new();
/// let auth = Auth::builder(adapter.clone()).build()?;
/// let tokens = Tokens::new(auth.clone(), adapter);
/// let user = auth.create_user(NewUser::new()).await?;
///
/// let new = NewToken::new(TokenPurpose::EMAIL_VERIFICATION, user.id.clone()).bound_to("ada@example.com");
/// let token = tokens.issue(new).await?;
/// let link = format!("https://example.com/verify?token={}", token.as_str());
///
/// let redeemed = tokens.redeem(TokenPurpose::EMAIL_VERIFICATION, token.as_str()).await?;
/// assert_eq!((redeemed.user_id, redeemed.bound_to.as_deref()), (user.id, Some("ada@example.com")));
/// let again = tokens.redeem(TokenPurpose::EMAIL_VERIFICATION, token.as_str()).await;
/// assert!(matches!(again, Err(Error::InvalidOneTimeToken)));
/// # Ok(()) }
/// ```
pub struct Tokens<U = NoAttributes, S = NoAttributes> {
    auth: Auth<U, S>,
    store: NamedTokenAdapter,
}

impl<U, S> Tokens<U, S> {
    /// Creates a handle on the tokens in `adapter`, for the users and with the clock of `auth`.
    #[must_use]
    pub fn new(auth: Auth<U, S>, adapter: impl TokenAdapter) -> Self {
        Self { auth, store: NamedTokenAdapter::new(adapter) }
    }

    /// Deletes all tokens and codes of a user. An unknown user is not an error.
    ///
    /// If tokens do not refer to users in the store, call it before and after
    /// [`Auth::delete_user`](crate::Auth::delete_user).
    ///
    /// # Errors
    /// Returns [`Adapter`](Error::Adapter) if the store fails. Some tokens may then still be valid.
    pub async fn delete_user_tokens(&self, user_id: &UserId) -> Result<(), Error> {
        self.store.delete_tokens(None, user_id).await?;
        tracing::debug!(%user_id, "tokens deleted");
        Ok(())
    }

    /// Deletes tokens and counters that expired more than 5 minutes ago, in batches of 500, and returns their number. Call
    /// it periodically if the store does not expire records itself, such as a SQL database.
    ///
    /// The clocks of processes differ: if a counter were deleted while it still counts for another process, that one would
    /// allow more guesses.
    ///
    /// # Errors
    /// Returns [`Adapter`](Error::Adapter) if the store fails. Some expired tokens may then still be stored.
    pub async fn delete_expired_tokens(&self) -> Result<usize, Error> {
        let before = self.auth.expired_before();
        let mut total = 0;
        loop {
            let deleted = self.store.delete_expired_tokens(before, DELETE_BATCH).await?;
            total += deleted;
            if deleted < DELETE_BATCH {
                tracing::debug!(total, "expired tokens deleted");
                return Ok(total);
            }
        }
    }
}

impl<U, S> Clone for Tokens<U, S> {
    fn clone(&self) -> Self {
        Self { auth: self.auth.clone(), store: self.store.clone() }
    }
}

impl<U, S> fmt::Debug for Tokens<U, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("auth", &self.auth).field("store", &self.store).finish()
    }
}
