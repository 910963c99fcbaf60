//! The operations on a token or a counter alone, which are the same for all topologies.

use std::time::Duration;

use lucia_core::{AdapterErrorKind as Kind, Count, TokenId, TokenKind, TokenSchema, UnixMillis};

use super::{
    record::{self, MAX_MILLIS},
    store::{self, Store},
    token_record,
};
use crate::{
    connections::{Batched, Connections},
    error::Error,
    key::Key,
    script::Reply,
};

/// The largest amount that a counter can change by.
const MAX_AMOUNT: i64 = 1 << 53;

impl<C: Connections> Store<C> {
    pub(super) async fn get_token(&self, kind: &TokenKind, token_id: &TokenId) -> Result<Option<TokenSchema>, Error> {
        let value = store::read(&mut self.connection().await?, self.prefixes.token_key(token_id)).await?;
        let found = value.map(|value| token_record::read(&value, kind, token_id)).transpose()?;
        Ok(found.flatten().map(|(token, _)| token))
    }

    /// Inserts a token, and its entry into the index among the keys, if any.
    pub(super) async fn insert_token(
        &self,
        connection: &mut Batched<C>,
        keys: &[Key<'_>],
        token: &TokenSchema,
        call: &str,
    ) -> Result<(), Error> {
        let (json, at) = (token_record::to_json(token, call), record::expiry(token.expires));
        let entry = if keys.len() > 1 { token_record::entry(token, call) } else { String::new() };
        let arguments = [json.as_bytes(), at.as_bytes(), entry.as_bytes()];
        match self.scripts.set_token.run(connection, keys, &arguments).await? {
            Reply::Done => Ok(()),
            _ => Err(Error::Refused(Kind::DuplicateTokenId)),
        }
    }

    /// Takes a token, and removes its entry if the prefix of indexes is not empty. Returns it with the call that stored
    /// it.
    pub(super) async fn remove_token(
        &self,
        connection: &mut Batched<C>,
        kind: &TokenKind,
        token_id: &TokenId,
        user_tokens_prefix: &str,
    ) -> Result<Option<(TokenSchema, String)>, Error> {
        let (key, call) = (self.prefixes.token_key(token_id), self.calls.next());
        let arguments = [token_id.as_str(), kind.as_str(), &call, user_tokens_prefix].map(str::as_bytes);
        let value: Option<Vec<u8>> =
            self.scripts.take_token.run_confirmed(connection, self.replicas, &[key], &arguments).await?;
        let taken = value.map(|value| token_record::read(&value, kind, token_id)).transpose()?;
        Ok(taken.flatten())
    }

    pub(super) async fn add_to_counter(
        &self,
        key: &str,
        by: i64,
        window: Duration,
        now: UnixMillis,
    ) -> Result<Count, Error> {
        let exact = |time: UnixMillis| time.get().clamp(-MAX_MILLIS, MAX_MILLIS).to_string();
        let length = UnixMillis::EPOCH.saturating_add(window);
        let (call, amount) = (self.calls.next(), by.clamp(-MAX_AMOUNT, MAX_AMOUNT).to_string());
        let arguments = [call, amount, exact(now), exact(now.saturating_add(window)), exact(length)];
        let arguments = arguments.each_ref().map(String::as_bytes);
        let key = self.prefixes.counter_key(key);
        let count: Option<String> =
            self.scripts.add_to_counter.run(&mut self.connection().await?, &[key], &arguments).await?;
        match count {
            Some(count) => parse_count(&count).ok_or(Error::Counter),
            None => Ok(Count { value: 0, expires: now }),
        }
    }
}

/// Parses the sum of a counter and the end of its window.
fn parse_count(text: &str) -> Option<Count> {
    let (value, expires) = text.split_once(' ')?;
    Some(Count { value: value.parse().ok()?, expires: UnixMillis::new(expires.parse().ok()?) })
}
