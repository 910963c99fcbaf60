//! The operations on a cluster, whose servers store a session and its index separately. They change one key at a time,
//! in an order that leaves no live session outside its index if the client fails between two steps.

use std::collections::HashSet;

use lucia_core::{AdapterErrorKind as Kind, SessionId, SessionSchema, SessionToken, SessionUpdate, UserId};

use super::{
    compare_and_set::CompareAndSet,
    entries::{Entries, Ids, announces_new},
    fan_out::fan_out,
    listing::Listing,
    record,
    store::{MAX_ATTEMPTS, MAX_KEYS, Store},
};
use crate::{
    classify::is_wrong_type,
    connections::{Batched, ConnectionError, Connections},
    error::Error,
    key::Key,
    script::Reply,
};

/// The outcome of deleting several sessions.
#[derive(Default)]
struct Revocation {
    /// The ids whose outcome is known.
    settled: HashSet<Vec<u8>>,
    /// The ids that had no session.
    absent: HashSet<Vec<u8>>,
    /// The error because of which the outcome of the others is unknown.
    error: Option<Error>,
}

pub(super) struct Cluster<C> {
    pub(super) store: Store<C>,
}

/// Whether another call may store the same session at the same time, which is then this call's or the other's.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Twins {
    None,
    Possible,
}

impl<C: Connections> Cluster<C> {
    pub(super) async fn get_sessions_by_user_id(&self, user_id: &UserId) -> Result<Vec<SessionSchema>, Error> {
        let Ok(index) = self.store.prefixes.user_sessions_key(user_id) else { return Ok(Vec::new()) };
        let mut connection = self.store.connection().await?;
        let mut listing = Listing::new(self.entries(&mut connection, index).await?);
        while let Some(stale) = listing.read(&self.store, &mut connection, user_id).await? {
            let left = self.delete_expired_entries(&mut connection, index, &stale, &listing.entries).await?;
            listing.continue_with(left);
        }
        Ok(listing.sessions)
    }

    /// Writes an announcement, the session, and the index entry, so that a listing between any two writes finds the
    /// session and removes nothing that it needs.
    pub(super) async fn set_session(&self, session: &SessionSchema) -> Result<(), Error> {
        let mut connection = self.store.connection().await?;
        match self.insert(&mut connection, session, Twins::None).await? {
            Reply::Done | Reply::Ended => Ok(()),
            _ => Err(Error::Refused(Kind::DuplicateSessionId)),
        }
    }

    async fn insert(&self, connection: &mut Batched<C>, session: &SessionSchema, twins: Twins) -> Result<Reply, Error> {
        let ([key, index], id) = (self.store.prefixes.keys(session)?, session.id.as_str().as_bytes());
        let (json, at) = (session.to_json(), record::expiry(session.idle_expires));
        let arguments: [&[u8]; 3] = [id, at.as_bytes(), self.store.expires];
        let announced = self.store.scripts.cluster_announce.run(connection, &[index], &arguments).await;
        let announcement = match announced.map_err(|error| self.store.entry_error(error))? {
            Reply::Found(announcement) => vec![announcement],
            // The session has expired.
            _ => Ids::new(),
        };
        let created =
            self.store.scripts.cluster_create.run(connection, &[key], &[json.as_bytes(), at.as_bytes()]).await;
        let mut is_twin = false;
        let reply = match created {
            Ok(Reply::Done) => Reply::Done,
            // The driver repeats a command after a failover. If the index had no entry before, only this call can have
            // stored this session.
            Ok(Reply::Found(value)) if value == json.as_bytes() && announcement.iter().any(|it| announces_new(it)) => {
                is_twin = twins == Twins::Possible;
                Reply::Done
            }
            Ok(Reply::Ended) => Reply::Ended,
            Ok(Reply::Found(_) | Reply::Refused | Reply::Gone) => Reply::Refused,
            // The session may have been written nonetheless, so the announcement is kept.
            Err(error) => return Err(error.into()),
        };
        if reply != Reply::Done {
            self.leave(connection, index, &announcement).await?;
            return Ok(reply);
        }
        let arguments = [id, at.as_bytes(), self.store.expires, announcement.first().map_or(b"", Vec::as_slice)];
        if let Err(error) = self.store.scripts.cluster_settle.run::<Reply>(connection, &[index], &arguments).await {
            // The caller does not use the id after an error. If this deletion fails too, the session remains listed
            // through its announcement until it expires.
            if !is_twin {
                let arguments = [json.as_bytes(), id];
                let _ = self.store.scripts.cluster_delete.run::<Reply>(connection, &[key], &arguments).await;
            }
            return Err(self.store.entry_error(error));
        }
        Ok(if is_twin { Reply::Refused } else { Reply::Done })
    }

