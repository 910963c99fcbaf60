//! The operations of a store with conditional writes. A tombstone replaces its session in the session's own key, so that
//! one comparison decides between parallel writes.

use super::{
    KvCondition, KvEntry, KvSessionAdapter, KvStore, KvVersion,
    compare_and_set::{Found, MAX_ATTEMPTS, Outcome, overtaken},
    content, lifetime,
};
use crate::{AdapterErrorKind as Kind, AdapterResult, SessionId, SessionSchema, SessionUpdate, UnixMillis};

/// What a tombstone replaced.
pub(super) enum Replaced {
    Session(SessionSchema),
    /// A value that is not a session.
    Corrupt,
    /// Nothing: there is no session that meets the condition.
    Nothing,
}

/// What a revocation of a plain id does under the hash of the id, which has the same token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hashed {
    Ignored,
    /// A session that is not stored there yet is barred.
    Barred,
    /// A session that is stored there is revoked, too.
    Revoked,
}

impl<S: KvStore> KvSessionAdapter<S> {
    /// Returns a session with a value that no other write has, and with the digest of the id from which it was rotated.
    pub(super) fn session_entry(&self, session: &SessionSchema, old_digest: Option<&[u8]>) -> KvEntry {
        let mut value = content::with_nonce(session.to_json().into_bytes(), self.clock.now());
        if let Some(digest) = old_digest {
            value = content::with_old_digest(value, digest);
        }
        KvEntry {
            key: self.layout.session_key(&session.id),
            value,
            expires: lifetime::of_session(session.idle_expires),
        }
    }

    pub(super) async fn insert(&self, session: &SessionSchema) -> AdapterResult<()> {
        if session.is_expired(self.clock.now()) {
            let taken = self.store.get(&self.layout.session_key(&session.id)).await?;
            return if taken.is_some() { Err(Kind::DuplicateSessionId.into()) } else { Ok(()) };
        }
        let is_newly_listed = self.insert_index_entry(session).await?;
        self.insert_listed(session, &self.session_entry(session, None), is_newly_listed).await
    }

    /// Lists a session that is about to be stored. Returns whether it had no index entry.
    pub(super) async fn insert_index_entry(&self, session: &SessionSchema) -> AdapterResult<bool> {
        let listed = self.index_entry(session, lifetime::of_index_entry, None);
        match self.compare_and_set(&listed, &KvCondition::Absent).await? {
            Outcome::Written => Ok(true),
            Outcome::Refused(found) => {
                self.extend_entry(session, lifetime::of_index_entry, found).await?;
                Ok(false)
            }
        }
    }

