//! The operations of a session adapter.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{
    KvSessionAdapter, KvStore,
    bulk::Failures,
    conditional::Hashed,
    entry::IndexEntry,
    lifetime,
    mark::{Keep, Mark},
};
use crate::{
    AdapterErrorKind as Kind, AdapterResult, SessionAdapter, SessionId, SessionSchema, SessionUpdate, UnixMillis,
    UserId,
};

#[async_trait]
impl<S: KvStore> SessionAdapter for KvSessionAdapter<S> {
    async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        self.read(session_id).await
    }

    async fn get_sessions(&self, session_ids: &[SessionId]) -> AdapterResult<Vec<SessionSchema>> {
        let keys: Vec<_> = session_ids.iter().map(|id| (id, self.layout.session_key(id))).collect();
        let keys: Vec<_> = keys.into_iter().filter(|(_, key)| key.len() <= self.store.max_key_length()).collect();
        let values = self.get_many(&keys.iter().map(|(_, key)| key).collect::<Vec<_>>()).await?;
        let found = keys.iter().zip(values).filter_map(|((id, _), value)| self.session(&value?, id).transpose());
        found.collect()
    }

    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        if self.layout.index_prefix(user_id).len() > self.store.max_key_length() {
            return Ok(Vec::new());
        }
        let mut failures = Failures::default();
        let listed = self.listed(user_id, BTreeSet::new(), Keep::All, &mut failures).await?;
        let left_out = listed.corrupt.len() + failures.count();
        failures.outcome().or_else(|error| if error.kind() == Kind::Decode { Ok(()) } else { Err(error) })?;
        if left_out > 0 {
            tracing::warn!(left_out, "values that are not sessions were omitted from a list");
        }
        // The result does not depend on whether the index can be repaired.
        let _ = self.replace_lists(&listed, Keep::All).await;
        let ended: Vec<_> = listed.expired_or_revoked.iter().map(|id| self.revocation(user_id, id, None)).collect();
        let _ = self.revoke_many(&ended, &mut Failures::default()).await;
        let _ = self.delete_many(&listed.stale_entries).await;
        Ok(listed.sessions)
    }

    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        self.check_keys(session)?;
        if self.store.conditional() {
            return self.insert(session).await;
        }
        let keys = [
            self.layout.session_key(&session.id),
            self.layout.revoked_key(&session.id),
            self.layout.user_revoked_key(&session.user_id),
        ];
        let mut values = self.get_many(&keys).await?.into_iter();
        let (taken, tombstone, mark) = (values.next().flatten(), values.next().flatten(), values.next().flatten());
        // The first renewal would revoke a session with a revoked id.
        if taken.is_some() || tombstone.is_some() {
            return Err(Kind::DuplicateSessionId.into());
        }
        if session.is_expired(self.clock.now()) {
            return Ok(());
        }
        self.store_new(session, mark.and_then(|value| Mark::from_value(&value)).as_ref()).await?;
        // A service may repeat a write that it has executed, after the session was revoked in between.
        if self.is_revoked(&session.id).await? {
            self.delete_keys(session).await?;
        }
        Ok(())
    }

    async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        if self.store.conditional() {
            return self.change(session_id, update).await;
        }
        let stored = self.read_live(session_id).await?;
        if update.is_empty() {
            return Ok(());
        }
        let session = stored.updated(update).ok_or(Kind::Conflict)?;
        if session.is_expired(self.clock.now()) {
            return self.revoke(&session).await;
        }
        let expires = lifetime::of_index_entry(session.idle_expires);
        let outlives_its_entry = expires > lifetime::of_index_entry(stored.idle_expires);
        let entry_key = self.layout.index_key(&session.user_id, session_id);
        let mut epoch = None;
        if outlives_its_entry {
            // An update does not change the session's age.
            let found = self.store.get(&entry_key).await?;
            epoch = found.and_then(|value| IndexEntry::from_value(&value)).and_then(|entry| entry.epoch);
            let entry = self.index_entry(&session, lifetime::of_index_entry, epoch.clone());
            self.put(&entry).await?;
        }
        if let Err(error) = self.put_session(&session).await {
            // The session may be stored nonetheless.
            if self.is_revoked(session_id).await? {
                self.delete_keys(&session).await?;
            }
            return Err(error);
        }
        let looks_at_entry = outlives_its_entry || self.indexes_on_update;
        let keys = [self.layout.revoked_key(session_id), entry_key];
        let mut beside = self.get_many(&keys[..if looks_at_entry { 2 } else { 1 }]).await?.into_iter();
        if beside.next().flatten().is_some() {
            self.delete_keys(&session).await?;
            return Err(Kind::InvalidSessionId.into());
        }
        if stored.is_expired(self.clock.now()) {
            // It expired meanwhile: a revocation of all sessions found none, and wrote no tombstone.
            self.revoke(&session).await?;
            return Err(Kind::InvalidSessionId.into());
        }
        if looks_at_entry {
            // Another update may have written an entry that expires earlier, or there may be no entry.
            let found = beside.next().flatten().and_then(|value| IndexEntry::from_value(&value));
            if found.as_ref().is_none_or(|found| found.expires < expires) {
                let epoch = found.and_then(|found| found.epoch).or(epoch);
                let entry = self.index_entry(&session, lifetime::of_index_entry, epoch);
                self.put(&entry).await?;
            }
        }
        Ok(())
    }

    async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()> {
        if self.store.conditional() {
            return self.revoke_if(session_id, Hashed::Barred, |_| true).await.map(drop);
        }
        match self.read(session_id).await {
            Ok(Some(session)) => self.revoke(&session).await,
            Ok(None) => {
                let key = self.layout.session_key(session_id);
                if key.len() > self.store.max_key_length() {
                    return Ok(());
                }
                // A stale copy may not show a session that exists. A session that is not found cannot be renewed, so it
                // needs no tombstone; writing one for any id in a cookie would let strangers fill the store.
                self.store.delete(&key).await
            }
            Err(error) if error.kind() == Kind::Decode => self.revoke_by_id(session_id).await,
            Err(error) => Err(error),
        }
    }

    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.revoke_all(user_id, Keep::None).await
    }

    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        if self.store.expires_keys() {
            return Ok(0);
        }
        self.delete_expired(now, limit).await
    }

    async fn delete_other_sessions(&self, user_id: &UserId, keep: &SessionId) -> AdapterResult<()> {
        self.revoke_all(user_id, Keep::One(keep)).await
    }

    async fn rotate_session(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        if self.store.conditional() {
            self.exchange(old, new, update).await
        } else {
            self.rotate(old, new, update).await
        }
    }
}
