//! The tokens on a cluster, whose servers store a token and the index of its user separately.
//!
//! An entry is added before its token and removed after it. It contains the call that stored the token, so that the
//! entry of a token that is about to be written is never taken for that of an earlier token with the same id. An entry
//! without a token may be that of such a token: it remains until the token would have expired.

use lucia_core::{AdapterErrorKind as Kind, TokenId, TokenKind, TokenSchema, UserId};

use super::{
    cluster::Cluster,
    entries::Ids,
    fan_out::fan_out,
    record,
    store::{MAX_KEYS, Store},
    token_record::{entry, parse_entry},
};
use crate::{connections::Connections, error::Error, key::Key, script::Reply};

impl<C: Connections> Cluster<C> {
    pub(super) async fn set_token(&self, token: &TokenSchema) -> Result<(), Error> {
        let Store { prefixes, scripts, calls, .. } = &self.store;
        let mut connection = self.store.connection().await?;
        let (call, key) = (calls.next(), prefixes.token_key(&token.id));
        let Some(user_id) = &token.user_id else {
            return self.store.insert_token(&mut connection, &[key], token, &call).await;
        };
        let (index, entry, at) =
            (prefixes.user_tokens_key(user_id), entry(token, &call), record::expiry(token.expires));
        let arguments = [entry.as_bytes(), at.as_bytes()];
        scripts.cluster_enter_token.run::<Reply>(&mut connection, &[index], &arguments).await?;
        let inserted = self.store.insert_token(&mut connection, &[key], token, &call).await;
        // After any other error, the token may have been written nonetheless.
        if let Err(Error::Refused(Kind::DuplicateTokenId)) = inserted {
            remove_entries(&mut connection, index, &[entry.into_bytes()]).await?;
        }
        inserted
    }

    pub(super) async fn take_token(&self, kind: &TokenKind, token_id: &TokenId) -> Result<Option<TokenSchema>, Error> {
        let mut connection = self.store.connection().await?;
        let Some((token, call)) = self.store.remove_token(&mut connection, kind, token_id, "").await? else {
            return Ok(None);
        };
        if let Some(user_id) = &token.user_id {
            let index = self.store.prefixes.user_tokens_key(user_id);
            // The token has been taken, so a failure must not withhold it. The entry remains until the token would have
            // expired.
            let _ = remove_entries(&mut connection, index, &[entry(&token, &call).into_bytes()]).await;
        }
        Ok(Some(token))
    }

    pub(super) async fn delete_tokens(&self, kind: Option<&TokenKind>, user_id: &UserId) -> Result<(), Error> {
        let index = self.store.prefixes.user_tokens_key(user_id);
        // Releases each connection before taking another: a pool may have only one.
        let mut entries: Ids =
            redis::cmd("ZRANGE").arg(index).arg(0).arg(-1).query_async(&mut self.store.connection().await?).await?;
        if let Some(kind) = kind {
            entries.retain(|entry| parse_entry(entry).is_some_and(|(stored, ..)| stored == kind.as_str().as_bytes()));
        }
        let (deleted, error) = fan_out(entries.iter().map(|entry| self.delete_token(entry)).collect()).await;
        let deleted: Ids = deleted.into_iter().flatten().cloned().collect();
        if !deleted.is_empty() {
            remove_entries(&mut self.store.connection().await?, index, &deleted).await?;
        }
        error.map_or(Ok(()), Err)
    }

    /// Deletes the token of an entry, and returns the entry if the token existed.
    async fn delete_token<'a>(&self, entry: &'a Vec<u8>) -> Result<Option<&'a Vec<u8>>, Error> {
        let Store { prefixes, scripts, replicas, .. } = &self.store;
        let Some((_, call, id)) = parse_entry(entry) else { return Ok(None) };
        let mut connection = self.store.connection().await?;
        let key = prefixes.token_key_of(id);
        let existed: bool =
            scripts.cluster_delete_token.run_confirmed(&mut connection, *replicas, &[key], &[call]).await?;
        Ok(existed.then_some(entry))
    }
}

/// Removes entries from an index.
async fn remove_entries(
    connection: &mut impl redis::aio::ConnectionLike,
    index: Key<'_>,
    entries: &[Vec<u8>],
) -> Result<(), Error> {
    for chunk in entries.chunks(MAX_KEYS) {
        redis::cmd("ZREM").arg(index).arg(chunk).query_async::<()>(connection).await?;
    }
    Ok(())
}