    /// Stores a listed session if its id is free.
    pub(super) async fn insert_listed(
        &self,
        session: &SessionSchema,
        stored: &KvEntry,
        is_newly_listed: bool,
    ) -> AdapterResult<()> {
        for _ in 0..MAX_ATTEMPTS {
            let taken = match self.compare_and_set(stored, &KvCondition::Absent).await? {
                Outcome::Written => return Ok(()),
                Outcome::Refused(Some((taken, _))) => taken,
                // The key has expired, or its expired session was deleted.
                Outcome::Refused(None) => continue,
            };
            let taken = self.session(&taken, &session.id);
            let is_theirs = taken.is_ok_and(|taken| taken.is_none_or(|taken| taken.user_id != session.user_id));
            if is_newly_listed && is_theirs {
                // The next listing would remove the entry otherwise.
                let _ = self.store.delete(&self.layout.index_key(&session.user_id, &session.id)).await;
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
            let old_digest = found.as_ref().and_then(|(value, _)| content::old_digest(value)).map(<[u8]>::to_vec);
            let (stored, version) = self.live(id, found)?;
            if update.is_empty() {
                return Ok(());
            }
            let session = stored.updated(update).ok_or(Kind::Conflict)?;
            let ends = session.is_expired(self.clock.now());
            let entry = if ends {
                self.tombstone_entry(id, session.idle_expires)
            } else {
                let expires = lifetime::of_index_entry(session.idle_expires);
                if self.indexes_on_update || expires > lifetime::of_index_entry(stored.idle_expires) {
                    let listed = self.store.get_versioned(&self.layout.index_key(&session.user_id, id)).await?;
                    self.extend_entry(&session, lifetime::of_index_entry, listed).await?;
                }
                // A revocation that keeps the session under its old id keeps it after a change, too.
                self.session_entry(&session, old_digest.as_deref())
            };
            match self.compare_and_set(&entry, &KvCondition::Version(version)).await? {
                Outcome::Written if ends => return self.delete_keys(&session).await,
                // It expired meanwhile, and a listing may delete it.
                Outcome::Written if stored.is_expired(self.clock.now()) => {
                    self.revoke_if(id, Hashed::Barred, |_| true).await?;
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

    /// Revokes what an id has, as [`replace_by_tombstone`](Self::replace_by_tombstone) does. Returns whether there was
    /// anything.
    pub(super) async fn revoke_if(
        &self,
        id: &SessionId,
        hashed: Hashed,
        condition: impl Fn(Option<&SessionSchema>) -> bool + Send + Sync,
    ) -> AdapterResult<bool> {
        match self.replace_by_tombstone(id, hashed, condition).await? {
            Replaced::Session(session) => self.delete_keys(&session).await.map(|()| true),
            // Its user is unknown, so the next listing removes its index entry.
            Replaced::Corrupt => Ok(true),
            Replaced::Nothing => Ok(false),
        }
    }

    /// Replaces the session under an id by its tombstone if it meets a condition, which gets `None` for a value that is
    /// not a session.
    pub(super) async fn replace_by_tombstone(
        &self,
        id: &SessionId,
        hashed: Hashed,
        condition: impl Fn(Option<&SessionSchema>) -> bool + Send + Sync,
    ) -> AdapterResult<Replaced> {
        let key = self.layout.session_key(id);
        if key.len() > self.store.max_key_length() {
            return Ok(Replaced::Nothing);
        }
        let mut found = self.store.get_versioned(&key).await?;
        let mut is_barred = false;
        for _ in 0..MAX_ATTEMPTS {
            let Some((value, version)) = found else {
                return Ok(Replaced::Nothing);
            };
            let session = match self.session(&value, id) {
                Ok(None) => return Ok(Replaced::Nothing),
                Ok(session) => session,
                Err(_) => None,
            };
            if !condition(session.as_ref()) {
                return Ok(Replaced::Nothing);
            }
            let idle_expires = session.as_ref().map_or(UnixMillis::EPOCH, |session| session.idle_expires);
            let now = self.clock.now();
            if !is_barred && session.as_ref().is_none_or(|_| !lifetime::is_expired_by_every_clock(idle_expires, now)) {
                self.bar_move(id, idle_expires, hashed).await?;
                is_barred = true;
            }
            let tombstone = self.tombstone_entry(id, idle_expires);
            match self.compare_and_set(&tombstone, &KvCondition::Version(version)).await? {
                Outcome::Written => return Ok(session.map_or(Replaced::Corrupt, Replaced::Session)),
                Outcome::Refused(current) => found = current,
            }
        }
        Err(overtaken())
    }

    /// Writes a tombstone under the hash of a plain id before its session is revoked: a move that read the session before
    /// cannot store it any more, however late it tries to. The token would be valid again.
    pub(super) async fn bar_move(&self, id: &SessionId, idle_expires: UnixMillis, hashed: Hashed) -> AdapterResult<()> {
        if id.is_hash() || hashed == Hashed::Ignored {
            return Ok(());
        }
        let tombstone = self.tombstone_entry(&SessionId::new(id.digest()), idle_expires);
        if tombstone.key.len() > self.store.max_key_length() {
            return Ok(());
        }
        match self.compare_and_set(&tombstone, &KvCondition::Absent).await? {
            Outcome::Refused(found) if hashed == Hashed::Revoked => {
                self.put_tombstone_if(&tombstone, found, |_| true).await.map(drop)
            }
            Outcome::Refused(_) | Outcome::Written => Ok(()),
        }
    }

    /// Writes a tombstone to its key, which has `found`, unless there is a tombstone already or a value that may not be
    /// replaced. Returns whether it was written.
    pub(super) async fn put_tombstone_if(
        &self,
        tombstone: &KvEntry,
        mut found: Found,
        may_replace: impl Fn(&[u8]) -> bool + Send + Sync,
    ) -> AdapterResult<bool> {
        for _ in 0..MAX_ATTEMPTS {
            let condition = match found {
                Some((value, _)) if content::parse_tombstone(&value).is_some() || !may_replace(&value) => {
                    return Ok(false);
                }
                Some((_, version)) => KvCondition::Version(version),
                None => KvCondition::Absent,
            };
            match self.compare_and_set(tombstone, &condition).await? {
                Outcome::Written => return Ok(true),
                Outcome::Refused(current) => found = current,
            }
        }
        Err(overtaken())
    }
}
