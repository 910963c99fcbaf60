//! The tokens on one server, alone or behind sentinels. Each operation is one script.

use lucia_core::{TokenId, TokenKind, TokenSchema, UserId};

use super::{
    single::Single,
    store::{MAX_ATTEMPTS, MAX_KEYS, Store},
};
use crate::{connections::Connections, error::Error};

impl<C: Connections> Single<C> {
    pub(super) async fn set_token(&self, token: &TokenSchema) -> Result<(), Error> {
        let Store { prefixes, calls, .. } = &self.store;
        let key = prefixes.token_key(&token.id);
        let index = token.user_id.as_ref().map(|user_id| prefixes.user_tokens_key(user_id));
        let keys: Vec<_> = [key].into_iter().chain(index).collect();
        self.store.insert_token(&mut self.store.connection().await?, &keys, token, &calls.next()).await
    }

    pub(super) async fn take_token(&self, kind: &TokenKind, token_id: &TokenId) -> Result<Option<TokenSchema>, Error> {
        let mut connection = self.store.connection().await?;
        let indexes = &self.store.prefixes.user_tokens;
        let taken = self.store.remove_token(&mut connection, kind, token_id, indexes).await?;
        Ok(taken.map(|(token, _)| token))
    }

    pub(super) async fn delete_tokens(&self, kind: Option<&TokenKind>, user_id: &UserId) -> Result<(), Error> {
        let Store { prefixes, scripts, replicas, .. } = &self.store;
        let mut connection = self.store.connection().await?;
        let (index, max_keys) = (prefixes.user_tokens_key(user_id), MAX_KEYS.to_string());
        let arguments = [prefixes.token.as_str(), kind.map_or("", TokenKind::as_str), &max_keys].map(str::as_bytes);
        for _ in 0..MAX_ATTEMPTS {
            let has_more: bool =
                scripts.delete_tokens.run_confirmed(&mut connection, *replicas, &[index], &arguments).await?;
            if !has_more {
                return Ok(());
            }
        }
        Err(Error::Unsettled)
    }
}
