//! Changes on a cluster, where a session and its index lie on different servers: one key at a time, in an order that leaves
//! no live session outside its index if the client dies between two steps.

use futures_util::{StreamExt, TryStreamExt, stream};
use lucia_core::{AdapterErrorKind as Kind, SessionId, SessionSchema, UserId};

use super::{
    Inner,
    list::{CHUNK, Ids, ROUNDS},
    record,
};
use crate::{Connections, error::Error, script::Reply};

/// How many sessions are revoked at the same time.
const AT_ONCE: usize = 64;

impl<C: Connections> Inner<C> {
    /// Index, session, and the index once more: a listing in between has removed the id, because there was no session.
    pub(super) async fn cluster_set_session(&self, session: &SessionSchema) -> Result<(), Error> {
        let mut connection = self.connection().await?;
        match self.cluster_insert(&mut connection, session).await? {
            Reply::Done | Reply::Ended => Ok(()),
            _ => Err(Error::Refused(Kind::DuplicateSessionId)),
        }
    }

    async fn cluster_insert(&self, connection: &mut C::Connection, session: &SessionSchema) -> Result<Reply, Error> {
        let is_new = self.cluster_enter(connection, session).await?;
        let key = self.namespaces.session_key(&session.id);
        let (json, at) = (session.to_json(), record::expiry(session));
        let arguments = [json.as_bytes(), at.as_bytes()];
        match self.scripts.cluster_create.run(connection, &[&key], &arguments).await? {
            // The driver sends a command again after a fail-over. Without an entry in the index before, nobody but this call
            // has stored this session.
            Reply::Found(value) if is_new && value == json.as_bytes() => {}
            Reply::Done => {}
            Reply::Ended => {
                self.cluster_forget(connection, session).await?;
                return Ok(Reply::Ended);
            }
            Reply::Found(value) => {
                // The session of this user that has the id keeps its entry.
                let is_mine = record::read(&value, &session.id).is_ok_and(|found| found.user_id == session.user_id);
                if is_new && !is_mine {
                    self.cluster_forget(connection, session).await?;
                }
                return Ok(Reply::Refused);
            }
            Reply::Refused | Reply::Gone => {
                if is_new {
                    self.cluster_forget(connection, session).await?;
                }
                return Ok(Reply::Refused);
            }
        }
        if let Err(error) = self.cluster_enter(connection, session).await {
            // Whoever asked will not learn the id. If this fails too, the session is as good as never used, and expires.
            let _ = self.scripts.cluster_delete.run::<Reply>(connection, &[&key], &[json.as_bytes()]).await;
            return Err(error);
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
        match self.scripts.cluster_swap.run(connection, &[&key], &arguments).await? {
            // As above: the driver has sent it twice.
            Reply::Found(value) if value == json.as_bytes() => Ok(Reply::Done),
            Reply::Ended => {
                self.cluster_forget(connection, session).await?;
                Ok(Reply::Ended)
            }
            reply => Ok(reply),
        }
    }

    /// The new session is whole before the old one goes, and goes itself if the old one is not the one that was read.
    pub(super) async fn cluster_rotate(
        &self,
        connection: &mut C::Connection,
        old: &SessionId,
        value: &[u8],
        session: &SessionSchema,
    ) -> Result<Reply, Error> {
        let inserted = self.cluster_insert(connection, session).await?;
        if inserted == Reply::Refused {
            return Ok(inserted);
        }
        let key = self.namespaces.session_key(old);
        let deleted = self.scripts.cluster_delete.run(connection, &[&key], &[value]).await?;
        let (gone, reply) = match deleted {
            Reply::Done => (old, Reply::Done),
            other => {
                let (key, json) = (self.namespaces.session_key(&session.id), session.to_json());
                self.scripts.cluster_delete.run::<Reply>(connection, &[&key], &[json.as_bytes()]).await?;
                (&session.id, other)
            }
        };
        let index = self.namespaces.index_key(&session.user_id);
        self.cluster_leave(connection, &index, &vec![gone.as_str().as_bytes().to_vec()]).await?;
        Ok(reply)
    }

    pub(super) async fn cluster_delete_session(&self, session_id: &SessionId) -> Result<(), Error> {
        let mut connection = self.connection().await?;
        let key = self.namespaces.session_key(session_id);
        let value: Option<Vec<u8>> =
            self.scripts.cluster_take.run_confirmed(&mut connection, self.replicas, &[&key], &[]).await?;
        // Without a record nobody knows whose index names it. The entry goes when that index is read.
        if let Some(Ok(session)) = value.map(|value| record::read(&value, session_id)) {
            self.cluster_forget(&mut connection, &session).await?;
        }
        Ok(())
    }

    /// Deletes those of the sessions that are the user's, and returns what the index names then.
    pub(super) async fn cluster_revoke(
        &self,
        connection: &mut C::Connection,
        index: &[u8],
        user_id: &UserId,
        ids: Ids,
    ) -> Result<Ids, Error> {
        let mut absent = ids.clone();
        // What was absent may be a session that is just getting its new id: its old one was deleted by that, and not here.
        for round in 0..ROUNDS {
            let before = absent.len();
            let revoked = absent.into_iter().map(|id| self.cluster_revoke_one(user_id, id));
            absent = stream::iter(revoked.collect::<Vec<_>>())
                .buffer_unordered(AT_ONCE)
                .try_filter_map(|absent| async { Ok(absent) })
                .try_collect()
                .await?;
            if absent.is_empty() || (round > 0 && absent.len() == before) {
                break;
            }
        }
        self.cluster_leave(connection, index, &ids).await
    }

    /// Returns the id if there is no such session.
    async fn cluster_revoke_one(&self, user_id: &UserId, id: Vec<u8>) -> Result<Option<Vec<u8>>, Error> {
        let mut connection = self.connection().await?;
        let (key, arguments) = (self.namespaces.session_key_of(&id), [user_id.as_str().as_bytes()]);
        let script = &self.scripts.cluster_revoke;
        let reply: Reply = script.run_confirmed(&mut connection, self.replicas, &[&key], &arguments).await?;
        Ok((reply == Reply::Refused).then_some(id))
    }

    /// Adds a session to its index. Whether it was not there before.
    async fn cluster_enter(&self, connection: &mut C::Connection, session: &SessionSchema) -> Result<bool, Error> {
        let (index, at) = (self.namespaces.index_key(&session.user_id), record::expiry(session));
        let arguments = [session.id.as_str().as_bytes(), at.as_bytes(), self.expires];
        let reply: Reply = self.scripts.cluster_enter.run(connection, &[&index], &arguments).await?;
        Ok(reply == Reply::Done)
    }

    async fn cluster_forget(&self, connection: &mut C::Connection, session: &SessionSchema) -> Result<(), Error> {
        let index = self.namespaces.index_key(&session.user_id);
        self.cluster_leave(connection, &index, &vec![session.id.as_str().as_bytes().to_vec()]).await.map(drop)
    }

    /// Removes ids from an index, and returns what it names then.
    pub(super) async fn cluster_leave(
        &self,
        connection: &mut C::Connection,
        index: &[u8],
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
