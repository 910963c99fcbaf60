//! Replaces the id of a session in a store with conditional writes.
//!
//! One comparison replaces the old session by its tombstone. The new session is stored and listed before that, and the
//! user's mark is written in between: a revocation of all sessions that finds neither session notices the mark, and
//! lists again.

use super::{
    KvCondition, KvEntry, KvSessionAdapter, KvStore, KvVersion,
    compare_and_set::{MAX_ATTEMPTS, Outcome, overtaken},
    lifetime,
    mark::{Keep, Mark},
};
use crate::{AdapterErrorKind as Kind, AdapterResult, SessionId, SessionSchema, SessionUpdate};

impl<S: KvStore> KvSessionAdapter<S> {
    pub(super) async fn exchange(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        let key = self.layout.session_key(old);
        if key.len() > self.store.max_key_length() {
            return Err(Kind::InvalidSessionId.into());
        }
        let found = self.store.get_versioned(&key).await?;
        let (stored, version) = self.live(old, found)?;
        let rotated = stored.rotated(new, update).ok_or(Kind::Conflict)?;
        self.check_keys(&rotated)?;
        let entry = self.rotated_entry(&rotated, old);
        let is_move = new.is_hash_of(old);
        let is_newly_listed = self.insert_index_entry(&rotated).await?;
        match self.insert_listed(&rotated, &entry, is_newly_listed).await {
            Ok(()) => {}
            Err(error) if is_move || error.kind() == Kind::DuplicateSessionId => return Err(error),
            Err(error) => {
                // It may be stored later. If the id has another value, it was taken.
                self.withdraw(&rotated, |value| value == entry.value).await?;
                return Err(error);
            }
        }
        let is_updated = match self.replace(stored, version, &rotated, entry, update).await {
            Ok(is_updated) => is_updated,
            // Parallel moves store the same session, which is removed only if it was revoked. Both may remain.
            Err(error) if is_move && error.kind() != Kind::InvalidSessionId => return Err(error),
            Err(error) => {
                self.withdraw(&rotated, |_| true).await?;
                return Err(error);
            }
        };
        // The plain id is the token of the session, so its tombstone does not remain.
        if is_move && self.store.delete(&key).await.is_err() {
            let _ = self.store.delete(&key).await;
        }
        // The next listing removes the entry otherwise.
        let _ = self.store.delete(&self.layout.index_key(&rotated.user_id, old)).await;
        if is_updated { Ok(()) } else { Err(Kind::Conflict.into()) }
    }

    /// Replaces the old session by its tombstone, after the new one was stored. If the old one changes meanwhile, so does
    /// the new one. Returns whether the new one was updated.
    async fn replace(
        &self,
        mut old: SessionSchema,
        mut version: KvVersion,
        new: &SessionSchema,
        mut stored: KvEntry,
        update: &SessionUpdate,
    ) -> AdapterResult<bool> {
        let mark = Mark::new(self.clock.now(), Keep::All);
        self.store.put(&self.layout.user_revoked_key(&new.user_id), &mark.to_value(), mark.expires).await?;
        let mut tombstone = self.tombstone_entry(&old.id, old.idle_expires);
        let (mut is_updated, mut has_failed) = (true, false);
        for _ in 0..MAX_ATTEMPTS {
            let found = match self.compare_and_set(&tombstone, &KvCondition::Version(version.clone())).await {
                Ok(Outcome::Written) => return Ok(is_updated),
                Ok(Outcome::Refused(found)) => found,
                // The tombstone may be written nonetheless.
                Err(error) if has_failed => return Err(error),
                Err(_) => {
                    has_failed = true;
                    continue;
                }
            };
            (old, version) = self.live(&old.id, found)?;
            tombstone = self.tombstone_entry(&old.id, old.idle_expires);
            let mut rotated = match old.rotated(&new.id, update) {
                Some(rotated) => rotated,
                // A parallel renewal was faster, and the move is completed with it.
                None if new.id.is_hash_of(&old.id) => {
                    is_updated = false;
                    old.clone()
                }
                None => return Err(Kind::Conflict.into()),
            };
            rotated.id = new.id.clone();
            stored = self.follow(&rotated, &stored, &old.id).await?;
        }
        Err(overtaken())
    }

    /// Replaces the new session, as the old one has changed. Returns its entry.
    async fn follow(&self, rotated: &SessionSchema, stored: &KvEntry, old: &SessionId) -> AdapterResult<KvEntry> {
        let listed = self.store.get_versioned(&self.layout.index_key(&rotated.user_id, &rotated.id)).await?;
        self.extend_entry(rotated, lifetime::of_index_entry, listed).await?;
        let version = match self.store.get_versioned(&stored.key).await? {
            Some((value, version)) if value == stored.value => version,
            found => {
                // It was revoked, or changed under its new id.
                self.live(&rotated.id, found)?;
                return Err(Kind::Conflict.into());
            }
        };
        let entry = self.rotated_entry(rotated, old);
        match self.compare_and_set(&entry, &KvCondition::Version(version)).await? {
            Outcome::Written => Ok(entry),
            Outcome::Refused(_) => Err(Kind::Conflict.into()),
        }
    }

    /// Returns a rotated session with its old id: a revocation of all sessions but the old one keeps the new one, too.
    fn rotated_entry(&self, rotated: &SessionSchema, old: &SessionId) -> KvEntry {
        self.session_entry(rotated, Some(old.digest().as_bytes()))
    }

    /// Revokes the new session of a rotation that failed, or its id if the session is not stored yet.
    async fn withdraw(&self, new: &SessionSchema, is_ours: impl Fn(&[u8]) -> bool + Send + Sync) -> AdapterResult<()> {
        let tombstone = self.tombstone_entry(&new.id, new.idle_expires);
        let found = self.store.get_versioned(&tombstone.key).await?;
        if self.put_tombstone_if(&tombstone, found, is_ours).await? { self.delete_keys(new).await } else { Ok(()) }
    }
}
