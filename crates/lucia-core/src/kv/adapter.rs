use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;

use super::{
    KvEntry, KvLayout, KvStore, bulk::Failures, entry::IndexEntry, index::Keep, lifetime, mark::Mark, sweep::Sweep,
};
use crate::{
    AdapterError, AdapterErrorKind as Kind, AdapterResult, Clock, SessionAdapter, SessionId, SessionSchema,
    SessionUpdate, UnixMillis, UserId,
};

/// Stores sessions in a plain key-value store.
///
/// [The module's documentation](crate::kv) lists the guarantees on each kind of store.
///
/// ```
/// use lucia_core::{SessionAdapter, SessionSchema, SystemClock, UnixMillis};
/// use lucia_core::kv::{KvLayout, KvSessionAdapter, MemoryKvStore};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let layout = KvLayout::new("session", "user_session")?;
/// let adapter = KvSessionAdapter::new(MemoryKvStore::new(SystemClock), layout, SystemClock);
/// let session = SessionSchema::new("s1", "u1", UnixMillis::MAX, UnixMillis::MAX);
/// adapter.set_session(&session).await?;
/// assert_eq!(adapter.get_sessions_by_user_id(&"u1".into()).await?, [session]);
/// adapter.delete_sessions_by_user_id(&"u1".into()).await?;
/// assert_eq!(adapter.get_session(&"s1".into()).await?, None);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct KvSessionAdapter<S> {
    pub(super) store: S,
    pub(super) layout: KvLayout,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) sweep: Arc<Sweep>,
    indexes_on_update: bool,
}

impl<S: KvStore> KvSessionAdapter<S> {
    /// Creates an adapter that stores sessions in `store` under the keys of `layout`. `clock` should be within minutes
    /// of the clock by which the store expires keys.
    #[must_use]
    pub fn new(store: S, layout: KvLayout, clock: impl Clock) -> Self {
        Self { store, layout, clock: Arc::new(clock), sweep: Arc::default(), indexes_on_update: false }
    }

    /// Expects sessions without an index entry, and adds the entry when they are updated, for one additional request.
    ///
    /// Lucia JS's adapter for unstorage indexes none of its sessions: they are neither listed nor revoked with the
    /// user's others until they are renewed here. It is unknown whether such a session is older than a revocation of
    /// all the user's sessions; within a day of one, rotating the session revokes it.
    #[must_use]
    pub fn with_unindexed_sessions(mut self) -> Self {
        self.indexes_on_update = true;
        self
    }

    /// Returns the store.
    #[must_use]
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// Returns the names of the keys.
    #[must_use]
    pub const fn layout(&self) -> &KvLayout {
        &self.layout
    }

    pub(super) async fn read(&self, id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        let key = self.layout.session_key(id);
        if key.len() > self.store.max_key_length() {
            return Ok(None);
        }
        match self.store.get(&key).await? {
            Some(value) => decode(&value, id).map(Some),
            None => Ok(None),
        }
    }

    async fn read_many(&self, ids: &[SessionId]) -> AdapterResult<Vec<SessionSchema>> {
        let keys: Vec<_> = ids.iter().map(|id| (id, self.layout.session_key(id))).collect();
        let keys: Vec<_> = keys.into_iter().filter(|(_, key)| key.len() <= self.store.max_key_length()).collect();
        let values = self.get_many(&keys.iter().map(|(_, key)| key).collect::<Vec<_>>()).await?;
        let found = keys.iter().zip(values).filter_map(|((id, _), value)| Some(decode(&value?, id)));
        found.collect()
    }

    /// Returns a session to be updated. An expired one is not found, whether or not the store still has it.
    pub(super) async fn read_live(&self, id: &SessionId) -> AdapterResult<SessionSchema> {
        let stored = self.read(id).await?.filter(|stored| !stored.is_expired(self.clock.now()));
        stored.ok_or_else(|| Kind::InvalidSessionId.into())
    }

    /// Rejects a session whose keys are too long for the store, because it could not be revoked later.
    pub(super) fn check_keys(&self, session: &SessionSchema) -> AdapterResult<()> {
        let keys = [
            self.layout.session_key(&session.id),
            self.layout.revoked_key(&session.id),
            self.layout.index_key(&session.user_id, &session.id),
            self.layout.user_revoked_key(&session.user_id),
        ];
        if keys.iter().all(|key| key.len() <= self.store.max_key_length()) {
            return Ok(());
        }
        Err(Kind::UnsupportedId.into())
    }

