use std::time::Duration;

use lucia_core::TokenId;

use super::{
    NewToken, OneTimeToken, Redeemed, TokenInfo, TokenPurpose, Tokens, digest::digest, issue::Prepared,
    one_time_token::is_link,
};
use crate::Error;

/// Links.
impl<U, S> Tokens<U, S> {
    /// Issues a token for a link, and deletes the user's older tokens and codes of this purpose, except with
    /// [`NewToken::at_most_every`].
    ///
    /// If two are issued in parallel, both may be valid: until one is redeemed, another one is issued, or they expire. Both
    /// are redeemed only if that happens in parallel too, or if the store fails while the other one is deleted.
    ///
    /// # Errors
    /// Returns [`InvalidUserId`](Error::InvalidUserId) if tokens refer to users in the store,
    /// [`InvalidAttribute`](Error::InvalidAttribute) if the store cannot hold what the token is bound to,
    /// [`UnsupportedId`](Error::UnsupportedId), [`Random`](Error::Random), or [`Adapter`](Error::Adapter) if the store
    /// fails; the older tokens may be deleted then. A token [for a key](NewToken::for_key) also returns
    /// [`InvalidKeyId`](Error::InvalidKeyId) or [`MalformedKeyId`](Error::MalformedKeyId). One for the reset of a
    /// password must be for a key ([`InvalidKeyId`](Error::InvalidKeyId)) that has one
    /// ([`InvalidPassword`](Error::InvalidPassword)). With [`NewToken::at_most_every`] it may return
    /// [`TooManyAttempts`](Error::TooManyAttempts).
    ///
    /// ```
    /// use lucia_auth::{Auth, Error, NewKey, NewToken, NewUser, TokenPurpose, Tokens, memory::MemoryAdapter};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let adapter = MemoryAdapter::new();
    /// let auth = Auth::builder(adapter.clone()).build()?;
    /// let tokens = Tokens::new(auth.clone(), adapter);
    /// auth.create_user(NewUser::new().key(NewKey::new(("email", "ada@example.com")))).await?;
    ///
    /// let first = tokens.issue(NewToken::for_key(TokenPurpose::MAGIC_LINK, ("email", "ada@example.com"))).await?;
    /// let second = tokens.issue(NewToken::for_key(TokenPurpose::MAGIC_LINK, ("email", "ada@example.com"))).await?;
    /// let older = tokens.redeem(TokenPurpose::MAGIC_LINK, first.as_str()).await;
    /// assert!(matches!(older, Err(Error::InvalidOneTimeToken)));
    /// assert!(tokens.redeem(TokenPurpose::MAGIC_LINK, second.as_str()).await?.key.is_some());
    /// # Ok(()) }
    /// ```
    pub async fn issue(&self, token: NewToken) -> Result<OneTimeToken, Error> {
        let lifetime = token.lifetime.unwrap_or(token.purpose.lifetime());
        let token = self.prepare(token).await?;
        let stored = self.store_link(&token, lifetime).await;
        token.finish(stored).await
    }

    async fn store_link(&self, token: &Prepared<'_>, lifetime: Duration) -> Result<OneTimeToken, Error> {
        let text = OneTimeToken::link()?;
        if !token.is_limited() {
            self.void_older(token).await?;
        }
        self.store.set_token(&self.row(token, id_of(text.as_str()), &token.data, lifetime)).await?;
        Ok(text)
    }

    /// Uses up the token of a link. Of many parallel calls one succeeds.
    ///
    /// Call it in a handler of POST: mail scanners follow links, so a handler of GET calls [`peek`](Self::peek).
    ///
    /// # Errors
    /// Returns [`InvalidOneTimeToken`](Error::InvalidOneTimeToken) if the token is malformed, unknown, used, void or expired, or has
    /// another purpose, and [`Adapter`](Error::Adapter) if the store fails.
    pub async fn redeem(&self, purpose: TokenPurpose, token: &str) -> Result<Redeemed, Error> {
        let (kind, id) = (purpose.kind(), self.id(token)?);
        let found = self.find(&kind, &id).await?;
        self.store.take_token(&kind, &id).await?.ok_or(Error::InvalidOneTimeToken)?;
        self.void_others(&found).await;
        Ok(found.into_redeemed(&self.auth))
    }

    /// Returns a valid token's user and what it is bound to, and leaves the token.
    ///
    /// # Errors
    /// Returns the errors of [`redeem`](Self::redeem).
    pub async fn peek(&self, purpose: TokenPurpose, token: &str) -> Result<TokenInfo, Error> {
        Ok(self.find(&purpose.kind(), &self.id(token)?).await?.into_info())
    }

    /// Rejects malformed tokens before the store is queried.
    pub(super) fn id(&self, token: &str) -> Result<TokenId, Error> {
        if is_link(token) { Ok(id_of(token)) } else { Err(Error::InvalidOneTimeToken) }
    }
}

fn id_of(token: &str) -> TokenId {
    TokenId::new(digest(token))
}
