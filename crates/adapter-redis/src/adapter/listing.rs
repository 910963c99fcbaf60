use std::collections::HashSet;

use lucia_core::{SessionSchema, UserId};

use super::{
    entries::{Entries, Ids},
    record,
    store::{MAX_ATTEMPTS, MAX_KEYS, Store},
};
use crate::{connections::Connections, error::Error, prefixes::Prefixes};

/// The state of listing a user's sessions.
pub(super) struct Listing {
    pub(super) entries: Entries,
    pub(super) sessions: Vec<SessionSchema>,
    /// The ids that have been read.
    seen: HashSet<Vec<u8>>,
    attempts: usize,
}

impl Listing {
    pub(super) fn new(entries: Entries) -> Self {
        let sessions = Vec::with_capacity(entries.ids.len());
        Self { entries, sessions, seen: HashSet::new(), attempts: 0 }
    }

    /// Reads the sessions in the index. Returns the ids to remove from it, whose sessions do not exist or belong to
    /// another user; `None` if the listing is complete.
    pub(super) async fn read<C: Connections>(
        &mut self,
        store: &Store<C>,
        connection: &mut C::Connection,
        user_id: &UserId,
    ) -> Result<Option<Ids>, Error> {
        if self.attempts == MAX_ATTEMPTS {
            return Ok(None);
        }
        self.attempts += 1;
        let mut stale = Vec::new();
        for chunk in self.entries.ids.chunks(MAX_KEYS) {
            for (id, value) in chunk.iter().zip(store.get_many(connection, chunk).await?) {
                let is_theirs =
                    value.is_some_and(|value| add(&store.prefixes, &mut self.sessions, user_id, id, &value));
                if !is_theirs {
                    stale.push(id.clone());
                }
            }
        }
        Ok((!stale.is_empty()).then_some(stale))
    }

    /// Adds the sessions of the index, whose values were read with it. Returns the ids to remove from the index, whose
    /// sessions belong to another user.
    pub(super) fn add(&mut self, prefixes: &Prefixes, user_id: &UserId, values: Vec<Option<Vec<u8>>>) -> Option<Ids> {
        let found = self.entries.ids.iter().zip(values).filter_map(|(id, value)| Some((id, value?)));
        let sessions = &mut self.sessions;
        let stale: Ids = found
            .filter_map(|(id, value)| (!add(prefixes, sessions, user_id, id, &value)).then(|| id.clone()))
            .collect();
        (!stale.is_empty()).then_some(stale)
    }

    /// Continues with the remaining entries, which contain the new id of a session that was rotated after the index was
    /// read.
    pub(super) fn continue_with(&mut self, entries: Entries) {
        self.seen.extend(std::mem::replace(&mut self.entries, entries).ids);
        self.entries.ids.retain(|id| !self.seen.contains(id));
    }
}

/// Adds a session if it belongs to the user. Returns `true` if its id should remain in the index.
fn add(prefixes: &Prefixes, sessions: &mut Vec<SessionSchema>, user_id: &UserId, id: &[u8], value: &[u8]) -> bool {
    match record::read(prefixes, value, id) {
        Ok(session) if session.user_id == *user_id => sessions.push(session),
        Ok(_) => return false,
        // It remains in the index, so that a revocation of all sessions deletes it.
        Err(error) => tracing::warn!(%error, "a session could not be decoded and was omitted from a list"),
    }
    true
}
