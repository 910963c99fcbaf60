//! Changes on a cluster, where a session and its index lie on different servers: one key at a time, in an order that leaves
//! no live session outside its index if the client dies between two steps.

use std::collections::HashSet;

use futures_util::{StreamExt, stream};
use lucia_core::{AdapterErrorKind as Kind, SessionId, SessionSchema, UserId};

use super::{
    Inner,
    entries::{Entries, Ids, announces_new},
    list::{CHUNK, ROUNDS},
    record,
    update::ATTEMPTS,
};
use crate::{Connections, error::Error, key::Key, script::Reply};

/// How many sessions are revoked at the same time.
const AT_ONCE: usize = 64;
/// After so many failures in a row no server is there. One that fails alone fails no more than those that are under way, as
/// others succeed in between.
const HOPELESS: usize = 2 * AT_ONCE;

/// What became of sessions that were to be deleted.
#[derive(Default)]
struct Revoked {
    /// The ids of which it is known.
    settled: HashSet<Vec<u8>>,
    /// The ids of which there was no session.
    absent: HashSet<Vec<u8>>,
    /// Why it is not known of the others.
    error: Option<Error>,
}

impl<C: Connections> Inner<C> {
    /// Announcement, session, entry: a listing between any two of them finds what there is, and removes nothing of it.
    pub(super) async fn cluster_set_session(&self, session: &SessionSchema) -> Result<(), Error> {
        let mut connection = self.connection().await?;
        match self.cluster_insert(&mut connection, session).await? {
            Reply::Done | Reply::Ended => Ok(()),
            _ => Err(Error::Refused(Kind::DuplicateSessionId)),
        }
    }

    async fn cluster_insert(&self, connection: &mut C::Connection, session: &SessionSchema) -> Result<Reply, Error> {
        let (index, id) = (self.namespaces.index_key(&session.user_id), session.id.as_str().as_bytes());
        let (json, at) = (session.to_json(), record::expiry(session));
        let arguments: [&[u8]; 3] = [id, at.as_bytes(), self.expires];
        let announcement = match self.scripts.cluster_announce.run(connection, &[index], &arguments).await? {
            Reply::Found(announcement) => vec![announcement],
            // It has ended.
            _ => Ids::new(),
        };
        let key = self.namespaces.session_key(&session.id);
        let created = self.scripts.cluster_create.run(connection, &[key], &[json.as_bytes(), at.as_bytes()]).await;
        let reply = match created {
            Ok(Reply::Done) => Reply::Done,
            // The driver sends a command again after a fail-over. Without an entry in the index before, nobody but this call
            // has stored this session.
            Ok(Reply::Found(value)) if value == json.as_bytes() && announcement.iter().any(|it| announces_new(it)) => {
                Reply::Done
            }
            Ok(Reply::Ended) => Reply::Ended,
            Ok(Reply::Found(_) | Reply::Refused | Reply::Gone) => Reply::Refused,
            // It may have been written nevertheless: the announcement stays.
            Err(error) => return Err(error.into()),
        };
        if reply != Reply::Done {
            self.cluster_leave(connection, index, &announcement).await?;
            return Ok(reply);
        }
        let arguments = [id, at.as_bytes(), self.expires, announcement.first().map_or(b"", Vec::as_slice)];
        if let Err(error) = self.scripts.cluster_settle.run::<Reply>(connection, &[index], &arguments).await {
            // Whoever asked will not learn the id. If this fails too, the session is listed as announced, and expires.
            let _ = self.scripts.cluster_delete.run::<Reply>(connection, &[key], &[json.as_bytes()]).await;
            return Err(error.into());
        }
        Ok(Reply::Done)
    }

    /// Index first, so that it does not expire before the session. An update that ends the session ends the entry last.
    pub(super) async fn cluster_swap(
        &self,
        connection: &mut C::Connection,
        old: &[u8],
        session: &SessionSchema,
        moves_expiry: bool,
    ) -> Result<Reply, Error> {
        if moves_expiry {
            self.cluster_enter(connection, session).await?;
        }
        let key = self.namespaces.session_key(&session.id);
        let (json, at) = (session.to_json(), record::expiry(session));
        let arguments = [old, json.as_bytes(), at.as_bytes()];
        match self.scripts.cluster_swap.run(connection, &[key], &arguments).await? {
            // As above: the driver has sent it twice.
            Reply::Found(value) if value == json.as_bytes() => Ok(Reply::Done),
            Reply::Ended => {
                self.cluster_forget(connection, session).await?;
                Ok(Reply::Ended)
            }
            reply => Ok(reply),
        }
    }