    /// Replaces a session. Updates the index first, so that it does not expire before the session. If the update makes
    /// the session expire, the index entry is removed last.
    async fn swap(
        &self,
        connection: &mut Batched<C>,
        old: &[u8],
        session: &SessionSchema,
        moves_expiry: bool,
    ) -> Result<Reply, Error> {
        if moves_expiry {
            self.enter(connection, session).await?;
        }
        let key = self.store.prefixes.session_key(&session.id)?;
        let (json, at) = (session.to_json(), record::expiry(session.idle_expires));
        let arguments = [old, json.as_bytes(), at.as_bytes(), session.id.as_str().as_bytes()];
        match self.store.scripts.cluster_swap.run(connection, &[key], &arguments).await? {
            // As above, the driver repeated the command.
            Reply::Found(value) if value == json.as_bytes() => Ok(Reply::Done),
            Reply::Ended => {
                self.forget(connection, session).await?;
                Ok(Reply::Ended)
            }
            reply => Ok(reply),
        }
    }

    pub(super) async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> Result<(), Error> {
        if update.is_empty() {
            return self.store.touch(session_id).await;
        }
        let mut connection = self.store.connection().await?;
        let value = self.store.get(&mut connection, session_id).await?;
        let value = value.ok_or(Error::Refused(Kind::InvalidSessionId))?;
        let mut attempts = CompareAndSet::new(value);
        loop {
            let session = record::updated(&self.store.prefixes, &attempts.expected, session_id, update)?;
            let moves_expiry = update.idle_expires.is_some();
            let reply = self.swap(&mut connection, &attempts.expected, &session, moves_expiry).await?;
            if let Some(outcome) = attempts.outcome(reply, Kind::InvalidSessionId) {
                return outcome;
            }
        }
    }

    /// Stores the new session before it deletes the old one, and deletes the new one if the old one no longer exists.
    /// If the old session changed meanwhile, the new one is updated in place: it must not be deleted and created again,
    /// because a revocation considers a missing session deleted.
    pub(super) async fn rotate_session(
        &self,
        old: &SessionId,
        new: &SessionId,
        update: &SessionUpdate,
    ) -> Result<(), Error> {
        let connection = &mut self.store.connection().await?;
        let value = self.store.get_rotating(connection, old, new).await?;
        let mut session = record::rotated(&self.store.prefixes, &value, old, new, update)?;
        // Parallel renewals of a session give it the same id.
        let is_move = SessionToken::new(old.as_str()).hashed_id() == *new;
        let twins = if is_move { Twins::Possible } else { Twins::None };
        if self.insert(connection, &session, twins).await? == Reply::Refused {
            return Err(Error::Refused(Kind::DuplicateSessionId));
        }
        let key = self.store.prefixes.session_key(old)?;
        let mut attempts = CompareAndSet::new(value);
        let outcome = loop {
            let arguments = [&attempts.expected, old.as_str().as_bytes()];
            let reply = self.store.scripts.cluster_delete.run(connection, &[key], &arguments).await?;
            if let Some(outcome) = attempts.outcome(reply, Kind::InvalidSessionId) {
                break outcome;
            }
            let json = session.to_json();
            match record::rotated(&self.store.prefixes, &attempts.expected, old, new, update) {
                Ok(changed) => session = changed,
                Err(error) => break Err(error),
            }
            // If it does not exist, a revocation has deleted it, and is about to find the old one.
            self.swap(connection, json.as_bytes(), &session, true).await?;
        };
        let gone = if outcome.is_ok() { old } else { &session.id };
        if outcome.is_err() {
            let (key, json) = (self.store.prefixes.session_key(&session.id)?, session.to_json());
            let arguments = [&json, session.id.as_str()].map(str::as_bytes);
            self.store.scripts.cluster_delete.run::<Reply>(connection, &[key], &arguments).await?;
        }
        let index = self.store.prefixes.user_sessions_key(&session.user_id)?;
        self.leave(connection, index, &vec![gone.as_str().as_bytes().to_vec()]).await?;
        outcome
    }

