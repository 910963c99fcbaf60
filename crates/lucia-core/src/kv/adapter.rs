use std::sync::Arc;

use super::{
    InvalidKvConfig, KvConfig, KvEntry, KvLayout, KvStore,
    content::{self, decode},
    entry::IndexEntry,
    lifetime,
    mark::Mark,
    pass::UnfinishedPass,
};
use crate::{AdapterError, AdapterErrorKind as Kind, AdapterResult, Clock, SessionId, SessionSchema, UnixMillis};

/// Stores sessions in a plain key-value store.
///
/// [The module's documentation](crate::kv) lists the guarantees on each kind of store.
///
/// ```
/// use lucia_core::{SessionAdapter, SessionSchema, SystemClock, UnixMillis};
/// use lucia_core::kv::{KvSessionAdapter, MemoryKvStore};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let adapter = KvSessionAdapter::new(MemoryKvStore::new(SystemClock));
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
    pub(super) unfinished: Arc<UnfinishedPass>,
    pub(super) indexes_on_update: bool,
}

impl<S: KvStore> KvSessionAdapter<S> {
    /// Creates an adapter that stores sessions in `store`, under its [default layout](KvStore::default_layout). Use
    /// [`with_config`](Self::with_config) on targets without a system clock.
    #[cfg(any(not(all(target_arch = "wasm32", target_os = "unknown")), feature = "wasm_js"))]
    #[must_use]
    pub fn new(store: S) -> Self {
        let layout = store.default_layout();
        Self::from_parts(store, layout, Arc::new(crate::SystemClock), false)
    }

    /// Creates an adapter with this configuration.
    ///
    /// # Errors
    /// Returns [`InvalidKvConfig`] if the prefixes are invalid, or if there is no clock.
    pub fn with_config(store: S, config: KvConfig) -> Result<Self, InvalidKvConfig> {
        let layout = config.layout(store.default_layout())?;
        let indexes_on_update = config.has_unindexed_sessions();
        let clock = config.into_clock().ok_or(InvalidKvConfig::NoClock)?;
        Ok(Self::from_parts(store, layout, clock, indexes_on_update))
    }

    fn from_parts(store: S, layout: KvLayout, clock: Arc<dyn Clock>, indexes_on_update: bool) -> Self {
        Self { store, layout, clock, unfinished: Arc::default(), indexes_on_update }
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
            Some(value) => self.session(&value, id),
            None => Ok(None),
        }
    }

    /// Decodes the value of a session's key. `None` for a tombstone, which only stores with conditional writes have
    /// there.
    pub(super) fn session(&self, value: &[u8], id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        if self.store.conditional() { content::session(value, id) } else { decode(value, id).map(Some) }
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
        let max = self.store.max_key_length();
        if keys.iter().all(|key| key.len() <= max) {
            return Ok(());
        }
        let reason = format!("a key with it has more than {max} bytes, the maximum of the store");
        Err(AdapterError::new(Kind::UnsupportedId).with_source(reason))
    }

    /// Stores a session that was created after the user's mark.
    pub(super) async fn store_new(&self, session: &SessionSchema, mark: Option<&Mark>) -> AdapterResult<()> {
        self.put_index_entry(session, mark).await?;
        let stored = self.put_session(session).await;
        if stored.is_err() {
            // The session may be stored nonetheless, now or later, so its index entry is kept.
            let _ = self.store.delete(&self.layout.session_key(&session.id)).await;
        }
        stored
    }

    /// Lists a session that was created after the user's mark.
    pub(super) async fn put_index_entry(&self, session: &SessionSchema, mark: Option<&Mark>) -> AdapterResult<()> {
        self.put(&self.index_entry(session, lifetime::of_index_entry, mark.map(|mark| mark.epoch.clone()))).await
    }

    pub(super) async fn put(&self, entry: &KvEntry) -> AdapterResult<()> {
        self.store.put(&entry.key, &entry.value, entry.expires).await
    }

    pub(super) async fn put_session(&self, session: &SessionSchema) -> AdapterResult<()> {
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
}
