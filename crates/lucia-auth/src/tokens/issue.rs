use std::time::Duration;

use lucia_core::{TokenId, TokenSchema, UserId};

use super::{
    NewToken, TokenPurpose, Tokens,
    data::{BoundKey, Data},
    new_token::Subject,
};
use crate::Error;

/// A token to store, as far as links and codes have it in common.
pub(super) struct Prepared {
    purpose: TokenPurpose,
    pub(super) user_id: UserId,
    pub(super) data: Data,
}

impl<U, S> Tokens<U, S> {
    /// Reads the key that the token is for, if any.
    pub(super) async fn prepare(&self, token: NewToken) -> Result<Prepared, Error> {
        let NewToken { purpose, subject, bound_to, .. } = token;
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
        Ok(Prepared { purpose, user_id, data: Data { bound_to, key, code: None } })
    }

    /// Deletes the user's older tokens of the purpose.
    pub(super) async fn void_older(&self, token: &Prepared) -> Result<(), Error> {
        Ok(self.store.delete_tokens(Some(&token.purpose.kind()), &token.user_id).await?)
    }

    pub(super) fn row(&self, token: &Prepared, id: TokenId, lifetime: Duration) -> TokenSchema {
        TokenSchema::new(id, token.purpose.kind(), self.auth.now().saturating_add(lifetime))
            .with_user_id(token.user_id.clone())
            .with_data(token.data.to_json())
    }
}

impl Prepared {
    pub(super) fn log_issued(&self) {
        tracing::debug!(user_id = %self.user_id, purpose = self.purpose.as_str(), "token issued");
    }
}
