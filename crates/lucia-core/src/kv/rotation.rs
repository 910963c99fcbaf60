//! Replaces the id of a session.

use super::{KvEntry, KvSessionAdapter, KvStore, content::decode, entry::IndexEntry, lifetime, mark::Mark};
use crate::{AdapterErrorKind as Kind, AdapterResult, SessionId, SessionSchema, SessionUpdate};

/// How often a session is moved to its hash while it changes.
const MAX_ATTEMPTS: usize = 4;

/// The state of the old session after the new one was stored.
enum Old {
    Unchanged,
    Changed(SessionSchema),
    /// A parallel call moved it to its hash.
    Moved,
    Revoked,
    /// A revocation of the user's sessions kept it, and may have revoked the new one.
    Kept,
}

impl<S: KvStore> KvSessionAdapter<S> {
    pub(super) async fn rotate(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        let stored = self.read_live(old).await?;
        let rotated = stored.rotated(new, update).ok_or(Kind::Conflict)?;
        self.check_keys(&rotated)?;
        let keys = [
            self.layout.session_key(new),
            self.layout.revoked_key(new),
            self.layout.index_key(&stored.user_id, old),
            self.layout.user_revoked_key(&stored.user_id),
        ];
        let mut values = self.get_many(&keys).await?.into_iter();
        let (taken, tombstone) = (values.next().flatten(), values.next().flatten());
        let entry = values.next().flatten().and_then(|value| IndexEntry::from_value(&value));
        let mark = values.next().flatten().and_then(|value| Mark::from_value(&value));
        let epoch = entry.and_then(|entry| entry.epoch);
        let now = self.clock.now();
        if mark.as_ref().is_some_and(|mark| !mark.is_expired(now) && mark.revokes(old, epoch.as_deref())) {
            // A revocation of all sessions may list neither id.
            self.revoke(&stored).await?;
            return Err(Kind::InvalidSessionId.into());
        }
        if taken.is_some() || tombstone.is_some() {
            return Err(Kind::DuplicateSessionId.into());
        }
        if new.is_hash_of(old) {
            return self.move_to_hash(stored, rotated, update, mark.as_ref()).await;
        }
        self.store_new(&rotated, mark.as_ref()).await?;
        let replaced = match self.old_state(&stored, new, mark.as_ref()).await {
            Ok(Old::Unchanged) => self.revoke_old(&stored, self.tombstone_entry(old, stored.idle_expires)).await,
            Ok(Old::Changed(_) | Old::Kept) => Err(Kind::Conflict.into()),
            Ok(Old::Moved | Old::Revoked) => Err(Kind::InvalidSessionId.into()),
            Err(error) => Err(error),
        };
        if replaced.is_err() {
            self.revoke(&rotated).await?;
        }
        replaced
    }

    /// Stores a session under the hash of its id, and deletes it under the plain one.
    ///
    /// Parallel calls store the same session. One of them completes the move, so no other removes the new session,
    /// unless it was revoked. If a call fails, both sessions may remain.
    async fn move_to_hash(
        &self,
        mut stored: SessionSchema,
        mut moved: SessionSchema,
        update: &SessionUpdate,
        mark: Option<&Mark>,
    ) -> AdapterResult<()> {
        for _ in 0..MAX_ATTEMPTS {
            self.put_index_entry(&moved, mark).await?;
            self.put_session(&moved).await?;
            match self.old_state(&stored, &moved.id, mark).await? {
                Old::Unchanged => {
                    let tombstone = self.moved_tombstone_entry(&stored.id, stored.idle_expires);
                    return self.revoke_old(&stored, tombstone).await;
                }
                Old::Changed(current) => {
                    stored = current;
                    let id = moved.id;
                    moved = stored.clone();
                    moved.id = id;
                    moved.apply(update);
                }
                Old::Moved => return Err(Kind::DuplicateSessionId.into()),
                Old::Kept => return Err(Kind::Conflict.into()),
                Old::Revoked => {
                    self.revoke(&moved).await?;
                    return Err(Kind::InvalidSessionId.into());
                }
            }
        }
        Err(Kind::Conflict.into())
    }

    /// Reads whether the session was revoked or changed under either id, or whether a revocation of all the user's
    /// sessions has started.
    ///
    /// A mark that did not exist before was written meanwhile, whatever its time.
    async fn old_state(&self, session: &SessionSchema, new: &SessionId, mark: Option<&Mark>) -> AdapterResult<Old> {
        let mark_key = self.layout.user_revoked_key(&session.user_id);
        let mut keys = vec![
            self.layout.session_key(&session.id),
            self.layout.revoked_key(&session.id),
            self.layout.revoked_key(new),
        ];
        // If a late deletion hides the mark of a revocation that has ended, the tombstones that it wrote are read next.
        let early_mark = if self.store.expires_keys() {
            keys.push(mark_key);
            None
        } else {
            self.store.get(&mark_key).await?
        };
        let mut values = self.get_many(&keys).await?.into_iter();
        let (current, tombstone) = (values.next().flatten(), values.next().flatten());
        // A store may read the keys in any order, and a session is deleted after its tombstone is written.
        let tombstone = match tombstone {
            None if current.is_none() => self.store.get(&keys[1]).await?,
            tombstone => tombstone,
        };
        let is_new_revoked = values.next().flatten().is_some();
        let current_mark = values.next().flatten().or(early_mark).and_then(|value| Mark::from_value(&value));
        if let Some(tombstone) = tombstone {
            self.delete_keys(session).await?;
            // A revocation of the new session wrote no tombstone if it found it expired.
            let may_be_revoked = is_new_revoked || session.is_expired(self.clock.now());
            return Ok(if lifetime::is_of_moved(&tombstone) && !may_be_revoked { Old::Moved } else { Old::Revoked });
        }
        let Some(current) = current else {
            return Ok(Old::Revoked);
        };
        match current_mark {
            Some(current) if Some(&current) != mark && current.revokes(&session.id, None) => Ok(Old::Revoked),
            Some(current) if Some(&current) != mark => Ok(Old::Kept),
            // The write of the new one may have been repeated after that. Its revocation applies to this session.
            _ if is_new_revoked => {
                self.revoke(session).await?;
                Ok(Old::Revoked)
            }
            _ => {
                let current = decode(&current, &session.id)?;
                Ok(if current == *session { Old::Unchanged } else { Old::Changed(current) })
            }
        }
    }

    /// Revokes the session under its old id. Once the tombstone may exist the rotation must be completed, because the
    /// old session would be revoked by its next renewal.
    async fn revoke_old(&self, session: &SessionSchema, tombstone: KvEntry) -> AdapterResult<()> {
        let key = self.layout.session_key(&session.id);
        if self.put(&tombstone).await.is_err() {
            self.put(&tombstone).await?;
        }
        if self.store.delete(&key).await.is_err() {
            self.store.delete(&key).await?;
        }
        // The next listing removes the entry of a revoked session.
        let _ = self.store.delete(&self.layout.index_key(&session.user_id, &session.id)).await;
        Ok(())
    }
}
