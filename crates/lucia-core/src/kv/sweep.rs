//! Deleting what has expired, for stores that do not do it themselves.

use std::{
    fmt, mem,
    sync::{Mutex, PoisonError},
};

use super::{
    KvSessionAdapter, KvStore,
    adapter::decode,
    bulk::{CHUNK, Failures},
    entry::IndexEntry,
    lifetime,
    mark::Mark,
    pages::Pages,
    revocation::Condemned,
};
use crate::{AdapterResult, SessionSchema, UnixMillis};

/// One pass over all keys, in as many calls as it takes.
struct Pass {
    /// Sessions are alive or dead as of then.
    now: UnixMillis,
    stage: Stage,
    pages: Pages,
    /// Of the page, those that were not looked at yet, the next one last.
    keys: Vec<String>,
    failures: Failures,
}

#[derive(Clone, Copy)]
enum Stage {
    Sessions,
    Tombstones,
    Entries,
    Marks,
}

/// The pass that a call with a limit left for the next one.
#[derive(Default)]
pub(super) struct Sweep(Mutex<Option<Pass>>);

impl Sweep {
    fn replace(&self, pass: Option<Pass>) -> Option<Pass> {
        mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), pass)
    }
}

impl fmt::Debug for Sweep {
    /// Shows no key: they hold session ids.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sweep").finish_non_exhaustive()
    }
}

impl<S: KvStore> KvSessionAdapter<S> {
    /// Deletes dead sessions, and when none is left, what else has expired.
    ///
    /// A call goes on where the one before stopped. What was passed over at an earlier time is looked at again, so that none
    /// is left when it says so.
    pub(super) async fn sweep(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        let mut deleted = 0;
        if limit == 0 {
            return Ok(deleted);
        }
        let mut pass = self.sweep.replace(None).unwrap_or_else(|| self.pass(now));
        loop {
            let then = pass.now;
            while deleted < limit {
                match self.next_keys(&mut pass, limit - deleted).await? {
                    Some(keys) => deleted += self.sweep_keys(&mut pass, &keys, now).await?,
                    None if then == now => return pass.failures.outcome().map(|()| deleted),
                    None => break,
                }
            }
            if deleted == limit {
                self.sweep.replace(Some(pass));
                return Ok(deleted);
            }
            pass = Pass { failures: pass.failures, ..self.pass(now) };
        }
    }

    fn pass(&self, now: UnixMillis) -> Pass {
        let pages = Pages::of(self.layout.session_prefix());
        Pass { now, stage: Stage::Sessions, pages, keys: Vec::new(), failures: Failures::default() }
    }

    /// The next keys of the pass, at most so many; `None` at its end.
    async fn next_keys(&self, pass: &mut Pass, at_most: usize) -> AdapterResult<Option<Vec<String>>> {
        while pass.keys.is_empty() {
            if let Some(keys) = pass.pages.next(&self.store).await? {
                pass.keys = keys;
                continue;
            }
            let (stage, prefix) = match pass.stage {
                Stage::Sessions => (Stage::Tombstones, self.layout.revoked_prefix()),
                Stage::Tombstones => (Stage::Entries, self.layout.user_session_prefix()),
                Stage::Entries => (Stage::Marks, self.layout.user_revoked_prefix()),
                Stage::Marks => return Ok(None),
            };
            (pass.stage, pass.pages) = (stage, Pages::of(prefix));
        }
        let rest = pass.keys.len().saturating_sub(at_most.min(CHUNK));
        Ok(Some(pass.keys.split_off(rest)))
    }

    /// Deletes what of these keys has expired. Returns how many sessions it deleted.
    async fn sweep_keys(&self, pass: &mut Pass, keys: &[String], now: UnixMillis) -> AdapterResult<usize> {
        let mut found = Vec::with_capacity(keys.len());
        for (key, value) in keys.iter().zip(self.get_each(keys).await?) {
            found.extend(pass.failures.keep(value).flatten().map(|value| (key, value)));
        }
        let expires = match pass.stage {
            Stage::Sessions => {
                // What is no session of this layout, or cannot be read, is left alone.
                let sessions = found.iter().filter_map(|(key, value)| {
                    let id = self.layout.parse_session_key(key)?;
                    decode(value, &id).ok().filter(|session| session.is_dead(now))
                });
                let condemned: Vec<_> = sessions.map(|session| self.bury(&session, now)).collect();
                return self.revoke_many(&condemned, &mut pass.failures).await;
            }
            Stage::Tombstones => lifetime::from_value,
            Stage::Entries => |value: &[u8]| IndexEntry::from_value(value).map(|entry| entry.expires),
            Stage::Marks => |value: &[u8]| Mark::from_value(value).map(|mark| lifetime::of_swept_mark(mark.expires)),
        };
        let expired = found.iter().filter(|(_, value)| expires(value).is_some_and(|expires| expires < now));
        let expired: Vec<_> = expired.map(|(key, _)| key).collect();
        let outcome = self.delete_many(&expired).await;
        self.note(&mut pass.failures, outcome).await?;
        Ok(0)
    }

    /// A dead session is deleted; a renewal by a clock that is behind needs a tombstone to take itself back.
    fn bury(&self, session: &SessionSchema, now: UnixMillis) -> Condemned {
        let is_long_dead = lifetime::is_long_dead(session.idle_expires, now.min(self.clock.now()));
        let tombstone = (!is_long_dead).then(|| self.tombstone(&session.id, session.idle_expires));
        self.condemn(&session.user_id, &session.id, tombstone)
    }
}