    async fn insert(&self, session: &SessionSchema) -> AdapterResult<()> {
        self.check_keys(session)?;
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

    /// Stores a session that was created after the user's mark.
    pub(super) async fn store_new(&self, session: &SessionSchema, mark: Option<&Mark>) -> AdapterResult<()> {
        let entry = self.index_entry(session, lifetime::of_index_entry, mark.map(|mark| mark.epoch.clone()));
        self.store.put(&entry.key, &entry.value, entry.expires).await?;
        let stored = self.put_session(session).await;
        if stored.is_err() {
            // The session may be stored nonetheless, now or later, so its index entry is kept.
            let _ = self.store.delete(&self.layout.session_key(&session.id)).await;
        }
        stored
    }

    async fn change(&self, id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        let stored = self.read_live(id).await?;
        if update.is_empty() {
            return Ok(());
        }
        let session = stored.updated(update).ok_or(Kind::Conflict)?;
        if session.is_expired(self.clock.now()) {
            return self.revoke(&session).await;
        }
        let expires = lifetime::of_index_entry(session.idle_expires);
        let outlives_its_entry = expires > lifetime::of_index_entry(stored.idle_expires);
        let entry_key = self.layout.index_key(&session.user_id, id);
        let mut epoch = None;
        if outlives_its_entry {
            // An update does not change the session's age.
            let found = self.store.get(&entry_key).await?;
            epoch = found.and_then(|value| IndexEntry::from_value(&value)).and_then(|entry| entry.epoch);
            let entry = self.index_entry(&session, lifetime::of_index_entry, epoch.clone());
            self.store.put(&entry.key, &entry.value, entry.expires).await?;
        }
        if let Err(error) = self.put_session(&session).await {
            // The session may be stored nonetheless.
            if self.is_revoked(id).await? {
                self.delete_keys(&session).await?;
            }
            return Err(error);
        }
        let looks_at_entry = outlives_its_entry || self.indexes_on_update;
        let keys = [self.layout.revoked_key(id), entry_key];
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
                self.store.put(&entry.key, &entry.value, entry.expires).await?;
            }
        }
        Ok(())
    }

    async fn put_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        let expires = lifetime::of_session(session.idle_expires);
        self.store.put(&self.layout.session_key(&session.id), session.to_json().as_bytes(), expires).await
    }

    pub(super) fn index_entry(
        &self,
        session: &SessionSchema,
        expires: fn(UnixMillis) -> UnixMillis,
        epoch: Option<String>,
    ) -> KvEntry {
        let expires = expires(session.idle_expires);
        let value = IndexEntry { expires, idle_expires: Some(session.idle_expires), epoch }.to_value();
        KvEntry { key: self.layout.index_key(&session.user_id, &session.id), value, expires }
    }

    async fn list(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        if self.layout.index_prefix(user_id).len() > self.store.max_key_length() {
            return Ok(Vec::new());
        }
        let mut failures = Failures::default();
        let listed = self.listed(user_id, BTreeSet::new(), &mut failures).await?;
        let left_out = listed.corrupt.len() + failures.count();
        failures.outcome().or_else(|error| if error.kind() == Kind::Decode { Ok(()) } else { Err(error) })?;
        if left_out > 0 {
            tracing::warn!(left_out, "values that are not sessions were omitted from a list");
        }
        // The result does not depend on whether the index can be repaired.
        let _ = self.replace_lists(&listed, Keep::All).await;
        let dead: Vec<_> = listed.dead.iter().map(|id| self.revocation(user_id, id, None)).collect();
        let _ = self.revoke_many(&dead, &mut Failures::default()).await;
        let _ = self.delete_many(&listed.stale_entries).await;
        Ok(listed.sessions)
    }

    async fn remove(&self, id: &SessionId) -> AdapterResult<()> {
        match self.read(id).await {
            Ok(Some(session)) => self.revoke(&session).await,
            Ok(None) => {
                let key = self.layout.session_key(id);
                if key.len() > self.store.max_key_length() {
                    return Ok(());
                }
                // A stale copy may not show a session that exists. A session that is not found cannot be renewed, so it
                // needs no tombstone; writing one for any id in a cookie would let strangers fill the store.
                self.store.delete(&key).await
            }
            Err(error) if error.kind() == Kind::Decode => self.revoke_by_id(id).await,
            Err(error) => Err(error),
        }
    }
}

/// Decodes the session with this id. The document of Lucia's adapter for unstorage also shows lists of sessions as
/// values.
pub(super) fn decode(value: &[u8], id: &SessionId) -> AdapterResult<SessionSchema> {
    match SessionSchema::from_json(value) {
        Ok(session) if session.id == *id => Ok(session),
        Ok(_) => Err(AdapterError::new(Kind::Decode).with_source("the value is another session's")),
        Err(error) => {
            let listed = serde_json::from_slice::<Vec<SessionSchema>>(value).unwrap_or_default();
            let session = listed.into_iter().find(|session| session.id == *id);
            session.ok_or_else(|| AdapterError::new(Kind::Decode).with_source(error))
        }
    }
}

#[async_trait]
impl<S: KvStore> SessionAdapter for KvSessionAdapter<S> {
    async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        self.read(session_id).await
    }

    async fn get_sessions(&self, session_ids: &[SessionId]) -> AdapterResult<Vec<SessionSchema>> {
        self.read_many(session_ids).await
    }

    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        self.list(user_id).await
    }

    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        self.insert(session).await
    }

    async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.change(session_id, update).await
    }

    async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()> {
        self.remove(session_id).await
    }

    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.revoke_all(user_id, Keep::None).await
    }

    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        if self.store.expires_keys() {
            return Ok(0);
        }
        self.sweep(now, limit).await
    }

    async fn delete_other_sessions(&self, user_id: &UserId, keep: &SessionId) -> AdapterResult<()> {
        self.revoke_all(user_id, Keep::One(keep)).await
    }

    async fn rotate_session(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.rotate(old, new, update).await
    }
}
