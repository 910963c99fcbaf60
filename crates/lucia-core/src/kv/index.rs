//! Reading the index of a user's sessions.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    KvSessionAdapter, KvStore,
    bulk::Failures,
    entry::IndexEntry,
    lifetime,
    mark::Keep,
    pages::{Pages, endless},
};
use crate::{AdapterError, AdapterErrorKind as Kind, AdapterResult, SessionId, SessionSchema, UnixMillis, UserId};

/// The largest number of keys kept in memory, some gigabytes.
const MAX_KEYS: usize = 10_000_000;

/// The sessions in a user's index.
#[derive(Default)]
pub(super) struct Listed {
    /// The user's sessions.
    pub(super) sessions: Vec<SessionSchema>,
    /// Those of them that only a list of Lucia JS contains.
    pub(super) unindexed: Vec<SessionSchema>,
    /// Sessions that every clock considers expired, or whose revocation may have been interrupted.
    pub(super) expired_or_revoked: Vec<SessionId>,
    /// Sessions whose value is not a session with this id.
    pub(super) corrupt: Vec<SessionId>,
    /// Sessions that could not be read.
    pub(super) unread: Vec<SessionId>,
    /// Entries without a session, which is not about to be written either.
    pub(super) stale_entries: Vec<String>,
    /// The lists of Lucia JS.
    pub(super) lists: Vec<String>,
    /// Lists that disappeared meanwhile: the entries that replaced them may be missing from the listing.
    pub(super) vanished_lists: Vec<String>,
    /// Sessions that are kept under their old id, from which they were rotated meanwhile.
    kept_rotated: BTreeSet<SessionId>,
    /// Entries without a session, or whose session belongs to another user.
    dangling: Vec<Dangling>,
}

struct Dangling {
    id: SessionId,
    entry: String,
    is_anothers: bool,
    /// The tombstone is in the session's key.
    is_revoked: bool,
}

impl<S: KvStore> KvSessionAdapter<S> {
    /// Reads a user's index, and the sessions `named` by a list of Lucia JS that was read before.
    pub(super) async fn listed(
        &self,
        user_id: &UserId,
        mut named: BTreeSet<SessionId>,
        keep: Keep<'_>,
        failures: &mut Failures,
    ) -> AdapterResult<Listed> {
        let mut listed = Listed::default();
        let mut entries = BTreeMap::new();
        for key in self.all_keys(self.layout.index_prefix(user_id)).await? {
            // The keys of a layout with a longer prefix belong to another adapter.
            let parsed = self.layout.parse_index_key(&key).filter(|(owner, _)| owner == user_id);
            if let Some((_, id)) = parsed {
                entries.insert(id, key);
            }
        }
        // The list is read with the sessions, without an additional request if the store reads many keys at once.
        let list_key = self.layout.list_key(user_id);
        let keys: Vec<_> = entries.keys().map(|id| self.layout.session_key(id)).collect();
        let wanted: Vec<_> = [&list_key].into_iter().chain(&keys).map(String::as_str).collect();
        let mut values = self.get_each(&wanted, failures).await?.into_iter();
        if let Some(value) = values.next().flatten().flatten() {
            listed.take_list(list_key, &value, &mut named, failures);
        }
        for ((id, entry), value) in entries.iter().zip(values) {
            if matches!(&value, Some(Some(value)) if keep.keeps_rotated(value)) {
                listed.kept_rotated.insert(id.clone());
            }
            self.classify(&mut listed, user_id, id, value, Some(entry));
        }
        self.classify_dangling(user_id, &mut listed, &mut named, failures).await?;
        named.retain(|id| !entries.contains_key(id));
        let keys: Vec<_> = named.iter().map(|id| self.layout.session_key(id)).collect();
        for (id, value) in named.iter().zip(self.get_each(&keys, failures).await?) {
            self.classify(&mut listed, user_id, id, value, None);
        }
        Ok(listed)
    }

    /// Returns every key that starts with `prefix`, without duplicates.
    async fn all_keys(&self, prefix: String) -> AdapterResult<BTreeSet<String>> {
        let (mut keys, mut pages, mut listed) = (BTreeSet::new(), Pages::of(prefix), 0);
        while let Some(page) = pages.next(&self.store).await? {
            listed += page.len();
            if listed > MAX_KEYS {
                return Err(endless("the store lists more keys than it can have"));
            }
            keys.extend(page);
        }
        Ok(keys)
    }

    /// Adds a session by its value, which is `None` if it could not be read.
    fn classify(
        &self,
        listed: &mut Listed,
        user_id: &UserId,
        id: &SessionId,
        value: Option<Option<Vec<u8>>>,
        entry: Option<&String>,
    ) {
        let Some(value) = value else {
            listed.unread.push(id.clone());
            return;
        };
        let is_stored = value.is_some();
        match value.map_or(Ok(None), |value| self.session(&value, id)) {
            Ok(Some(session)) if session.user_id == *user_id => {
                if lifetime::is_expired_by_every_clock(session.idle_expires, self.clock.now()) {
                    listed.expired_or_revoked.push(session.id);
                    return;
                }
                if entry.is_none() {
                    listed.unindexed.push(session.clone());
                }
                listed.sessions.push(session);
            }
            Err(_) => listed.corrupt.push(id.clone()),
            found => listed.dangling.extend(entry.map(|entry| Dangling {
                id: id.clone(),
                entry: entry.clone(),
                is_anothers: matches!(found, Ok(Some(_))),
                is_revoked: is_stored && matches!(found, Ok(None)),
            })),
        }
    }

