use lucia_core::{AdapterError, AdapterErrorKind, KeySchema, TokenId, TokenKind, TokenSchema, UserId};

use super::{Redeemed, TokenInfo, Tokens, data::Data};
use crate::{Auth, Error};

/// A stored token that is valid, and its key as it is now.
pub(super) struct Found {
    pub(super) row: TokenSchema,
    pub(super) user_id: UserId,
    pub(super) data: Data,
    pub(super) key: Option<KeySchema>,
}

impl<U, S> Tokens<U, S> {
    /// Returns a token unless it is unknown, expired or void, and leaves it.
    ///
    /// Nothing is taken before everything is checked: so neither an outage nor a clock that is ahead uses up a token.
    pub(super) async fn find(&self, kind: &TokenKind, id: &TokenId) -> Result<Found, Error> {
        let row = self.store.get_token(kind, id).await?;
        self.check(row.ok_or(Error::InvalidOneTimeToken)?).await
    }

    pub(super) async fn check(&self, row: TokenSchema) -> Result<Found, Error> {
        if row.is_expired(self.auth.now()) {
            return Err(Error::InvalidOneTimeToken);
        }
        let data = Data::parse(&row)?;
        let user_id = row.user_id.clone().ok_or_else(|| AdapterError::new(AdapterErrorKind::Decode))?;
        let key = match &data.key {
            Some(bound) => {
                let key = self.auth.find_key_row(&bound.id).await?;
                let holds = |key: &KeySchema| key.user_id == user_id && bound.holds_for(key, &row.id);
                Some(key.filter(holds).ok_or(Error::InvalidOneTimeToken)?)
            }
            None => None,
        };
        Ok(Found { row, user_id, data, key })
    }

    /// Deletes the tokens that were issued in parallel to one that was redeemed.
    pub(super) async fn void_others(&self, found: &Found) {
        // The token was taken: a failure here must not lose what it was redeemed for.
        if let Err(error) = self.store.delete_tokens(Some(&found.row.kind), &found.user_id).await {
            let error: &(dyn std::error::Error + 'static) = &error;
            tracing::warn!(user_id = %found.user_id, error, "other tokens than the redeemed one not deleted");
        }
    }
}

impl Found {
    pub(super) fn into_redeemed<U, S>(self, auth: &Auth<U, S>) -> Redeemed {
        tracing::debug!(user_id = %self.user_id, purpose = self.row.kind.as_str(), "token redeemed");
        Redeemed { user_id: self.user_id, key: self.key.map(|key| auth.verified(key)), bound_to: self.data.bound_to }
    }

    pub(super) fn into_info(self) -> TokenInfo {
        TokenInfo {
            user_id: self.user_id,
            key_id: self.key.map(|key| key.id),
            bound_to: self.data.bound_to,
            expires_at: self.row.expires,
        }
    }
}
