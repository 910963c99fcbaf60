//! Reading the index of a user's sessions.

use std::collections::{BTreeMap, BTreeSet};

use super::{KvSessionAdapter, KvStore, adapter::decode, lifetime};
use crate::{AdapterError, AdapterErrorKind as Kind, AdapterResult, SessionId, SessionSchema, UserId};

/// Pages in a row that name no key which was not named before.
const MAX_PAGES_WITHOUT_KEYS: usize = 100;
/// As many keys as are kept in memory: some gigabytes.
const MAX_KEYS: usize = 10_000_000;

/// What the index of a user names.
#[derive(Default)]
pub(super) struct Listed {
    /// The user's sessions.
    pub(super) sessions: Vec<SessionSchema>,
    /// Those of them that only the list of Lucia JS names.
    pub(super) unindexed: Vec<SessionSchema>,
    /// Sessions whose value cannot be read.
    pub(super) corrupt: Vec<SessionId>,
    /// Entries that name no session, or one of another user.
    pub(super) pointless: Vec<String>,
    /// Whether there is a list of Lucia JS.
    pub(super) has_list: bool,
}

impl<S: KvStore> KvSessionAdapter<S> {
    pub(super) async fn listed(&self, user_id: &UserId) -> AdapterResult<Listed> {
        let mut listed = Listed::default();
        let prefix = self.layout.index_prefix(user_id);
        if prefix.len() > self.store.max_key_length() {
            return Ok(listed);
        }
        let mut entries = BTreeMap::new();
        for key in self.all_keys(&prefix).await? {
            // What a layout with a longer prefix keeps here is none of ours.
            let parsed = self.layout.parse_index_key(&key).filter(|(owner, _)| owner == user_id);
            if let Some((_, id)) = parsed {
                entries.insert(id, key);
            }
        }
        // The list is read with the sessions, so that it costs nothing where the store reads many keys at once.
        let list_key = self.layout.list_key(user_id);
        let keys: Vec<_> = entries.keys().map(|id| self.layout.session_key(id)).collect();
        let wanted: Vec<_> = [&list_key].into_iter().chain(&keys).map(String::as_str).collect();
        let mut values = self.get_many(&wanted).await?.into_iter();
        let list = values.next().flatten();
        for ((id, entry), value) in entries.iter().zip(values) {
            listed.sort_in(user_id, id, value.as_deref(), Some(entry));
        }
        // A list that cannot be read names nobody, and is left alone.
        let list = list.and_then(|list| serde_json::from_slice::<BTreeSet<SessionId>>(&list).ok());
        if let Some(ids) = list {
            listed.has_list = true;
            let ids: Vec<_> = ids.into_iter().filter(|id| !entries.contains_key(id)).collect();
            let keys: Vec<_> = ids.iter().map(|id| self.layout.session_key(id)).collect();
            let values = self.get_many(&keys).await?;
            for (id, value) in ids.iter().zip(values) {
                listed.sort_in(user_id, id, value.as_deref(), None);
            }
        }
        Ok(listed)
    }

    /// Every key that begins with `prefix`, once.
    ///
    /// A store whose pages never end is an error: some stores have empty pages where keys have expired, but not many in a row.
    pub(super) async fn all_keys(&self, prefix: &str) -> AdapterResult<BTreeSet<String>> {
        let mut keys = BTreeSet::new();
        let mut cursors = BTreeSet::new();
        let mut cursor: Option<String> = None;
        let mut pages_without_keys = 0;
        loop {
            let page = self.store.list(prefix, cursor.as_deref()).await?;
            let before = keys.len();
            keys.extend(page.keys.into_iter().filter(|key| key.starts_with(prefix)));
            cursor = page.cursor;
            let Some(next) = &cursor else {
                return Ok(keys);
            };
            pages_without_keys = if keys.len() == before { pages_without_keys + 1 } else { 0 };
            if !cursors.insert(next.clone()) || pages_without_keys == MAX_PAGES_WITHOUT_KEYS {
                return Err(AdapterError::new(Kind::Backend, "list").with_source("the pages of the store do not end"));
            }
            if keys.len() > MAX_KEYS {
                return Err(
                    AdapterError::new(Kind::Backend, "list").with_source("the store lists more keys than it can have")
                );
            }
        }
    }

    /// Of these entries without a session, those that no creation or renewal is about to make good: what has expired, and what
    /// Lucia JS left, which is empty and names the user (bug U1). Any other entry that is empty is just being written.
    pub(super) async fn leftovers(&self, entries: Vec<String>) -> AdapterResult<Vec<String>> {
        let values = self.get_many(&entries).await?;
        let now = self.clock.now();
        let names_its_user = |entry: &str| {
            self.layout.parse_index_key(entry).is_some_and(|(user_id, id)| user_id.as_str() == id.as_str())
        };
        let leftovers = entries.into_iter().zip(values).filter(|(entry, value)| {
            let Some(value) = value else { return false };
            lifetime::is_over(value, now) || value.is_empty() && names_its_user(entry)
        });
        Ok(leftovers.map(|(entry, _)| entry).collect())
    }

    /// Deletes the list of Lucia JS, after writing an entry for each session that it alone names: for those that `keep` keeps,
    /// or for all.
    pub(super) async fn replace_list(&self, user_id: &UserId, listed: &Listed, keep: Keep<'_>) -> AdapterResult<()> {
        if !listed.has_list {
            return Ok(());
        }
        let kept = listed.unindexed.iter().filter(|session| keep.keeps(&session.id));
        let entries: Vec<_> = kept.map(|session| self.index_entry(session, lifetime::of_moved_entry)).collect();
        self.put_many(&entries).await?;
        self.store.delete(&self.layout.list_key(user_id)).await
    }
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

impl Listed {
    fn sort_in(&mut self, user_id: &UserId, id: &SessionId, value: Option<&[u8]>, entry: Option<&String>) {
        match value.map(|value| decode(value, id)) {
            Some(Ok(session)) if session.user_id == *user_id => {
                if entry.is_none() {
                    self.unindexed.push(session.clone());
                }
                self.sessions.push(session);
            }
            Some(Err(_)) => self.corrupt.push(id.clone()),
            Some(Ok(_)) | None => self.pointless.extend(entry.cloned()),
        }
    }
}
