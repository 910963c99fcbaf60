//! Deletes expired sessions and keys, for stores that do not expire keys.

use std::mem;

use super::{
    KvSessionAdapter, KvStore,
    bulk::{Access, CHUNK, Failures},
    conditional::Hashed,
    content,
    entry::IndexEntry,
    lifetime,
    mark::Mark,
    pages::Pages,
    pass::{Pass, Stage},
};
use crate::{AdapterErrorKind as Kind, AdapterResult, SessionSchema, UnixMillis};

impl<S: KvStore> KvSessionAdapter<S> {
    /// Deletes expired sessions, and once none remain, the other expired keys.
    ///
    /// A call continues where the previous one stopped, failed or was dropped. Sessions that were not expired at an
    /// earlier time are read again, so that none remain when fewer than the limit were deleted.
    pub(super) async fn delete_expired(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        let mut running = self.unfinished.take();
        let pass = running.pass.get_or_insert_with(|| self.pass(now));
        let mut deleted = 0;
        while deleted < limit {
            if self.reach_keys(pass).await? {
                deleted += self.delete_expired_keys(pass, limit - deleted, now).await?;
                continue;
            }
            let outcome = mem::replace(&mut pass.outcome, Ok(()));
            if pass.now == now {
                running.pass = None;
                return outcome.map(|()| deleted);
            }
            *pass = Pass { outcome, ..self.pass(now) };
        }
        Ok(deleted)
    }

    fn pass(&self, now: UnixMillis) -> Pass {
        let stage = Stage::Sessions;
        Pass { now, stage, pages: Pages::of(self.prefix(stage)), keys: Vec::new(), outcome: Ok(()) }
    }

    fn prefix(&self, stage: Stage) -> String {
        match stage {
            Stage::Sessions => self.layout.session_prefix(),
            Stage::Tombstones => self.layout.revoked_prefix(),
            Stage::Entries => self.layout.user_sessions_prefix(),
            Stage::Marks => self.layout.user_revoked_prefix(),
        }
    }

    /// Lists the next keys of the pass. Returns whether there are any.
    async fn reach_keys(&self, pass: &mut Pass) -> AdapterResult<bool> {
        while pass.keys.is_empty() {
            match pass.pages.next(&self.store).await {
                Ok(Some(keys)) => {
                    pass.keys = keys;
                    continue;
                }
                Ok(None) => {}
                Err(error) => {
                    // The store may have forgotten the cursor, so start the pass again.
                    if error.kind() != Kind::Unavailable {
                        pass.pages = Pages::of(self.prefix(pass.stage));
                    }
                    return Err(error);
                }
            }
            pass.stage = match pass.stage {
                Stage::Sessions => Stage::Tombstones,
                Stage::Tombstones => Stage::Entries,
                Stage::Entries => Stage::Marks,
                Stage::Marks => return Ok(false),
            };
            pass.pages = Pages::of(self.prefix(pass.stage));
        }
        Ok(true)
    }

    /// Deletes the expired ones of the next keys, at most `at_most`. Returns how many sessions were deleted.
    async fn delete_expired_keys(&self, pass: &mut Pass, at_most: usize, now: UnixMillis) -> AdapterResult<usize> {
        let rest = pass.keys.len().saturating_sub(at_most.min(CHUNK));
        let keys = &pass.keys[rest..];
        // During an outage no key is skipped.
        let mut failures = Failures::default();
        let values = self.get_each(keys, &mut failures).await?;
        let found = keys.iter().zip(values).filter_map(|(key, value)| Some((key, value.flatten()?)));
        let found: Vec<_> = found.collect();
        let mut deleted = 0;
        if let Stage::Sessions = pass.stage {
            // Values that are not sessions of this layout, or cannot be read, are kept.
            let sessions = found.iter().filter_map(|(key, value)| {
                let id = self.layout.parse_session_key(key)?;
                self.session(value, &id).ok().flatten().filter(|session| session.is_expired(now))
            });
            deleted = self.delete_sessions(sessions.collect(), now, &mut failures).await?;
        }
        let has_expired = |value: &[u8]| self.expiry(pass.stage, value).is_some_and(|expires| expires < now);
        let expired = found.iter().filter(|(key, value)| self.is_ours(pass.stage, key) && has_expired(value));
        let expired: Vec<_> = expired.map(|(key, _)| key).collect();
        let outcome = self.delete_many(&expired).await;
        self.note(&mut failures, Access::Writes, outcome).await?;
        pass.keys.truncate(rest);
        if pass.outcome.is_ok() {
            pass.outcome = failures.outcome();
        }
        Ok(deleted)
    }

    /// Deletes expired sessions, with a tombstone if a renewal by a slow clock may be in progress. Returns their number.
    async fn delete_sessions(
        &self,
        sessions: Vec<SessionSchema>,
        now: UnixMillis,
        failures: &mut Failures,
    ) -> AdapterResult<usize> {
        let certain = now.min(self.clock.now());
        let (mut revocations, mut renewable) = (Vec::new(), Vec::new());
        for session in &sessions {
            let may_be_renewed = !lifetime::is_expired_by_every_clock(session.idle_expires, certain);
            if may_be_renewed && self.store.conditional() {
                renewable.push(session);
                continue;
            }
            let tombstone = may_be_renewed.then(|| self.tombstone_entry(&session.id, session.idle_expires));
            revocations.push(self.revocation(&session.user_id, &session.id, tombstone));
        }
        let mut deleted = self.revoke_many(&revocations, failures).await?;
        for session in renewable {
            // A move by a slow clock keeps it alive, as a renewal does, so no move is barred.
            let is_expired = |found: Option<&SessionSchema>| found.is_some_and(|session| session.is_expired(now));
            let outcome = self.revoke_if(&session.id, Hashed::Ignored, is_expired).await;
            deleted += usize::from(self.note(failures, Access::Writes, outcome).await? == Some(true));
        }
        Ok(deleted)
    }

    /// Returns `true` if a key is one of this layout. Another application may have keys that start with its prefixes.
    fn is_ours(&self, stage: Stage, key: &str) -> bool {
        match stage {
            Stage::Sessions => self.layout.parse_session_key(key).is_some(),
            Stage::Tombstones => self.layout.is_revoked_key(key),
            Stage::Entries => self.layout.parse_index_key(key).is_some(),
            Stage::Marks => self.layout.is_user_revoked_key(key),
        }
    }

    /// Returns the time from which a value other than a session may be deleted.
    fn expiry(&self, stage: Stage, value: &[u8]) -> Option<UnixMillis> {
        match stage {
            Stage::Sessions if self.store.conditional() => content::parse_tombstone(value),
            Stage::Sessions => None,
            Stage::Tombstones => lifetime::from_value(value),
            Stage::Entries => IndexEntry::from_value(value).map(|entry| entry.expires),
            Stage::Marks => Mark::from_value(value).map(|mark| lifetime::of_expired_mark(mark.expires)),
        }
    }
}