    pub(super) async fn delete_session(&self, session_id: &SessionId) -> Result<(), Error> {
        let Ok(key) = self.store.prefixes.session_key(session_id) else { return Ok(()) };
        let mut connection = self.store.connection().await?;
        let Store { scripts, replicas, .. } = &self.store;
        let arguments = [session_id.as_str().as_bytes()];
        let value: Option<Vec<u8>> =
            scripts.cluster_take.run_confirmed(&mut connection, *replicas, &[key], &arguments).await?;
        // Without a record the user is unknown. The entry is removed when the user's index is read.
        let session = value.map(|value| record::read(&self.store.prefixes, &value, session_id.as_str().as_bytes()));
        let Some(Ok(Some(session))) = session else { return Ok(()) };
        match self.forget(&mut connection, &session).await {
            // Another value has replaced the index. The session is deleted.
            Err(Error::Connection(ConnectionError::Redis(error))) if is_wrong_type(&error) => Ok(()),
            forgotten => forgotten,
        }
    }

    /// Deletes all sessions of a user that were created before the call, except `keep`.
    pub(super) async fn delete_sessions(&self, user_id: &UserId, keep: Option<&SessionId>) -> Result<(), Error> {
        let Ok(index) = self.store.prefixes.user_sessions_key(user_id) else { return Ok(()) };
        // Releases each connection before taking another: a pool may have only one.
        let mut entries = self.entries(&mut self.store.connection().await?, index).await?;
        let mut seen = HashSet::new();
        for _ in 0..MAX_ATTEMPTS {
            let is_open = |id: &Vec<u8>| !seen.contains(id) && keep.is_none_or(|keep| id != keep.as_str().as_bytes());
            let ids: Ids = entries.ids.iter().filter(|id| is_open(id)).cloned().collect();
            let Revocation { settled, absent, error } = self.revoke(user_id, &ids).await;
            let is_announced = |id: &Vec<u8>| !entries.announcements(id).is_empty();
            // A session that is announced but does not exist may still be written.
            let is_open = |id: &Vec<u8>| !settled.contains(id) || (absent.contains(id) && is_announced(id));
            let (open, closed): (Ids, Ids) = ids.into_iter().partition(is_open);
            let announcements = closed.iter().flat_map(|id| entries.announcements(id)).cloned();
            let leaving = closed.iter().cloned().chain(announcements).collect();
            let left = self.leave(&mut self.store.connection().await?, index, &leaving).await?;
            if let Some(error) = error {
                return Err(error);
            }
            // An entry without a session may be that of a rotated session, whose new id is in the index.
            if absent.len() == open.len() {
                return Ok(());
            }
            seen.extend(closed);
            entries = Entries::from(left);
        }
        Err(Error::Unsettled)
    }

