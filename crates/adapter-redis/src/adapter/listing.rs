use std::collections::HashSet;

use lucia_core::{SessionSchema, UserId};

use super::{
    entries::{Entries, Ids},
    record,
    store::{MAX_ATTEMPTS, MAX_KEYS, Store},
};
use crate::{connections::Connections, error::Error};

/// The sessions of a user, while they are read.
pub(super) struct Listing {
    pub(super) entries: Entries,
    pub(super) sessions: Vec<SessionSchema>,
    /// The ids that were read.
    seen: HashSet<Vec<u8>>,
    attempts: usize,
}

impl Listing {
    pub(super) fn new(entries: Entries) -> Self {
        let sessions = Vec::with_capacity(entries.ids.len());
        Self { entries, sessions, seen: HashSet::new(), attempts: 0 }
    }

    /// Reads the sessions that the index names. Returns the ids to remove from the index: those whose session is gone, or is
    /// another user's; `None` if there are none, and the listing is complete.
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
                let is_theirs = value.is_some_and(|value| add(&mut self.sessions, user_id, id, &value));
                if !is_theirs {
                    stale.push(id.clone());
                }
            }
        }
        Ok((!stale.is_empty()).then_some(stale))
    }

    /// Adds the sessions of the index, whose values have been read with it. Returns the ids to remove from the index: those
    /// whose session is another user's.
    pub(super) fn add(&mut self, user_id: &UserId, values: Vec<Option<Vec<u8>>>) -> Option<Ids> {
        let found = self.entries.ids.iter().zip(values).filter_map(|(id, value)| Some((id, value?)));
        let stale = found.filter_map(|(id, value)| (!add(&mut self.sessions, user_id, id, &value)).then(|| id.clone()));
        let stale: Ids = stale.collect();
        (!stale.is_empty()).then_some(stale)
    }

    /// Goes on with the entries that are left: a session that got a new id since the index was read is in it under that.
    pub(super) fn continue_with(&mut self, entries: Entries) {
        self.seen.extend(std::mem::replace(&mut self.entries, entries).ids);
        self.entries.ids.retain(|id| !self.seen.contains(id));
    }
}

/// Adds a session if it is the user's. Returns whether its id may stay in the index.
fn add(sessions: &mut Vec<SessionSchema>, user_id: &UserId, id: &[u8], value: &[u8]) -> bool {
    match record::read(value, id) {
        Ok(session) if session.user_id == *user_id => sessions.push(session),
        Ok(_) => return false,
        // It stays in the index, so that a revocation of all reaches it.
        Err(error) => tracing::warn!(%error, "a session of a user could not be read and is left out"),
    }
    true
}
