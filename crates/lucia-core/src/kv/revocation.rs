//! Revokes sessions so that no renewal restores them.
//!
//! In a plain store a revocation writes a tombstone, deletes the session, then its index entry. A renewal that found the session live
//! reads the tombstone after its own write: either it wrote before the deletion, or it finds the tombstone and undoes
//! its write. In a store with conditional writes the tombstone replaces the session.

use std::{collections::BTreeSet, mem, slice};

use futures_util::future::join_all;

use super::{
    KvEntry, KvSessionAdapter, KvStore,
    bulk::{Access, Failures},
    conditional::{Hashed, Replaced},
    content,
    index::{Listed, ids_of_list},
    lifetime,
    mark::{Keep, Mark},
};
use crate::{AdapterError, AdapterErrorKind as Kind, AdapterResult, SessionId, SessionSchema, UnixMillis, UserId};

/// How often a revocation of all sessions is attempted while others replace its mark.
const MAX_ATTEMPTS: usize = 4;

/// The keys that revoking a session writes and deletes.
pub(super) struct Revocation {
    /// `None` for a session that can no longer be renewed.
    tombstone: Option<KvEntry>,
    session: String,
    index_entry: String,
}

impl<S: KvStore> KvSessionAdapter<S> {
    pub(super) async fn revoke(&self, session: &SessionSchema) -> AdapterResult<()> {
        self.put_tombstone(&session.id, session.idle_expires).await?;
        self.delete_keys(session).await
    }

    /// Deletes a session that its tombstone did not replace, then its index entry, so that a failure in between leaves
    /// no live session unlisted.
    pub(super) async fn delete_keys(&self, session: &SessionSchema) -> AdapterResult<()> {
        if !self.store.conditional() {
            self.store.delete(&self.layout.session_key(&session.id)).await?;
        }
        self.store.delete(&self.layout.index_key(&session.user_id, &session.id)).await
    }

    /// Revokes a session that was not read. Its user is unknown, so the next listing removes its index entry.
    pub(super) async fn revoke_by_id(&self, id: &SessionId) -> AdapterResult<()> {
        self.put_tombstone(id, UnixMillis::EPOCH).await?;
        self.store.delete(&self.layout.session_key(id)).await
    }