    /// The new session is whole before the old one goes, and goes itself if the old one is gone by then. If the old one has
    /// changed, the new one follows it: it cannot go and come again, because others take an id that has gone for dead.
    pub(super) async fn cluster_rotate(
        &self,
        connection: &mut C::Connection,
        old: &SessionId,
        mut value: Vec<u8>,
        rotate: impl Fn(&[u8]) -> Result<SessionSchema, Error>,
    ) -> Result<(), Error> {
        let mut session = rotate(&value)?;
        if self.cluster_insert(connection, &session).await? == Reply::Refused {
            return Err(Error::Refused(Kind::DuplicateSessionId));
        }
        let key = self.namespaces.session_key(old);
        let mut outcome = Err(Error::Refused(Kind::Conflict));
        for _ in 0..ATTEMPTS {
            match self.scripts.cluster_delete.run(connection, &[key], &[&value]).await? {
                Reply::Found(other) => value = other,
                Reply::Done => {
                    outcome = Ok(());
                    break;
                }
                _ => {
                    outcome = Err(Error::Refused(Kind::InvalidSessionId));
                    break;
                }
            }
            let json = session.to_json();
            match rotate(&value) {
                Ok(changed) => session = changed,
                Err(error) => {
                    outcome = Err(error);
                    break;
                }
            }
            // If it is not there, somebody has revoked it, and is about to find the old one.
            self.cluster_swap(connection, json.as_bytes(), &session, true).await?;
        }
        let gone = if outcome.is_ok() { old } else { &session.id };
        if outcome.is_err() {
            let (key, json) = (self.namespaces.session_key(&session.id), session.to_json());
            self.scripts.cluster_delete.run::<Reply>(connection, &[key], &[json.as_bytes()]).await?;
        }
        let index = self.namespaces.index_key(&session.user_id);
        self.cluster_leave(connection, index, &vec![gone.as_str().as_bytes().to_vec()]).await?;
        outcome
    }

    pub(super) async fn cluster_delete_session(&self, session_id: &SessionId) -> Result<(), Error> {
        let mut connection = self.connection().await?;
        let key = self.namespaces.session_key(session_id);
        let value: Option<Vec<u8>> =
            self.scripts.cluster_take.run_confirmed(&mut connection, self.replicas, &[key], &[]).await?;
        // Without a record nobody knows whose index names it. The entry goes when that index is read.
        if let Some(Ok(session)) = value.map(|value| record::read(&value, session_id.as_str().as_bytes())) {
            self.cluster_forget(&mut connection, &session).await?;
        }
        Ok(())
    }

    /// Deletes all sessions of a user that had been created before, but one.
    pub(super) async fn cluster_delete_sessions(
        &self,
        user_id: &UserId,
        keep: Option<&SessionId>,
    ) -> Result<(), Error> {
        let index = self.namespaces.index_key(user_id);
        // No connection is held while others are taken: a pool may have no more than one.
        let mut entries = self.members(&mut self.connection().await?, index).await?;
        let mut seen = HashSet::new();
        for _ in 0..ROUNDS {
            let is_open = |id: &Vec<u8>| !seen.contains(id) && keep.is_none_or(|keep| id != keep.as_str().as_bytes());
            let ids: Ids = entries.ids.iter().filter(|id| is_open(id)).cloned().collect();
            let Revoked { settled, absent, error } = self.cluster_revoke(user_id, &ids).await;
            let is_announced = |id: &Vec<u8>| !entries.announcements(id).is_empty();
            // What is announced and not there may be written yet.
            let is_open = |id: &Vec<u8>| !settled.contains(id) || (absent.contains(id) && is_announced(id));
            let (open, closed): (Ids, Ids) = ids.into_iter().partition(is_open);
            let announcements = closed.iter().flat_map(|id| entries.announcements(id)).cloned();
            let leaving = closed.iter().cloned().chain(announcements).collect();
            let left = self.cluster_leave(&mut self.connection().await?, index, &leaving).await?;
            if let Some(error) = error {
                return Err(error);
            }
            // Where an entry was without its session, that may have got a new id, and is in the index under it.
            if absent.len() == open.len() {
                return Ok(());
            }
            seen.extend(closed);
            entries = Entries::from(left);
        }
        Err(Error::Restless)
    }

