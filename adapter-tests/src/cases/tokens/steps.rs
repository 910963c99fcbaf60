//! Steps that several cases share.

use std::{fmt, time::Duration};

use lucia_core::{Count, TokenSchema, UnixMillis, UserId};

use crate::{
    context::{Tokens, task},
    ensure::{CaseResult, ensure, ensure_eq},
    sample,
};

/// The window of sample counters.
pub(super) const WINDOW: Duration = Duration::from_secs(600);

/// A token with all its fields, which its own output hides.
#[derive(PartialEq, Eq)]
pub(super) struct Shown<'a>(pub(super) &'a TokenSchema);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TokenSchema { id, kind, user_id, data, expires } = self.0;
        write!(f, "{kind} {:?} of {:?} until {expires} with {data:?}", id.as_str(), user_id)
    }
}

impl Tokens {
    /// Returns a token without a user. It is not stored.
    pub(super) fn token(&self) -> TokenSchema {
        sample::token(self.now())
    }

    /// Stores a token of a new user.
    pub(super) async fn stored(&self) -> CaseResult<TokenSchema> {
        let token = self.token().with_user_id(self.user().await?);
        self.adapter.set_token(&token).await?;
        Ok(token)
    }

    /// Stores tokens of a user in parallel.
    pub(super) async fn store_tokens(&self, user_id: &UserId, count: usize) -> CaseResult<Vec<TokenSchema>> {
        const AT_ONCE: usize = 50;
        let tokens: Vec<_> = (0..count).map(|_| self.token().with_user_id(user_id.clone())).collect();
        for chunk in tokens.chunks(AT_ONCE) {
            let tasks = chunk.iter().cloned().map(|token| {
                let adapter = self.adapter();
                task(async move { adapter.set_token(&token).await })
            });
            for outcome in self.concurrently(tasks).await? {
                outcome?;
            }
        }
        Ok(tokens)
    }

    pub(super) async fn ensure_stored(&self, tokens: &[&TokenSchema], what: &str) -> CaseResult {
        for token in tokens {
            let found = self.adapter.get_token(&token.kind, &token.id).await?;
            ensure_eq(&found.as_ref().map(Shown), &Some(Shown(token)), what)?;
        }
        Ok(())
    }

    /// Checks that none of these tokens can be read or taken.
    pub(super) async fn ensure_gone(&self, tokens: &[&TokenSchema], what: &str) -> CaseResult {
        for token in tokens {
            let found = self.adapter.get_token(&token.kind, &token.id).await?;
            ensure(found.is_none(), format!("{what}: it can be read: {:?}", Shown(token)))?;
            let taken = self.adapter.take_token(&token.kind, &token.id).await?;
            ensure(taken.is_none(), format!("{what}: it can be taken: {:?}", Shown(token)))?;
        }
        Ok(())
    }

    /// Adds an amount to a counter now.
    pub(super) async fn add(&self, key: &str, by: i64) -> CaseResult<Count> {
        self.add_at(key, by, self.now()).await
    }

    pub(super) async fn add_at(&self, key: &str, by: i64, now: UnixMillis) -> CaseResult<Count> {
        Ok(self.adapter.add_to_counter(key, by, WINDOW, now).await?)
    }

    /// Checks the value of a counter by adding nothing.
    pub(super) async fn ensure_count(&self, key: &str, value: u64, what: &str) -> CaseResult {
        ensure_eq(&self.add(key, 0).await?.value, &value, what)
    }
}

/// Returns a time relative to another one.
pub(super) fn at(time: UnixMillis, millis: i64) -> UnixMillis {
    UnixMillis::new(time.get().saturating_add(millis))
}