    /// Revokes the sessions of a user, except those that `keep` keeps.
    ///
    /// The [mark](super::mark) is written first, so that no session is rotated during the listing. A key that cannot be
    /// read or written does not stop the revocation of the others, and its error is returned at the end.
    pub(super) async fn revoke_all(&self, user_id: &UserId, keep: Keep<'_>) -> AdapterResult<()> {
        // A user whose keys would be too long has no sessions.
        if self.layout.index_prefix(user_id).len() > self.store.max_key_length() {
            return Ok(());
        }
        let keys = [self.layout.list_key(user_id), self.layout.user_revoked_key(user_id)];
        let (mut failures, mut done) = (Failures::default(), BTreeSet::new());
        let (mut is_marked, mut has_written_mark, mut has_missed_mark) = (false, false, false);
        let mut known_lists = BTreeSet::new();
        let is_conditional = self.store.conditional();
        for _ in 0..MAX_ATTEMPTS {
            // A new epoch for each attempt: a mark with the old epoch would look as if it had not been replaced.
            let mark = Mark::new(self.clock.now(), keep);
            // The list of Lucia JS is read before the index, because its sessions are moved there.
            let found = self.get_many(&keys).await;
            let found = self.note(&mut failures, Access::Reads, found).await?;
            let mut values = found.unwrap_or_default().into_iter();
            let (list, mut before) = (values.next().flatten(), values.next().flatten());
            // If there is none, that of a rotation could come and go: a deletion of an expired mark may arrive late.
            let needs_mark = if is_conditional { before.is_none() } else { !is_marked };
            if needs_mark {
                match self.store.put(&keys[1], &mark.to_value(), mark.expires).await {
                    // Sessions of this user cannot be created here either, but Lucia JS may have left some.
                    Err(error) if error.kind() == Kind::UnsupportedId => {}
                    outcome => {
                        let written = self.note(&mut failures, Access::Writes, outcome).await?;
                        has_written_mark |= written.is_some();
                        if is_conditional && written.is_some() {
                            before = Some(mark.to_value());
                        }
                    }
                }
            }
            let named = list.and_then(|list| ids_of_list(&list)).unwrap_or_default();
            let listed = self.listed(user_id, named, keep, &mut failures).await?;
            if is_conditional {
                self.replace_many(user_id, &listed, keep, &mut done, &mut failures).await?;
            }
            let revocations = self.revocations(user_id, &listed, keep, &mut done);
            self.revoke_many(&revocations, &mut failures).await?;
            // Only the list names a session that could not be read or revoked.
            if failures.count() == 0 {
                let replaced = self.replace_lists(&listed, keep).await;
                self.note(&mut failures, Access::Writes, replaced).await?;
            }
            let deleted = self.delete_many(&listed.stale_entries).await;
            self.note(&mut failures, Access::Writes, deleted).await?;

            // Another revocation may have replaced the mark, or a rotation in a store with conditional writes. A stale
            // copy shows the value that was read before.
            let after = self.store.get(&keys[1]).await?;
            // So does a mark that the late deletion of an expired one deleted, after which a rotation is not noticed.
            let may_be_deleted = has_written_mark && after.is_none() && !is_conditional && !self.store.expires_keys();
            let is_missed_first = may_be_deleted && !mem::replace(&mut has_missed_mark, true);
            is_marked = after == before && !is_missed_first
                || !is_conditional
                    && after.and_then(|value| Mark::from_value(&value)).is_some_and(|after| after.covers(&mark));
            // A listing may show a list that was deleted; when it is read again, its entries are visible.
            let known = known_lists.len();
            known_lists.extend(listed.vanished_lists);
            let has_moved = known_lists.len() > known;
            known_lists.extend(listed.lists);
            if is_marked && !has_moved {
                return failures.outcome();
            }
        }
        Err(AdapterError::new(Kind::Unavailable).with_source(if is_marked {
            "lists of the user's sessions that Lucia JS left kept disappearing: stop Lucia JS, and try again"
        } else {
            "other revocations or rotations of the user's sessions got in the way; try again"
        }))
    }

    /// Replaces the sessions that are not kept and not `done` yet by their tombstones, in a store with conditional
    /// writes: as many at a time as it writes at once. A failure does not stop the others.
    async fn replace_many(
        &self,
        user_id: &UserId,
        listed: &Listed,
        keep: Keep<'_>,
        done: &mut BTreeSet<SessionId>,
        failures: &mut Failures,
    ) -> AdapterResult<()> {
        let live: Vec<_> = listed.live(keep).filter(|(id, _)| done.insert((*id).clone())).collect();
        for chunk in live.chunks(self.store.writes_at_once().max(1)) {
            let revocations = chunk.iter().map(|(id, idle_expires)| self.replace_listed(user_id, id, *idle_expires));
            let mut index_entries = Vec::new();
            for ((id, _), is_replaced) in chunk.iter().zip(join_all(revocations).await) {
                if self.note(failures, Access::Writes, is_replaced).await? == Some(true) {
                    index_entries.push(self.layout.index_key(user_id, id));
                }
            }
            let deleted = self.delete_many(&index_entries).await;
            self.note(failures, Access::Writes, deleted).await?;
        }
        Ok(())
    }

    /// Replaces a session that was listed by its tombstone. Returns `false` if it has ended meanwhile.
    async fn replace_listed(&self, user_id: &UserId, id: &SessionId, idle_expires: UnixMillis) -> AdapterResult<bool> {
        self.bar_move(id, idle_expires, Hashed::Revoked).await?;
        let is_theirs = |found: Option<&SessionSchema>| found.is_none_or(|session| session.user_id == *user_id);
        let replaced = self.replace_by_tombstone(id, Hashed::Ignored, is_theirs).await?;
        Ok(!matches!(replaced, Replaced::Nothing))
    }

