use std::time::Duration;

use lucia_core::{TokenId, TokenSchema, UserId};

use super::{
    NewToken, TokenPurpose, Tokens,
    data::{BoundKey, Data},
    digest::digest_of_parts,
    new_token::Subject,
};
use crate::{Error, Limit, ThrottleKey, throttle::Counted};

/// A token to store, as far as links and codes have it in common.
pub(super) struct Prepared<'a> {
    purpose: TokenPurpose,
    pub(super) user_id: UserId,
    pub(super) data: Data,
    /// `None` if it may be issued at any time.
    counted: Option<Counted<'a>>,
}

impl<U, S> Tokens<U, S> {
    /// Reads the key that the token is for, if any, and counts the token, if it may not be issued at any time.
    pub(super) async fn prepare(&self, token: NewToken) -> Result<Prepared<'_>, Error> {
        let NewToken { purpose, subject, bound_to, interval, .. } = token;
        let (user_id, key) = match subject {
            // Without its key, a reset could not find out that the password has changed.
            Subject::User(_) if purpose.is_password_reset() => return Err(Error::InvalidKeyId { source: None }),
            Subject::User(user_id) => (user_id, None),
            Subject::Key(key_id) => {
                let row = self.auth.find_key_row(&key_id?).await?.ok_or(Error::InvalidKeyId { source: None })?;
                // A password would end the sign-ins of a provider such as GitHub.
                if purpose.is_password_reset() && row.hashed_password.is_none() {
                    return Err(Error::InvalidPassword);
                }
                let key = BoundKey::new(&row);
                (row.user_id, Some(key))
            }
        };
        let data = Data { bound_to, key, code: None };
        let counted = match interval {
            Some(interval) => {
                let key = self.counter("issued", &[purpose.as_str(), user_id.as_str(), &data.to_json()]);
                Some(Counted::within(&self.store, key, Limit::new(1, interval), self.auth.now()).await?)
            }
            None => None,
        };
        Ok(Prepared { purpose, user_id, data, counted })
    }

    /// Deletes the user's older tokens of the purpose.
    pub(super) async fn void_older(&self, token: &Prepared<'_>) -> Result<(), Error> {
        Ok(self.store.delete_tokens(Some(&token.purpose.kind()), &token.user_id).await?)
    }

    pub(super) fn row(&self, token: &Prepared<'_>, id: TokenId, data: &Data, lifetime: Duration) -> TokenSchema {
        TokenSchema::new(id, token.purpose.kind(), self.auth.now().saturating_add(lifetime))
            .with_user_id(token.user_id.clone())
            .with_data(data.to_json())
    }

    /// Returns the application's key, if it has one.
    pub(super) fn key(&self) -> Option<&ThrottleKey> {
        self.auth.throttle().shared_key()
    }

    /// Returns the key of a counter.
    pub(super) fn counter(&self, kind: &str, parts: &[&str]) -> String {
        match self.key() {
            Some(key) => key.counter(kind, &parts.iter().map(|part| part.as_bytes()).collect::<Vec<_>>()),
            None => digest_of_parts(&[&[kind], parts].concat()),
        }
    }
}

impl Prepared<'_> {
    /// Returns `true` if the token is issued at most so often. Somebody else may have asked for it then, who must not void
    /// the one that the user is about to redeem.
    pub(super) const fn is_limited(&self) -> bool {
        self.counted.is_some()
    }

    /// Logs that the token was stored. If it was not, takes it off the count, so that the next call may issue one.
    pub(super) async fn finish<T>(self, stored: Result<T, Error>) -> Result<T, Error> {
        if stored.is_ok() {
            tracing::debug!(user_id = %self.user_id, purpose = self.purpose.as_str(), "token issued");
        } else if let Some(counted) = self.counted {
            counted.give_back().await;
        }
        stored
    }
}