    /// Classifies entries without a session: lists of Lucia JS, revoked sessions, and obsolete entries, which are those
    /// of expired sessions and the empty ones of Lucia JS that name the user. Any other empty entry is about to get its
    /// session.
    async fn classify_dangling(
        &self,
        user_id: &UserId,
        listed: &mut Listed,
        named: &mut BTreeSet<SessionId>,
        failures: &mut Failures,
    ) -> AdapterResult<()> {
        let dangling = std::mem::take(&mut listed.dangling);
        let is_conditional = self.store.conditional();
        let keys = dangling.iter().flat_map(|each| {
            let tombstone = (!is_conditional).then(|| self.layout.revoked_key(&each.id));
            [Some(each.entry.clone()), tombstone].into_iter().flatten()
        });
        let mut values = self.get_each(&keys.collect::<Vec<_>>(), failures).await?.into_iter();
        let now = self.clock.now();
        for Dangling { id, entry, is_anothers, is_revoked } in dangling {
            let value = values.next().flatten();
            let is_revoked =
                if is_conditional { Some(is_revoked) } else { values.next().flatten().map(|value| value.is_some()) };
            let (Some(value), Some(is_revoked)) = (value, is_revoked) else {
                continue;
            };
            let is_time = !id.as_str().is_empty() && id.as_str().bytes().all(|byte| byte.is_ascii_digit());
            let Some(value) = value else {
                if is_time && !is_revoked {
                    listed.vanished_lists.push(entry);
                }
                continue;
            };
            // The key of the session keeps its tombstone.
            if is_revoked && !is_anothers && !is_conditional {
                listed.expired_or_revoked.push(id);
            } else if is_revoked
                || value.is_empty() && id.as_str() == user_id.as_str()
                || IndexEntry::from_value(&value).is_some_and(|entry| entry.is_obsolete(now))
            {
                listed.stale_entries.push(entry);
            } else if is_time {
                listed.take_list(entry, &value, named, failures);
            }
        }
        Ok(())
    }

    /// Deletes the lists of Lucia JS, after writing an entry for each kept session that only they contain. A list
    /// remains while one of its sessions cannot be read.
    pub(super) async fn replace_lists(&self, listed: &Listed, keep: Keep<'_>) -> AdapterResult<()> {
        let is_unknown = listed.corrupt.iter().chain(&listed.unread).any(|id| keep.keeps(id));
        if listed.lists.is_empty() || is_unknown {
            return Ok(());
        }
        let kept: Vec<_> = listed.unindexed.iter().filter(|session| keep.keeps(&session.id)).collect();
        if self.store.conditional() {
            for session in kept {
                let found = self.store.get_versioned(&self.layout.index_key(&session.user_id, &session.id)).await?;
                self.extend_entry(session, lifetime::of_moved_entry, found).await?;
            }
        } else {
            let entry = |session: &&SessionSchema| self.index_entry(session, lifetime::of_moved_entry, None);
            self.put_many(&kept.iter().map(entry).collect::<Vec<_>>()).await?;
        }
        self.delete_many(&listed.lists).await
    }
}

impl Listed {
    /// Returns the sessions that may be live and are not kept, with their expiries.
    pub(super) fn live<'a>(&'a self, keep: Keep<'a>) -> impl Iterator<Item = (&'a SessionId, UnixMillis)> {
        let read = self.sessions.iter().map(|session| (&session.id, session.idle_expires));
        let unread = self.corrupt.iter().chain(&self.unread).map(|id| (id, UnixMillis::EPOCH));
        read.chain(unread).filter(move |(id, _)| !keep.keeps(id) && !self.kept_rotated.contains(*id))
    }

    /// Adds the ids of a list of Lucia JS. A list that cannot be decoded is kept, and is an error, because its sessions
    /// are unknown.
    fn take_list(&mut self, key: String, value: &[u8], named: &mut BTreeSet<SessionId>, failures: &mut Failures) {
        if let Some(ids) = ids_of_list(value) {
            named.extend(ids);
            self.lists.push(key);
        } else if !value.is_empty() && IndexEntry::from_value(value).is_none() {
            failures.keep(AdapterError::new(Kind::Decode).with_source(
                "the list of a user's sessions that Lucia JS left is not a JSON array of ids: repair or delete it",
            ));
        }
    }
}

/// Returns the session ids in a list of Lucia JS.
pub(super) fn ids_of_list(value: &[u8]) -> Option<BTreeSet<SessionId>> {
    serde_json::from_slice(value).ok()
}
