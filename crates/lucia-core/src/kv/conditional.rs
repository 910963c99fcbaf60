//! The operations of a store with conditional writes. A tombstone replaces its session in the session's own key, so that
//! one comparison decides between parallel writes.

use super::{
    KvCondition, KvEntry, KvSessionAdapter, KvStore, KvVersion,
    compare_and_set::{Found, MAX_ATTEMPTS, Outcome, overtaken},
    content, lifetime,
    mark::Keep,
};
use crate::{AdapterErrorKind as Kind, AdapterResult, SessionId, SessionSchema, SessionUpdate, UnixMillis};

impl<S: KvStore> KvSessionAdapter<S> {
    /// Returns a session with a value that no other write has.
    pub(super) fn session_entry(&self, session: &SessionSchema) -> KvEntry {
        KvEntry {
            key: self.layout.session_key(&session.id),
            value: content::with_nonce(session.to_json().into_bytes(), self.clock.now()),
            expires: lifetime::of_session(session.idle_expires),
        }
    }

    pub(super) async fn insert(&self, session: &SessionSchema) -> AdapterResult<()> {
        if session.is_expired(self.clock.now()) {
            let taken = self.store.get(&self.layout.session_key(&session.id)).await?;
            return if taken.is_some() { Err(Kind::DuplicateSessionId.into()) } else { Ok(()) };
        }
        self.insert_entry(session, &self.session_entry(session)).await
    }

    /// Lists a session, then stores its entry if its id is free.
    pub(super) async fn insert_entry(&self, session: &SessionSchema, stored: &KvEntry) -> AdapterResult<()> {
        let listed = self.index_entry(session, lifetime::of_index_entry, None);
        let is_new = match self.compare_and_set(&listed, &KvCondition::Absent).await? {
            Outcome::Written => true,
            Outcome::Refused(found) => {
                self.extend_entry(session, found).await?;
                false
            }
        };
        for _ in 0..MAX_ATTEMPTS {
            let taken = match self.compare_and_set(stored, &KvCondition::Absent).await? {
                Outcome::Written => return Ok(()),
                Outcome::Refused(Some((taken, _))) => taken,
                // The key has expired, or its expired session was deleted.
                Outcome::Refused(None) => continue,
            };
            let taken = self.session(&taken, &session.id);
            let is_theirs = taken.is_ok_and(|taken| taken.is_none_or(|taken| taken.user_id != session.user_id));
            if is_new && is_theirs {
                // The next listing would remove the entry otherwise.
                let _ = self.store.delete(&listed.key).await;
            }
            return Err(Kind::DuplicateSessionId.into());
        }
        Err(overtaken())
    }

    pub(super) async fn change(&self, id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        let key = self.layout.session_key(id);
        if key.len() > self.store.max_key_length() {
            return Err(Kind::InvalidSessionId.into());
        }
        let mut found = self.store.get_versioned(&key).await?;
        for _ in 0..MAX_ATTEMPTS {
            let (stored, version) = self.live(id, found)?;
            if update.is_empty() {
                return Ok(());
            }
            let session = stored.updated(update).ok_or(Kind::Conflict)?;
            let ends = session.is_expired(self.clock.now());
            let entry = if ends {
                self.tombstone(id, session.idle_expires)
            } else {
                let expires = lifetime::of_index_entry(session.idle_expires);
                if self.indexes_on_update || expires > lifetime::of_index_entry(stored.idle_expires) {
                    let listed = self.store.get_versioned(&self.layout.index_key(&session.user_id, id)).await?;
                    self.extend_entry(&session, listed).await?;
                }
                self.session_entry(&session)
            };
            match self.compare_and_set(&entry, &KvCondition::Version(version)).await? {
                Outcome::Written if ends => return self.delete_keys(&session).await,
                // It expired meanwhile, and a listing may delete it.
                Outcome::Written if stored.is_expired(self.clock.now()) => {
                    self.revoke(&session).await?;
                    return Err(Kind::InvalidSessionId.into());
                }
                Outcome::Written => return Ok(()),
                Outcome::Refused(current) => found = current,
            }
        }
        Err(overtaken())
    }

    /// Returns a session to be updated, and its version. An expired one is not found, whether or not the store still
    /// has it.
    pub(super) fn live(&self, id: &SessionId, found: Found) -> AdapterResult<(SessionSchema, KvVersion)> {
        let (value, version) = found.ok_or(Kind::InvalidSessionId)?;
        let stored = self.session(&value, id)?.filter(|stored| !stored.is_expired(self.clock.now()));
        stored.map(|stored| (stored, version)).ok_or_else(|| Kind::InvalidSessionId.into())
    }

    /// Revokes a session that meets a condition. Returns whether there was one.
    pub(super) async fn revoke_if(
        &self,
        id: &SessionId,
        condition: impl Fn(&SessionSchema) -> bool + Send + Sync,
    ) -> AdapterResult<bool> {
        let key = self.layout.session_key(id);
        if key.len() > self.store.max_key_length() {
            return Ok(false);
        }
        let mut found = self.store.get_versioned(&key).await?;
        let mut is_barred = false;
        for _ in 0..MAX_ATTEMPTS {
            let Some((value, version)) = found else {
                return Ok(false);
            };
            let Some(session) = self.session(&value, id)?.filter(|session| condition(session)) else {
                return Ok(false);
            };
            if !is_barred && !session.is_expired(self.clock.now()) {
                if let Some(bar) = self.bar(id, session.idle_expires, Keep::None) {
                    self.compare_and_set(&bar, &KvCondition::Absent).await?;
                }
                is_barred = true;
            }
            let tombstone = self.tombstone(id, session.idle_expires);
            match self.compare_and_set(&tombstone, &KvCondition::Version(version)).await? {
                Outcome::Written => return self.delete_keys(&session).await.map(|()| true),
                Outcome::Refused(current) => found = current,
            }
        }
        Err(overtaken())
    }

    /// Returns a tombstone under the hash of a plain id, to be written before the session is revoked: a move that read the
    /// session before cannot store it any more, however late it tries to. The token would be valid again.
    pub(super) fn bar(&self, id: &SessionId, idle_expires: UnixMillis, keep: Keep<'_>) -> Option<KvEntry> {
        if !self.store.conditional() || id.is_hash() {
            return None;
        }
        let hash = SessionId::new(id.digest());
        let bar = self.tombstone(&hash, idle_expires);
        (!keep.keeps(&hash) && bar.key.len() <= self.store.max_key_length()).then_some(bar)
    }
}
