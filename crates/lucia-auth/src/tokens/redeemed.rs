use std::fmt;

use lucia_core::{KeyId, UnixMillis, UserId};

use crate::VerifiedKey;

/// The result of redeeming a token. `Debug` hides what it was bound to.
///
/// ```
/// use lucia_auth::{Auth, Error, NewSession, Redeemed, Session};
///
/// /// Signs in with a magic link that was issued for a key.
/// async fn sign_in(auth: &Auth, redeemed: Redeemed) -> Result<Session, Error> {
///     let key = redeemed.key.ok_or(Error::InvalidOneTimeToken)?;
///     auth.create_session(NewSession::for_key(&key)).await
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Redeemed {
    /// The user for whom the token was issued. If somebody is signed in, compare: they may be another user.
    pub user_id: UserId,
    /// The key, if the token was issued [for one](crate::NewToken::for_key).
    pub key: Option<VerifiedKey>,
    /// The text that the token was [bound to](crate::NewToken::bound_to).
    pub bound_to: Option<String>,
}

/// A valid token that was not redeemed, for the page with the form that redeems it. `Debug` hides what it is bound to.
///
/// ```
/// use lucia_auth::{KeyId, TokenInfo};
///
/// fn title(token: &TokenInfo) -> String {
///     format!("A new password for {}", token.key_id.as_ref().map_or("you", KeyId::provider_user_id))
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenInfo {
    /// The user for whom the token was issued.
    pub user_id: UserId,
    /// The key, if the token was issued [for one](crate::NewToken::for_key).
    pub key_id: Option<KeyId>,
    /// The text that the token is [bound to](crate::NewToken::bound_to).
    pub bound_to: Option<String>,
    /// The last millisecond at which the token can be redeemed.
    pub expires_at: UnixMillis,
}

impl fmt::Debug for Redeemed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redeemed").field("user_id", &self.user_id).field("key", &self.key).finish_non_exhaustive()
    }
}

impl fmt::Debug for TokenInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenInfo")
            .field("user_id", &self.user_id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