    /// Deletes the sessions that belong to the user.
    async fn revoke(&self, user_id: &UserId, ids: &Ids) -> Revocation {
        let revocations = ids.iter().map(|id| self.revoke_one(user_id, id)).collect();
        let (replies, error) = fan_out(revocations).await;
        let mut revoked = Revocation { error, ..Revocation::default() };
        for (id, reply) in replies {
            revoked.settled.insert(id.clone());
            if reply == Reply::Refused {
                revoked.absent.insert(id.clone());
            }
        }
        revoked
    }

    /// Deletes a session of the user. Returns `Refused` if it does not exist.
    async fn revoke_one<'a>(&self, user_id: &UserId, id: &'a Vec<u8>) -> Result<(&'a Vec<u8>, Reply), Error> {
        let Store { prefixes, scripts, replicas, .. } = &self.store;
        let Ok(key) = prefixes.session_key_of(id) else { return Ok((id, Reply::Done)) };
        let mut connection = self.store.connection().await?;
        let arguments = [user_id.as_str().as_bytes(), id];
        let reply = scripts.cluster_revoke.run_confirmed(&mut connection, *replicas, &[key], &arguments).await?;
        Ok((id, reply))
    }

    /// Removes entries whose sessions no longer exist. Returns the remaining entries, or nothing if no entry was
    /// removed.
    async fn delete_expired_entries(
        &self,
        connection: &mut Batched<C>,
        index: Key<'_>,
        stale: &Ids,
        entries: &Entries,
    ) -> Result<Entries, Error> {
        let (announced, gone): (Ids, Ids) = stale.iter().cloned().partition(|id| !entries.announcements(id).is_empty());
        let announcements: Vec<_> =
            announced.iter().flat_map(|id| entries.announcements(id)).map(Vec::as_slice).collect();
        for chunk in announcements.chunks(MAX_KEYS) {
            self.store.scripts.cluster_delete_expired_announcements.run::<Reply>(connection, &[index], chunk).await?;
        }
        self.leave(connection, index, &gone).await.map(Entries::from)
    }

    /// Reads the members of an index.
    async fn entries(&self, connection: &mut Batched<C>, index: Key<'_>) -> Result<Entries, Error> {
        let ids: Ids = match redis::cmd("SMEMBERS").arg(index).query_async(connection).await {
            // The index is the list of an old release of Lucia JS, or its key is that of a session.
            Err(error) if is_wrong_type(&error) => {
                let arguments = [self.store.prefixes.session.as_bytes()];
                self.store.scripts.cluster_members.run(connection, &[index], &arguments).await?
            }
            ids => ids?,
        };
        Ok(Entries::from(ids))
    }

    /// Adds a session to its index, and extends the index's expiry to at least that of the session.
    async fn enter(&self, connection: &mut Batched<C>, session: &SessionSchema) -> Result<(), Error> {
        let (index, at) =
            (self.store.prefixes.user_sessions_key(&session.user_id)?, record::expiry(session.idle_expires));
        let arguments = [session.id.as_str().as_bytes(), at.as_bytes(), self.store.expires];
        let entered = self.store.scripts.cluster_enter.run::<Reply>(connection, &[index], &arguments).await;
        entered.map(drop).map_err(|error| self.store.entry_error(error))
    }

    async fn forget(&self, connection: &mut Batched<C>, session: &SessionSchema) -> Result<(), Error> {
        let index = self.store.prefixes.user_sessions_key(&session.user_id)?;
        self.leave(connection, index, &vec![session.id.as_str().as_bytes().to_vec()]).await.map(drop)
    }

    /// Removes ids from an index, and returns the remaining members.
    async fn leave(&self, connection: &mut Batched<C>, index: Key<'_>, ids: &Ids) -> Result<Ids, Error> {
        let mut left = Vec::new();
        for chunk in ids.chunks(MAX_KEYS) {
            let arguments: Vec<_> = chunk.iter().map(Vec::as_slice).collect();
            left = self.store.scripts.cluster_leave.run(connection, &[index], &arguments).await?;
        }
        Ok(left)
    }
}
