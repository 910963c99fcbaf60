//! Replaces the id of a session.

use super::{KvSessionAdapter, KvStore, adapter::decode, entry::IndexEntry, mark::Mark};
use crate::{AdapterErrorKind as Kind, AdapterResult, SessionId, SessionSchema, SessionUpdate};

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
        self.store_new(&rotated, mark.as_ref()).await?;
        let replaced = match self.unchanged(&stored, new, mark.as_ref()).await {
            Ok(()) => self.revoke_old(&stored).await,
            Err(error) => Err(error),
        };
        if replaced.is_err() {
            self.revoke(&rotated).await?;
        }
        replaced
    }

    /// Fails if the session was revoked or changed under either id, or if a revocation of all the user's sessions has
    /// started.
    ///
    /// A mark that did not exist before was written meanwhile, whatever its time.
    async fn unchanged(&self, session: &SessionSchema, new: &SessionId, mark: Option<&Mark>) -> AdapterResult<()> {
        let keys = [
            self.layout.session_key(&session.id),
            self.layout.revoked_key(&session.id),
            self.layout.revoked_key(new),
            self.layout.user_revoked_key(&session.user_id),
        ];
        let mut values = self.get_many(&keys).await?.into_iter();
        let (current, tombstone) = (values.next().flatten(), values.next().flatten());
        let is_new_revoked = values.next().flatten().is_some();
        let current_mark = values.next().flatten().and_then(|value| Mark::from_value(&value));
        if tombstone.is_some() {
            self.delete_keys(session).await?;
            return Err(Kind::InvalidSessionId.into());
        }
        let Some(current) = current else {
            return Err(Kind::InvalidSessionId.into());
        };
        match current_mark {
            Some(current) if Some(&current) != mark && current.revokes(&session.id, None) => {
                Err(Kind::InvalidSessionId.into())
            }
            Some(current) if Some(&current) != mark => Err(Kind::Conflict.into()),
            // The write of the new one may have been repeated after that. Its revocation applies to this session.
            _ if is_new_revoked => {
                self.revoke(session).await?;
                Err(Kind::InvalidSessionId.into())
            }
            _ if decode(&current, &session.id)? == *session => Ok(()),
            _ => Err(Kind::Conflict.into()),
        }
    }

    /// Revokes the session under its old id. Once the tombstone may exist the rotation must be completed, because the
    /// old session would be revoked by its next renewal.
    async fn revoke_old(&self, session: &SessionSchema) -> AdapterResult<()> {
        let key = self.layout.session_key(&session.id);
        if self.put_tombstone(&session.id, session.idle_expires).await.is_err() {
            self.put_tombstone(&session.id, session.idle_expires).await?;
        }
        if self.store.delete(&key).await.is_err() {
            self.store.delete(&key).await?;
        }
        // The next listing removes the entry of a revoked session.
        let _ = self.store.delete(&self.layout.index_key(&session.user_id, &session.id)).await;
        Ok(())
    }
}
