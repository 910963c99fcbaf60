use std::sync::Arc;

use async_trait::async_trait;

use super::{KvEntry, KvLayout, KvStore, index::Keep, lifetime};
use crate::{
    AdapterError, AdapterErrorKind as Kind, AdapterResult, Clock, SessionAdapter, SessionId, SessionSchema,
    SessionUpdate, UnixMillis, UserId,
};

/// Sessions in a plain key-value store.
///
/// [The module](crate::kv) says what it guarantees on which stores.
///
/// ```
/// use std::sync::Arc;
/// use lucia_core::{Clock, SessionAdapter, SessionSchema, SystemClock, UnixMillis};
/// use lucia_core::kv::{KvLayout, KvSessionAdapter, MemoryKvStore};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let clock: Arc<dyn Clock> = Arc::new(SystemClock);
/// let layout = KvLayout::new("session", "user_session")?;
/// let adapter = KvSessionAdapter::new(MemoryKvStore::new(clock.clone()), layout, clock);
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
    indexes_on_update: bool,
}

impl<S: KvStore> KvSessionAdapter<S> {
    /// An adapter that keeps sessions in `store` under the keys of `layout`. `clock` is the one that the store expires keys by,
    /// or one close to it: a difference of minutes does no harm.
    #[must_use]
    pub fn new(store: S, layout: KvLayout, clock: Arc<dyn Clock>) -> Self {
        Self { store, layout, clock, indexes_on_update: false }
    }

    /// Expects sessions that no index names, and adds their entry when they are updated, for one request more.
    ///
    /// Lucia JS's adapter for unstorage leaves all its sessions so (bug U1): none of them is listed or revoked with the others
    /// of its user before it was renewed here.
    #[must_use]
    pub fn with_unindexed_sessions(mut self) -> Self {
        self.indexes_on_update = true;
        self
    }

    /// The store.
    #[must_use]
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// The names of the keys.
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

    /// The session, to be changed. A dead one is not, whether the store still has it or not.
    pub(super) async fn read_alive(&self, id: &SessionId) -> AdapterResult<SessionSchema> {
        let stored = self.read(id).await?.filter(|stored| !stored.is_dead(self.clock.now()));
        stored.ok_or_else(|| failure(Kind::InvalidSessionId))
    }

    pub(super) async fn insert(&self, session: &SessionSchema) -> AdapterResult<()> {
        let key = self.layout.session_key(&session.id);
        let entry = self.index_entry(session, lifetime::of_index_entry);
        // A session that could not be revoked later is not stored.
        let longest = key.len().max(entry.key.len()).max(self.layout.revoked_key(&session.id).len());
        if longest > self.store.max_key_length() {
            return Err(failure(Kind::UnsupportedId));
        }
        if self.store.get(&key).await?.is_some() {
            return Err(failure(Kind::DuplicateSessionId));
        }
        if session.is_dead(self.clock.now()) {
            return Ok(());
        }
        self.store.put(&entry.key, &entry.value, entry.expires).await?;
        let stored = self.put_session(session).await;
        if stored.is_err() {
            // It may be stored all the same, or be so later: the index entry stays, and a failure here changes nothing.
            let _ = self.store.delete(&key).await;
        }
        stored
    }

