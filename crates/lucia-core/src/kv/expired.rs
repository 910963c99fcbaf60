//! Deletes expired sessions and keys, for stores that do not expire keys.

use std::mem;

use super::{
    KvSessionAdapter, KvStore,
    adapter::decode,
    bulk::{Access, CHUNK, Failures},
    entry::IndexEntry,
    lifetime,
    mark::Mark,
    pages::Pages,
    pass::{Pass, Stage},
    revocation::Revocation,
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
        let mut deleted = 0;
        if let Stage::Sessions = pass.stage {
            // Values that are not sessions of this layout, or cannot be read, are kept.
            let sessions = found.filter_map(|(key, value)| {
                let id = self.layout.parse_session_key(key)?;
                decode(&value, &id).ok().filter(|session| session.is_expired(now))
            });
            let revocations: Vec<_> = sessions.map(|session| self.revocation_of_expired(&session, now)).collect();
            deleted = self.revoke_many(&revocations, &mut failures).await?;
        } else {
            let expired = found.filter(|(_, value)| expiry(pass.stage, value).is_some_and(|expires| expires < now));
            let expired: Vec<_> = expired.map(|(key, _)| key).collect();
            let outcome = self.delete_many(&expired).await;
            self.note(&mut failures, Access::Writes, outcome).await?;
        }
        pass.keys.truncate(rest);
        if pass.outcome.is_ok() {
            pass.outcome = failures.outcome();
        }
        Ok(deleted)
    }

    /// Returns the deletion of an expired session, with a tombstone if a renewal by a slow clock may be in progress.
    fn revocation_of_expired(&self, session: &SessionSchema, now: UnixMillis) -> Revocation {
        let now = now.min(self.clock.now());
        let may_be_renewed = !lifetime::is_expired_by_every_clock(session.idle_expires, now);
        let tombstone = may_be_renewed.then(|| self.tombstone(&session.id, session.idle_expires));
        self.revocation(&session.user_id, &session.id, tombstone)
    }
}

/// Returns the time from which a value other than a session may be deleted.
fn expiry(stage: Stage, value: &[u8]) -> Option<UnixMillis> {
    match stage {
        Stage::Sessions => None,
        Stage::Tombstones => lifetime::from_value(value),
        Stage::Entries => IndexEntry::from_value(value).map(|entry| entry.expires),
        Stage::Marks => Mark::from_value(value).map(|mark| lifetime::of_expired_mark(mark.expires)),
    }
}
