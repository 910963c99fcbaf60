//! Revoking sessions so that no renewal brings them back.
//!
//! First a tombstone is written, then the session goes, then its index entry. A renewal that found the session alive looks for
//! the tombstone after its own write: either it wrote before the session went, or it finds the tombstone and takes its write
//! back.

use std::collections::BTreeSet;

use super::{KvEntry, KvSessionAdapter, KvStore, index::Keep, lifetime};
use crate::{AdapterResult, SessionId, SessionSchema, UnixMillis, UserId};

/// How often a revocation of all looks whether sessions came up meanwhile.
const PASSES: usize = 4;

/// The keys of a session that is to go.
struct Condemned {
    tombstone: KvEntry,
    session: String,
    index_entry: String,
}

impl<S: KvStore> KvSessionAdapter<S> {
    pub(super) async fn revoke(&self, session: &SessionSchema) -> AdapterResult<()> {
        let tombstone = self.tombstone(&session.id, session.idle_expires);
        self.store.put(&tombstone.key, &tombstone.value, tombstone.expires).await?;
        self.erase(session).await
    }

    /// Deletes a session, and after it its index entry: a failure half-way leaves no live session that is not listed.
    pub(super) async fn erase(&self, session: &SessionSchema) -> AdapterResult<()> {
        self.store.delete(&self.layout.session_key(&session.id)).await?;
        self.store.delete(&self.layout.index_key(&session.user_id, &session.id)).await
    }

    /// Revokes a session that was not read. Nobody knows whose it was, so its index entry is left to expire.
    pub(super) async fn revoke_unread(&self, id: &SessionId) -> AdapterResult<()> {
        let tombstone = self.tombstone(id, UnixMillis::EPOCH);
        self.store.put(&tombstone.key, &tombstone.value, tombstone.expires).await?;
        self.store.delete(&self.layout.session_key(id)).await
    }

    /// Revokes the sessions of a user, but those that `keep` keeps.
    ///
    /// It looks again until the index names nothing alive and nothing new: a session that gets another id meanwhile, and is
    /// gone under the old one, is found under the new one.
    pub(super) async fn revoke_all(&self, user_id: &UserId, keep: Keep<'_>) -> AdapterResult<()> {
        let mut seen = BTreeSet::new();
        for pass in 0..PASSES {
            let listed = self.listed(user_id).await?;
            let sessions = listed.sessions.iter().map(|session| (&session.id, session.idle_expires));
            let unread = listed.corrupt.iter().map(|id| (id, UnixMillis::EPOCH));
            let condemned: Vec<_> = sessions
                .chain(unread)
                .filter(|(id, _)| !keep.keeps(id))
                .map(|(id, idle_expires)| self.condemn(user_id, id, idle_expires))
                .collect();
            let news = listed.pointless.iter().filter(|entry| seen.insert((*entry).clone())).count() + condemned.len();
            self.revoke_many(&condemned).await?;
            self.replace_list(user_id, &listed, keep).await?;
            let leftovers = self.leftovers(listed.pointless).await?;
            self.delete_many(&leftovers).await?;
            // The first look may miss a session that moves from the list of Lucia JS to the index.
            if news == 0 && pass > 0 {
                break;
            }
        }
        Ok(())
    }

    /// Revokes as many at a time as the store writes at once, so that whoever is cut off has come nearer to the end.
    async fn revoke_many(&self, condemned: &[Condemned]) -> AdapterResult<()> {
        for some in condemned.chunks(self.store.writes_at_once().max(1)) {
            let tombstones: Vec<_> = some.iter().map(|each| each.tombstone.clone()).collect();
            let sessions: Vec<_> = some.iter().map(|each| each.session.as_str()).collect();
            let index_entries: Vec<_> = some.iter().map(|each| each.index_entry.as_str()).collect();
            self.put_many(&tombstones).await?;
            self.delete_many(&sessions).await?;
            self.delete_many(&index_entries).await?;
        }
        Ok(())
    }

    fn condemn(&self, user_id: &UserId, id: &SessionId, idle_expires: UnixMillis) -> Condemned {
        Condemned {
            tombstone: self.tombstone(id, idle_expires),
            session: self.layout.session_key(id),
            index_entry: self.layout.index_key(user_id, id),
        }
    }

    pub(super) async fn is_revoked(&self, id: &SessionId) -> AdapterResult<bool> {
        Ok(self.store.get(&self.layout.revoked_key(id)).await?.is_some())
    }

    fn tombstone(&self, id: &SessionId, idle_expires: UnixMillis) -> KvEntry {
        let expires = lifetime::of_tombstone(idle_expires, self.clock.now());
        KvEntry { key: self.layout.revoked_key(id), value: lifetime::to_value(expires), expires }
    }
}