    async fn change(&self, id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        let stored = self.read_alive(id).await?;
        if update.is_empty() {
            return Ok(());
        }
        if !update.applies_to(&stored) {
            return Err(failure(Kind::Conflict));
        }
        let mut session = stored.clone();
        session.apply(update);
        if session.is_dead(self.clock.now()) {
            return self.revoke(&session).await;
        }
        let entry = self.index_entry(&session, lifetime::of_index_entry);
        let outlives_its_entry = entry.expires > lifetime::of_index_entry(stored.idle_expires);
        if outlives_its_entry {
            self.store.put(&entry.key, &entry.value, entry.expires).await?;
        }
        if let Err(error) = self.put_session(&session).await {
            // It may be stored all the same.
            if self.is_revoked(id).await? {
                self.erase(&session).await?;
            }
            return Err(error);
        }
        let looks_at_entry = outlives_its_entry || self.indexes_on_update;
        let keys = [self.layout.revoked_key(id), entry.key];
        let mut beside = self.get_many(&keys[..if looks_at_entry { 2 } else { 1 }]).await?.into_iter();
        if beside.next().flatten().is_some() {
            self.erase(&session).await?;
            return Err(failure(Kind::InvalidSessionId));
        }
        if stored.is_dead(self.clock.now()) {
            // It expired meanwhile. Who revoked all sessions found none, and nobody's tombstone says so.
            self.revoke(&session).await?;
            return Err(failure(Kind::InvalidSessionId));
        }
        if looks_at_entry {
            // Another update may have written an entry that expires earlier, or nobody one.
            let found = beside.next().flatten().and_then(|value| lifetime::from_value(&value));
            if found < Some(entry.expires) {
                self.store.put(&keys[1], &entry.value, entry.expires).await?;
            }
        }
        Ok(())
    }

    async fn put_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        let expires = lifetime::of_session(session.idle_expires);
        self.store.put(&self.layout.session_key(&session.id), session.to_json().as_bytes(), expires).await
    }

    pub(super) fn index_entry(&self, session: &SessionSchema, expires: fn(UnixMillis) -> UnixMillis) -> KvEntry {
        let expires = expires(session.idle_expires);
        let key = self.layout.index_key(&session.user_id, &session.id);
        KvEntry { key, value: lifetime::to_value(expires), expires }
    }

    async fn list(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        let mut listed = self.listed(user_id).await?;
        // The list is known, whether it can be put in order or not.
        let _ = self.replace_list(user_id, &listed, Keep::All).await;
        if let Ok(leftovers) = self.leftovers(std::mem::take(&mut listed.pointless)).await {
            let _ = self.delete_many(&leftovers).await;
        }
        Ok(listed.sessions)
    }

    async fn remove(&self, id: &SessionId) -> AdapterResult<()> {
        match self.read(id).await {
            Ok(Some(session)) => self.revoke(&session).await,
            // Not found does not mean that it is not there, where the store answers from a copy.
            Ok(None) => match self.revoke_unread(id).await {
                // Nor can it be there.
                Err(error) if error.kind() == Kind::UnsupportedId => Ok(()),
                outcome => outcome,
            },
            Err(error) if error.kind() == Kind::Decode => self.revoke_unread(id).await,
            Err(error) => Err(error),
        }
    }
}

/// The session of a value, which has to be the one of its key.
pub(super) fn decode(value: &[u8], id: &SessionId) -> AdapterResult<SessionSchema> {
    let session = SessionSchema::from_json(value).map_err(|error| failure(Kind::Decode).with_source(error))?;
    if session.id == *id { Ok(session) } else { Err(failure(Kind::Decode).with_source("it is another session's")) }
}

/// The operation is named where the error leaves the adapter.
pub(super) fn failure(kind: Kind) -> AdapterError {
    AdapterError::new(kind, "KvSessionAdapter")
}

fn during<T>(operation: &'static str, outcome: AdapterResult<T>) -> AdapterResult<T> {
    outcome.map_err(|error| error.in_operation(operation))
}

#[async_trait]
impl<S: KvStore> SessionAdapter for KvSessionAdapter<S> {
    async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        during("get_session", self.read(session_id).await)
    }

    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        during("get_sessions_by_user_id", self.list(user_id).await)
    }

    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        during("set_session", self.insert(session).await)
    }

    async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        during("update_session", self.change(session_id, update).await)
    }

    async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()> {
        during("delete_session", self.remove(session_id).await)
    }

    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        during("delete_sessions_by_user_id", self.revoke_all(user_id, Keep::None).await)
    }

    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        if self.store.expires_keys() {
            return Ok(0);
        }
        during("delete_expired_sessions", self.sweep(now, limit).await)
    }

    async fn delete_other_sessions(&self, user_id: &UserId, keep: &SessionId) -> AdapterResult<()> {
        during("delete_other_sessions", self.revoke_all(user_id, Keep::One(keep)).await)
    }

    async fn rotate_session(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        during("rotate_session", self.rotate(old, new, update).await)
    }
}
