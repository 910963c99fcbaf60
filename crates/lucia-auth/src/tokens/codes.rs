use std::time::Duration;

use lucia_core::{AdapterError, AdapterErrorKind, TokenId, TokenKind, UserId};

use super::{
    NewToken, OneTimeToken, Redeemed, TokenPurpose, Tokens,
    data::{Data, HashedCode},
    digest::digest_of_parts,
    find::Found,
    issue::Prepared,
    one_time_token::is_code,
};
use crate::{Error, Limit, throttle::Counted};

const LIFETIME: Duration = Duration::from_secs(10 * 60);

/// How often one code may be tried.
const TRIES: u32 = 5;

/// How many wrong codes a user may try for one purpose, however many codes are issued. A guess is right once in a
/// million times, so an attacker who goes on for a year succeeds with a probability of 0.7 %.
const DAILY: Limit = Limit::new(20, Duration::from_secs(24 * 60 * 60));

/// How often a code is stored again because another one was issued meanwhile.
const ISSUE_ATTEMPTS: usize = 5;

/// Codes.
impl<U, S> Tokens<U, S> {
    /// Issues a code of six digits, for users who read their mail on another device, and deletes the user's older tokens
    /// and codes of this purpose. It is valid for at most 10 minutes, unless [`NewToken::lifetime`] is set.
    ///
    /// A link is safer, because it cannot be guessed: use codes for short lifetimes only. Codes are salted and hashed under
    /// the [`ThrottleKey`](crate::ThrottleKey) of [`Throttle::new`](crate::Throttle::new). Without one, a stolen store
    /// reveals the codes that are valid at that time: each is one of a million.
    ///
    /// # Errors
    /// Returns the errors of [`issue`](Self::issue).
    ///
    /// ```
    /// use lucia_auth::{Auth, NewToken, NewUser, TokenPurpose, Tokens, memory::MemoryAdapter};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let adapter = MemoryAdapter::new();
    /// let auth = Auth::builder(adapter.clone()).build()?;
    /// let tokens = Tokens::new(auth.clone(), adapter);
    /// let user = auth.create_user(NewUser::new()).await?;
    ///
    /// let code = tokens.issue_code(NewToken::new(TokenPurpose::EMAIL_VERIFICATION, user.id.clone())).await?;
    /// assert_eq!(code.as_str().len(), 6);
    /// let redeemed = tokens.redeem_code(TokenPurpose::EMAIL_VERIFICATION, &user.id, code.as_str()).await?;
    /// assert_eq!(redeemed.user_id, user.id);
    /// # Ok(()) }
    /// ```
    pub async fn issue_code(&self, token: NewToken) -> Result<OneTimeToken, Error> {
        let (purpose, lifetime) = (token.purpose, token.lifetime.unwrap_or(token.purpose.lifetime().min(LIFETIME)));
        let token = self.prepare(token).await?;
        let stored = self.store_code(&token, purpose, lifetime).await;
        token.finish(stored).await
    }

    async fn store_code(
        &self,
        token: &Prepared<'_>,
        purpose: TokenPurpose,
        lifetime: Duration,
    ) -> Result<OneTimeToken, Error> {
        let code = OneTimeToken::code()?;
        let data = Data { code: Some(HashedCode::new(&code, self.key())?), ..token.data.clone() };
        let row = self.row(token, slot(purpose, &token.user_id), &data, lifetime);
        let mut attempts = 1..=ISSUE_ATTEMPTS;
        loop {
            attempts.next();
            self.void_older(token).await?;
            match self.store.set_token(&row).await {
                Ok(()) => return Ok(code),
                // Another code was issued meanwhile: this one replaces it.
                Err(error) if error.kind() == AdapterErrorKind::DuplicateTokenId && !attempts.is_empty() => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Uses up the code of a user. Of many parallel calls one succeeds.
    ///
    /// A try is counted before it is compared, and given back if it was right. After five wrong ones the code is void.
    /// After twenty wrong ones in 24 hours, whatever codes were issued, the error is
    /// [`TooManyAttempts`](Error::TooManyAttempts): offer a link then, which cannot be guessed and is not limited. A user
    /// without a code, and one who does not exist, have the same answers.
    ///
    /// # Errors
    /// Returns [`InvalidOneTimeToken`](Error::InvalidOneTimeToken) if the code is malformed, wrong, used, void or expired, or has
    /// another purpose, [`TooManyAttempts`](Error::TooManyAttempts), and [`Adapter`](Error::Adapter) if the store fails;
    /// the try then does not count.
    pub async fn redeem_code(&self, purpose: TokenPurpose, user_id: &UserId, code: &str) -> Result<Redeemed, Error> {
        if !is_code(code) {
            return Err(Error::InvalidOneTimeToken);
        }
        let key = self.counter("daily tries", &[purpose.as_str(), user_id.as_str()]);
        let now = self.auth.now();
        let daily = Counted::within(&self.store, key, DAILY, now).await?;
        let result = self.try_code(&purpose.kind(), &slot(purpose, user_id), code).await;
        if !matches!(result, Err(Error::InvalidOneTimeToken)) {
            daily.give_back().await;
        }
        result
    }

    /// Counts the try of this code, and redeems the code if it is the right one.
    async fn try_code(&self, kind: &TokenKind, slot: &TokenId, code: &str) -> Result<Redeemed, Error> {
        let now = self.auth.now();
        let row = self.store.get_token(kind, slot).await?.filter(|row| !row.is_expired(now));
        let hashed = match &row {
            Some(row) => Some(Data::parse(row)?.code.ok_or_else(|| AdapterError::new(AdapterErrorKind::Decode))?),
            None => None,
        };
        // Also without a code, so that the answer takes as long.
        let salt = hashed.as_ref().map_or("", |hashed| &hashed.salt);
        let lifetime = row.as_ref().map_or(LIFETIME, |row| row.expires.saturating_duration_since(now));
        // Longer than the code, which a clock that was ahead for a moment does not end.
        let limit = Limit::new(TRIES, lifetime.saturating_add(DAILY.window));
        let key = self.counter("tries", &[slot.as_str(), salt]);
        let counted = Counted::add(&self.store, key, limit, now).await?;
        if counted.is_over() {
            return Err(Error::InvalidOneTimeToken);
        }
        let result = match (row, hashed) {
            (Some(row), Some(hashed)) if hashed.verify(code, self.key()) => match self.check(row).await {
                Ok(found) => self.take_code(found).await,
                Err(error) => Err(error),
            },
            _ => Err(Error::InvalidOneTimeToken),
        };
        if matches!(&result, Err(error) if !matches!(error, Error::InvalidOneTimeToken)) {
            counted.give_back().await;
        }
        result
    }

    async fn take_code(&self, found: Found) -> Result<Redeemed, Error> {
        let taken = self.store.take_token(&found.row.kind, &found.row.id).await?.ok_or(Error::InvalidOneTimeToken)?;
        if taken != found.row {
            // Another code was issued since this one was read, which is void now. Putting that one back could revive it
            // after all of the user's were deleted.
            return Err(Error::InvalidOneTimeToken);
        }
        self.void_others(&found).await;
        Ok(found.into_redeemed(&self.auth))
    }
}

/// Returns the id of a user's only code of a purpose.
fn slot(purpose: TokenPurpose, user_id: &UserId) -> TokenId {
    TokenId::new(digest_of_parts(&["code", purpose.as_str(), user_id.as_str()]))
}
