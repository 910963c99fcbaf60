use std::collections::HashSet;

use lucia_core::{SessionSchema, UserId};

use super::{
    entries::{Entries, Ids},
    record,
    store::{MAX_ATTEMPTS, MAX_KEYS, Store},
};
use crate::{
    connections::{Batched, Connections},
    error::Error,
    prefixes::Prefixes,
};

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
        connection: &mut Batched<C>,
        user_id: &UserId,
    ) -> Result<Option<Ids>, Error> {
        if self.attempts == MAX_ATTEMPTS {
            return Ok(None);
        }
        self.attempts += 1;
        let Self { entries, sessions, .. } = self;
        let mut stale = Vec::new();
        for chunk in entries.ids.chunks(MAX_KEYS) {
            let values = store.get_many(connection, chunk).await?;
            stale.extend(add(&store.prefixes, sessions, user_id, chunk, &values));
        }
        Ok((!stale.is_empty()).then_some(stale))
    }

    /// Adds the sessions of the index, whose values were read with it. Returns the ids to remove from the index.
    pub(super) fn add(&mut self, prefixes: &Prefixes, user_id: &UserId, values: &[Option<Vec<u8>>]) -> Ids {
        let Self { entries, sessions, .. } = self;
        add(prefixes, sessions, user_id, &entries.ids, values)
    }

    /// Continues with the remaining entries, which contain the new id of a session that was rotated after the index was
    /// read.
    pub(super) fn continue_with(&mut self, entries: Entries) {
        self.seen.extend(std::mem::replace(&mut self.entries, entries).ids);
        self.entries.ids.retain(|id| !self.seen.contains(id));
    }
}

/// Adds the sessions that belong to the user. Returns the other ids, whose sessions do not exist or belong to another user.
fn add(
    prefixes: &Prefixes,
    sessions: &mut Vec<SessionSchema>,
    user_id: &UserId,
    ids: &[Vec<u8>],
    values: &[Option<Vec<u8>>],
) -> Ids {
    let mut stale = Ids::new();
    for (id, value) in ids.iter().zip(values) {
        match value.as_ref().map(|value| record::read(prefixes, value, id)) {
            Some(Ok(Some(session))) if session.user_id == *user_id => sessions.push(session),
            Some(Ok(_)) | None => stale.push(id.clone()),
            // It remains in the index, so that a revocation of all sessions deletes it.
            Some(Err(error)) => {
                tracing::warn!(%error, "a session could not be decoded and was omitted from a list");
            }
        }
    }
    stale
}