    /// Deletes those of the sessions that are the user's. A server that fails keeps none of those on others alive.
    async fn cluster_revoke(&self, user_id: &UserId, ids: &Ids) -> Revoked {
        let (mut revoked, mut failures) = (Revoked::default(), 0);
        let revocations: Vec<_> = ids.iter().map(|id| self.cluster_revoke_one(user_id, id)).collect();
        let mut revocations = stream::iter(revocations).buffer_unordered(AT_ONCE);
        while let Some((id, reply)) = revocations.next().await {
            match reply {
                Ok(reply) => {
                    failures = 0;
                    revoked.settled.insert(id.clone());
                    if reply == Reply::Refused {
                        revoked.absent.insert(id.clone());
                    }
                }
                Err(error) => {
                    failures += 1;
                    revoked.error.get_or_insert(error);
                }
            }
            if failures == HOPELESS {
                break;
            }
        }
        revoked
    }

    /// Refused if there is no such session.
    async fn cluster_revoke_one<'a>(&self, user_id: &UserId, id: &'a Vec<u8>) -> (&'a Vec<u8>, Result<Reply, Error>) {
        let revoke = async {
            let mut connection = self.connection().await?;
            let (key, arguments) = (self.namespaces.session_key_of(id), [user_id.as_str().as_bytes()]);
            self.scripts.cluster_revoke.run_confirmed(&mut connection, self.replicas, &[key], &arguments).await
        };
        (id, revoke.await)
    }

    /// Removes entries whose sessions are gone, and returns what the index names then; nothing if none was removed.
    pub(super) async fn cluster_tidy(
        &self,
        connection: &mut C::Connection,
        index: Key<'_>,
        stale: &Ids,
        entries: &Entries,
    ) -> Result<Entries, Error> {
        let (announced, gone): (Ids, Ids) = stale.iter().cloned().partition(|id| !entries.announcements(id).is_empty());
        let announcements: Vec<_> =
            announced.iter().flat_map(|id| entries.announcements(id)).map(Vec::as_slice).collect();
        for chunk in announcements.chunks(CHUNK) {
            self.scripts.cluster_prune.run::<Reply>(connection, &[index], chunk).await?;
        }
        self.cluster_leave(connection, index, &gone).await.map(Entries::from)
    }

    /// Adds a session to its index, which lives at least as long.
    async fn cluster_enter(&self, connection: &mut C::Connection, session: &SessionSchema) -> Result<(), Error> {
        let (index, at) = (self.namespaces.index_key(&session.user_id), record::expiry(session));
        let arguments = [session.id.as_str().as_bytes(), at.as_bytes(), self.expires];
        self.scripts.cluster_enter.run::<Reply>(connection, &[index], &arguments).await?;
        Ok(())
    }

    async fn cluster_forget(&self, connection: &mut C::Connection, session: &SessionSchema) -> Result<(), Error> {
        let index = self.namespaces.index_key(&session.user_id);
        self.cluster_leave(connection, index, &vec![session.id.as_str().as_bytes().to_vec()]).await.map(drop)
    }

    /// Removes ids from an index, and returns what it names then.
    pub(super) async fn cluster_leave(
        &self,
        connection: &mut C::Connection,
        index: Key<'_>,
        ids: &Ids,
    ) -> Result<Ids, Error> {
        let mut left = Vec::new();
        for chunk in ids.chunks(CHUNK) {
            let arguments: Vec<_> = chunk.iter().map(Vec::as_slice).collect();
            left = self.scripts.cluster_leave.run(connection, &[index], &arguments).await?;
        }
        Ok(left)
    }
}