    /// Returns the revocations of the sessions that are not kept and not `done` yet.
    fn revocations(
        &self,
        user_id: &UserId,
        listed: &Listed,
        keep: Keep<'_>,
        done: &mut BTreeSet<SessionId>,
    ) -> Vec<Revocation> {
        let live = listed.live(keep).map(|(id, idle_expires)| (id, Some(idle_expires)));
        let ended = listed.expired_or_revoked.iter().map(|id| (id, None));
        let new = live.chain(ended).filter(|(id, _)| done.insert((*id).clone()));
        let tombstone = |id, idle_expires: Option<UnixMillis>| Some(self.tombstone_entry(id, idle_expires?));
        new.map(|(id, idle_expires)| self.revocation(user_id, id, tombstone(id, idle_expires))).collect()
    }

    pub(super) fn revocation(&self, user_id: &UserId, id: &SessionId, tombstone: Option<KvEntry>) -> Revocation {
        let session = self.layout.session_key(id);
        Revocation { tombstone, session, index_entry: self.layout.index_key(user_id, id) }
    }

    /// Revokes as many sessions at a time as the store writes at once, so that an interrupted call has made progress. A
    /// failure does not stop the others. Returns how many were revoked.
    pub(super) async fn revoke_many(
        &self,
        revocations: &[Revocation],
        failures: &mut Failures,
    ) -> AdapterResult<usize> {
        let mut revoked = 0;
        for chunk in revocations.chunks(self.store.writes_at_once().max(1)) {
            let outcome = self.revoke_chunk(chunk).await;
            if outcome.is_ok() || chunk.len() == 1 {
                revoked += self.note(failures, Access::Writes, outcome).await?.map_or(0, |()| chunk.len());
                continue;
            }
            for one in chunk {
                let outcome = self.revoke_chunk(slice::from_ref(one)).await;
                revoked += self.note(failures, Access::Writes, outcome).await?.map_or(0, |()| 1);
            }
        }
        Ok(revoked)
    }

    async fn revoke_chunk(&self, chunk: &[Revocation]) -> AdapterResult<()> {
        let tombstones: Vec<_> = chunk.iter().filter_map(|each| each.tombstone.clone()).collect();
        let sessions: Vec<_> = chunk.iter().map(|each| each.session.as_str()).collect();
        let index_entries: Vec<_> = chunk.iter().map(|each| each.index_entry.as_str()).collect();
        self.put_many(&tombstones).await?;
        self.delete_many(&sessions).await?;
        self.delete_many(&index_entries).await
    }

    pub(super) async fn is_revoked(&self, id: &SessionId) -> AdapterResult<bool> {
        Ok(self.store.get(&self.layout.revoked_key(id)).await?.is_some())
    }

    pub(super) async fn put_tombstone(&self, id: &SessionId, idle_expires: UnixMillis) -> AdapterResult<()> {
        self.put(&self.tombstone_entry(id, idle_expires)).await
    }

    pub(super) fn tombstone_entry(&self, id: &SessionId, idle_expires: UnixMillis) -> KvEntry {
        let now = self.clock.now();
        let expires = lifetime::of_tombstone(idle_expires, now);
        let value = lifetime::to_value(expires);
        if self.store.conditional() {
            return KvEntry { key: self.layout.session_key(id), value: content::with_nonce(value, now), expires };
        }
        KvEntry { key: self.layout.revoked_key(id), value, expires }
    }

    /// Returns the tombstone of a plain id whose session is stored under its hash.
    pub(super) fn moved_tombstone_entry(&self, id: &SessionId, idle_expires: UnixMillis) -> KvEntry {
        let mut tombstone = self.tombstone_entry(id, idle_expires);
        tombstone.value.extend_from_slice(lifetime::MOVED);
        tombstone
    }
}
