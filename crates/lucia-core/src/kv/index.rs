//! Reading the index of a user's sessions.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    KvSessionAdapter, KvStore,
    adapter::decode,
    bulk::Failures,
    entry::IndexEntry,
    lifetime,
    pages::{Pages, endless},
};
use crate::{AdapterError, AdapterErrorKind as Kind, AdapterResult, SessionId, SessionSchema, UserId};

/// As many keys as are kept in memory: some gigabytes.
const MAX_KEYS: usize = 10_000_000;

/// What the index of a user names.
#[derive(Default)]
pub(super) struct Listed {
    /// The user's sessions.
    pub(super) sessions: Vec<SessionSchema>,
    /// Those of them that only a list of Lucia JS names.
    pub(super) unindexed: Vec<SessionSchema>,
    /// Sessions that are dead by every clock, or were revoked: whoever did so may have been cut off.
    pub(super) dead: Vec<SessionId>,
    /// Sessions whose value is no session of this id.
    pub(super) corrupt: Vec<SessionId>,
    /// Sessions that could not be read.
    pub(super) unread: Vec<SessionId>,
    /// Entries without a session that nobody is about to write.
    pub(super) stale_entries: Vec<String>,
    /// The lists of Lucia JS.
    pub(super) lists: Vec<String>,
    /// Lists that went while they were looked for: who replaced them wrote entries that the listing may lack.
    pub(super) vanished_lists: Vec<String>,
    /// Entries that name no session, or one of another user.
    dangling: Vec<Dangling>,
}

struct Dangling {
    id: SessionId,
    entry: String,
    is_anothers: bool,
}

impl<S: KvStore> KvSessionAdapter<S> {
    /// What the index of a user names, and a list of Lucia JS that was read before, whose ids are `named`.
    pub(super) async fn listed(
        &self,
        user_id: &UserId,
        mut named: BTreeSet<SessionId>,
        failures: &mut Failures,
    ) -> AdapterResult<Listed> {
        let mut listed = Listed::default();
        let mut entries = BTreeMap::new();
        for key in self.all_keys(self.layout.index_prefix(user_id)).await? {
            // What a layout with a longer prefix keeps here belongs to others.
            let parsed = self.layout.parse_index_key(&key).filter(|(owner, _)| owner == user_id);
            if let Some((_, id)) = parsed {
                entries.insert(id, key);
            }
        }
        // The list is read with the sessions, so that it costs nothing where the store reads many keys at once.
        let list_key = self.layout.list_key(user_id);
        let keys: Vec<_> = entries.keys().map(|id| self.layout.session_key(id)).collect();
        let wanted: Vec<_> = [&list_key].into_iter().chain(&keys).map(String::as_str).collect();
        let mut values = self.get_each(&wanted, failures).await?.into_iter();
        if let Some(value) = values.next().flatten().flatten() {
            listed.take_list(list_key, &value, &mut named, failures);
        }
        for ((id, entry), value) in entries.iter().zip(values) {
            self.sort(&mut listed, user_id, id, value, Some(entry));
        }
        self.sort_dangling(user_id, &mut listed, &mut named, failures).await?;
        named.retain(|id| !entries.contains_key(id));
        let keys: Vec<_> = named.iter().map(|id| self.layout.session_key(id)).collect();
        for (id, value) in named.iter().zip(self.get_each(&keys, failures).await?) {
            self.sort(&mut listed, user_id, id, value, None);
        }
        Ok(listed)
    }

    /// Every key that begins with `prefix`, once.
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

    /// Sorts in a session by its value, which is `None` if it could not be read.
    fn sort(
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
        match value.map(|value| decode(&value, id)) {
            Some(Ok(session)) if session.user_id == *user_id => {
                if lifetime::is_long_dead(session.idle_expires, self.clock.now()) {
                    listed.dead.push(session.id);
                    return;
                }
                if entry.is_none() {
                    listed.unindexed.push(session.clone());
                }
                listed.sessions.push(session);
            }
            Some(Err(_)) => listed.corrupt.push(id.clone()),
            found => listed.dangling.extend(entry.map(|entry| Dangling {
                id: id.clone(),
                entry: entry.clone(),
                is_anothers: found.is_some(),
            })),
        }
    }

    /// Of the entries without a session, finds the lists of Lucia JS, those of sessions that were revoked, and those that no
    /// creation or renewal is about to make good: of dead sessions, and those of Lucia JS that are empty and name the user (bug
    /// U1). Any other entry that is empty is just being written.
    async fn sort_dangling(
        &self,
        user_id: &UserId,
        listed: &mut Listed,
        named: &mut BTreeSet<SessionId>,
        failures: &mut Failures,
    ) -> AdapterResult<()> {
        let dangling = std::mem::take(&mut listed.dangling);
        let keys: Vec<_> =
            dangling.iter().flat_map(|each| [each.entry.clone(), self.layout.revoked_key(&each.id)]).collect();
        let mut values = self.get_each(&keys, failures).await?.into_iter();
        let now = self.clock.now();
        for Dangling { id, entry, is_anothers } in dangling {
            let (Some(value), Some(tombstone)) = (values.next().flatten(), values.next().flatten()) else {
                continue;
            };
            let is_time = !id.as_str().is_empty() && id.as_str().bytes().all(|byte| byte.is_ascii_digit());
            let Some(value) = value else {
                if is_time && tombstone.is_none() {
                    listed.vanished_lists.push(entry);
                }
                continue;
            };
            if tombstone.is_some() && !is_anothers {
                listed.dead.push(id);
            } else if tombstone.is_some()
                || value.is_empty() && id.as_str() == user_id.as_str()
                || IndexEntry::from_value(&value).is_some_and(|entry| entry.is_over(now))
            {
                listed.stale_entries.push(entry);
            } else if is_time {
                listed.take_list(entry, &value, named, failures);
            }
        }
        Ok(())
    }

    /// Deletes the lists of Lucia JS, after writing an entry for each session that they alone name: for those that `keep`
    /// keeps, or for all. They stay as long as one of those is not known well enough for an entry.
    pub(super) async fn replace_lists(&self, listed: &Listed, keep: Keep<'_>) -> AdapterResult<()> {
        let is_unknown = listed.corrupt.iter().chain(&listed.unread).any(|id| keep.keeps(id));
        if listed.lists.is_empty() || is_unknown {
            return Ok(());
        }
        let kept = listed.unindexed.iter().filter(|session| keep.keeps(&session.id));
        let entries: Vec<_> = kept.map(|session| self.index_entry(session, lifetime::of_moved_entry, None)).collect();
        self.put_many(&entries).await?;
        self.delete_many(&listed.lists).await
    }
}

impl Listed {
    /// Takes the ids of a list of Lucia JS. Nobody knows whom one names that cannot be read: it is left alone, and a failure.
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

/// The session ids of a list of Lucia JS.
pub(super) fn ids_of_list(value: &[u8]) -> Option<BTreeSet<SessionId>> {
    serde_json::from_slice(value).ok()
}

/// Which sessions of a user stay.
#[derive(Clone, Copy, Debug)]
pub(super) enum Keep<'a> {
    All,
    One(&'a SessionId),
    None,
}

impl Keep<'_> {
    pub(super) fn keeps(self, id: &SessionId) -> bool {
        match self {
            Self::All => true,
            Self::One(kept) => kept == id,
            Self::None => false,
        }
    }
}
