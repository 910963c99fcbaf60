//! Reading the index of a user's sessions.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    KvSessionAdapter, KvStore,
    adapter::{decode, failure},
    entry::IndexEntry,
    lifetime,
    pages::Pages,
};
use crate::{AdapterError, AdapterErrorKind as Kind, AdapterResult, SessionId, SessionSchema, UserId};

/// What the index of a user names.
#[derive(Default)]
pub(super) struct Listed {
    /// The user's sessions.
    pub(super) sessions: Vec<SessionSchema>,
    /// Those of them that only a list of Lucia JS names.
    pub(super) unindexed: Vec<SessionSchema>,
    /// Sessions that are dead by anybody's clock, or were revoked: whoever did so may have been cut off.
    pub(super) ended: Vec<SessionId>,
    /// Sessions whose value is no session of this id.
    pub(super) corrupt: Vec<SessionId>,
    /// Sessions that could not be read.
    pub(super) unread: Vec<SessionId>,
    /// Why.
    pub(super) failures: Vec<AdapterError>,
    /// Entries without a session that nobody is about to write.
    pub(super) leftovers: Vec<String>,
    /// The lists of Lucia JS.
    pub(super) lists: Vec<String>,
    /// Lists that went while they were looked for: who replaced them wrote entries that the listing may lack.
    pub(super) vanished: Vec<String>,
    /// Entries that name no session, or one of another user.
    pointless: Vec<Pointless>,
}

struct Pointless {
    id: SessionId,
    entry: String,
    is_anothers: bool,
}

impl<S: KvStore> KvSessionAdapter<S> {
    /// What the index of a user names, and a list of Lucia JS that was read before, whose ids are `named`.
    pub(super) async fn listed(&self, user_id: &UserId, mut named: BTreeSet<SessionId>) -> AdapterResult<Listed> {
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
        let mut values = self.get_each(&wanted).await?.into_iter();
        match values.next() {
            Some(Ok(Some(value))) => listed.take_list(list_key, &value, &mut named),
            Some(Err(error)) => listed.failures.push(error),
            _ => {}
        }
        for ((id, entry), value) in entries.iter().zip(values) {
            self.sort_in(&mut listed, user_id, id, value, Some(entry));
        }
        self.look_at_pointless(user_id, &mut listed, &mut named).await?;
        named.retain(|id| !entries.contains_key(id));
        let keys: Vec<_> = named.iter().map(|id| self.layout.session_key(id)).collect();
        for (id, value) in named.iter().zip(self.get_each(&keys).await?) {
            self.sort_in(&mut listed, user_id, id, value, None);
        }
        Ok(listed)
    }

    /// Every key that begins with `prefix`, once.
    async fn all_keys(&self, prefix: String) -> AdapterResult<BTreeSet<String>> {
        let (mut keys, mut pages) = (BTreeSet::new(), Pages::of(prefix));
        while let Some(page) = pages.next(&self.store).await? {
            keys.extend(page);
        }
        Ok(keys)
    }

    fn sort_in(
        &self,
        listed: &mut Listed,
        user_id: &UserId,
        id: &SessionId,
        value: AdapterResult<Option<Vec<u8>>>,
        entry: Option<&String>,
    ) {
        match value.map(|value| value.map(|value| decode(&value, id))) {
            Ok(Some(Ok(session))) if session.user_id == *user_id => {
                if lifetime::is_long_dead(session.idle_expires, self.clock.now()) {
                    listed.ended.push(session.id);
                    return;
                }
                if entry.is_none() {
                    listed.unindexed.push(session.clone());
                }
                listed.sessions.push(session);
            }
            Ok(Some(Err(_))) => listed.corrupt.push(id.clone()),
            Ok(found) => listed.pointless.extend(entry.map(|entry| Pointless {
                id: id.clone(),
                entry: entry.clone(),
                is_anothers: found.is_some(),
            })),
            Err(error) => {
                listed.unread.push(id.clone());
                listed.failures.push(error);
            }
        }
    }

    /// Of the entries without a session, finds the lists of Lucia JS, those of sessions that were revoked, and those that no
    /// creation or renewal is about to make good: of dead sessions, and those of Lucia JS that are empty and name the user (bug
    /// U1). Any other entry that is empty is just being written.
    async fn look_at_pointless(
        &self,
        user_id: &UserId,
        listed: &mut Listed,
        named: &mut BTreeSet<SessionId>,
    ) -> AdapterResult<()> {
        let pointless = std::mem::take(&mut listed.pointless);
        let keys: Vec<_> =
            pointless.iter().flat_map(|each| [each.entry.clone(), self.layout.revoked_key(&each.id)]).collect();
        let mut values = self.get_each(&keys).await?.into_iter();
        let now = self.clock.now();
        for Pointless { id, entry, is_anothers } in pointless {
            let (value, tombstone) = match (values.next().unwrap_or(Ok(None)), values.next().unwrap_or(Ok(None))) {
                (Ok(value), Ok(tombstone)) => (value, tombstone),
                (Err(error), _) | (_, Err(error)) => {
                    listed.failures.push(error);
                    continue;
                }
            };
            let is_time = !id.as_str().is_empty() && id.as_str().bytes().all(|byte| byte.is_ascii_digit());
            let Some(value) = value else {
                if is_time && tombstone.is_none() {
                    listed.vanished.push(entry);
                }
                continue;
            };
            if tombstone.is_some() && !is_anothers {
                listed.ended.push(id);
            } else if tombstone.is_some()
                || value.is_empty() && id.as_str() == user_id.as_str()
                || IndexEntry::from_value(&value).is_some_and(|entry| entry.is_over(now))
            {
                listed.leftovers.push(entry);
            } else if is_time {
                listed.take_list(entry, &value, named);
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
    fn take_list(&mut self, key: String, value: &[u8], named: &mut BTreeSet<SessionId>) {
        if let Some(ids) = ids_of_list(value) {
            named.extend(ids);
            self.lists.push(key);
        } else if !value.is_empty() && IndexEntry::from_value(value).is_none() {
            self.failures.push(failure(Kind::Decode).with_source(
                "the list of a user's sessions that Lucia JS left is not a JSON array of ids: repair or delete it",
            ));
        }
    }

    /// Why sessions could not be read, be it for more than what they hold.
    pub(super) fn outage(&mut self) -> Option<AdapterError> {
        let index = self.failures.iter().position(|error| error.kind() != Kind::Decode)?;
        Some(self.failures.swap_remove(index))
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
