use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::index::unlink;
use crate::{AdapterErrorKind as Kind, TokenId, TokenKind, TokenSchema, UnixMillis, UserId};

/// The table of tokens and an index of each user's tokens.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    rows: HashMap<TokenId, TokenSchema>,
    user_tokens: BTreeMap<UserId, BTreeSet<TokenId>>,
    expiries: BTreeSet<(UnixMillis, TokenId)>,
}

impl Tokens {
    pub(super) fn get(&self, kind: &TokenKind, id: &TokenId) -> Option<&TokenSchema> {
        self.rows.get(id).filter(|token| token.kind == *kind)
    }

    pub(super) fn insert(&mut self, token: &TokenSchema) -> Result<(), Kind> {
        if self.rows.contains_key(&token.id) {
            return Err(Kind::DuplicateTokenId);
        }
        if let Some(user_id) = &token.user_id {
            self.user_tokens.entry(user_id.clone()).or_default().insert(token.id.clone());
        }
        self.expiries.insert((token.expires, token.id.clone()));
        self.rows.insert(token.id.clone(), token.clone());
        Ok(())
    }

    pub(super) fn take(&mut self, kind: &TokenKind, id: &TokenId) -> Option<TokenSchema> {
        self.get(kind, id)?;
        self.remove(id)
    }

    pub(super) fn remove_of(&mut self, kind: Option<&TokenKind>, user_id: &UserId) {
        let ids: Vec<_> = self.user_tokens.get(user_id).into_iter().flatten().cloned().collect();
        for id in &ids {
            if kind.is_none_or(|kind| self.get(kind, id).is_some()) {
                self.remove(id);
            }
        }
    }

    pub(super) fn remove_expired(&mut self, now: UnixMillis, limit: usize) -> usize {
        let expired = self.expiries.iter().take_while(|(expires, _)| *expires < now).take(limit);
        let ids: Vec<_> = expired.map(|(_, id)| id.clone()).collect();
        for id in &ids {
            self.remove(id);
        }
        ids.len()
    }

    fn remove(&mut self, id: &TokenId) -> Option<TokenSchema> {
        let token = self.rows.remove(id)?;
        if let Some(user_id) = &token.user_id {
            unlink(&mut self.user_tokens, user_id, id);
        }
        self.expiries.remove(&(token.expires, token.id.clone()));
        Some(token)
    }
}
