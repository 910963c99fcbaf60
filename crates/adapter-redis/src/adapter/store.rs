use std::collections::HashSet;

use lucia_core::{SessionId, SessionSchema, UserId};
use redis::{Cmd, RedisError, aio::ConnectionLike};

use super::{
    Inner,
    entries::{Entries, Ids},
    record,
};
use crate::{
    Connections, Topology,
    error::{Error, is_wrong_type},
    key::Key,
};

/// How many keys one command takes, so that none holds up the server for long.
pub(super) const CHUNK: usize = 1_000;
/// How often an index is read again because it has changed meanwhile.
pub(super) const ROUNDS: usize = 256;

impl<C: Connections> Inner<C> {
    pub(super) async fn get_sessions(&self, session_ids: &[SessionId]) -> Result<Vec<SessionSchema>, Error> {
        if session_ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Ids = session_ids.iter().map(|id| id.as_str().as_bytes().to_vec()).collect();
        let values = self.get_many(&mut self.connection().await?, &ids).await?;
        let found = ids.iter().zip(values).filter_map(|(id, value)| Some(record::read(&value?, id)));
        found.collect()
    }

    pub(super) async fn get_sessions_by_user_id(&self, user_id: &UserId) -> Result<Vec<SessionSchema>, Error> {
        let mut connection = self.connection().await?;
        let index = self.namespaces.index_key(user_id);
        let mut entries = self.members(&mut connection, index).await?;
        let mut sessions = Vec::with_capacity(entries.ids.len());
        let mut seen = HashSet::new();
        for _ in 0..ROUNDS {
            let stale = self.read_sessions(&mut connection, user_id, &entries.ids, &mut sessions).await?;
            if stale.is_empty() {
                break;
            }
            seen.extend(entries.ids.iter().cloned());
            // What has a new id since the index was read is in the index under that.
            entries = self.tidy(&mut connection, index, user_id, &stale, &entries).await?;
            entries.ids.retain(|id| !seen.contains(id));
        }
        Ok(sessions)
    }

    /// What an index names.
    pub(super) async fn members(&self, connection: &mut C::Connection, index: Key<'_>) -> Result<Entries, Error> {
        let ids: Ids = match redis::cmd("SMEMBERS").arg(index).query_async(connection).await {
            // It may be the list of an old release.
            Err(error) if is_wrong_type(&error) => self.scripts.members.run(connection, &[index], &[]).await?,
            ids => ids?,
        };
        Ok(Entries::from(ids))
    }

    /// Reads those of the sessions that are the user's, and returns the ids that are not, or are gone.
    async fn read_sessions(
        &self,
        connection: &mut C::Connection,
        user_id: &UserId,
        ids: &Ids,
        sessions: &mut Vec<SessionSchema>,
    ) -> Result<Ids, Error> {
        let mut stale = Vec::new();
        for chunk in ids.chunks(CHUNK) {
            for (id, value) in chunk.iter().zip(self.get_many(connection, chunk).await?) {
                let Some(value) = value else {
                    stale.push(id.clone());
                    continue;
                };
                match record::read(&value, id) {
                    Ok(session) if session.user_id == *user_id => sessions.push(session),
                    Ok(_) => stale.push(id.clone()),
                    // It stays in the index: a revocation of all has to reach it.
                    Err(error) => tracing::warn!(%error, "a session of a user could not be read and is left out"),
                }
            }
        }
        Ok(stale)
    }

    async fn get_many(
        &self,
        connection: &mut impl ConnectionLike,
        ids: &[Vec<u8>],
    ) -> Result<Vec<Option<Vec<u8>>>, RedisError> {
        let length = ids.iter().map(Vec::len).sum::<usize>() + ids.len() * self.namespaces.session_prefix().len();
        let mut command = Cmd::with_capacity(ids.len() + 1, length + 4);
        command.arg("MGET");
        for id in ids {
            command.arg(self.namespaces.session_key_of(id));
        }
        command.query_async(connection).await
    }

    /// Removes from an index what is not the user's, if it still is not, and returns what the index names then.
    async fn tidy(
        &self,
        connection: &mut C::Connection,
        index: Key<'_>,
        user_id: &UserId,
        stale: &Ids,
        entries: &Entries,
    ) -> Result<Entries, Error> {
        if C::TOPOLOGY == Topology::Cluster {
            return self.cluster_tidy(connection, index, stale, entries).await;
        }
        let mut left = Vec::new();
        for chunk in stale.chunks(CHUNK) {
            let sessions = chunk.iter().map(|id| self.namespaces.session_key_of(id));
            let keys: Vec<_> = [index].into_iter().chain(sessions).collect();
            let arguments: Vec<&[u8]> =
                [user_id.as_str().as_bytes()].into_iter().chain(chunk.iter().map(Vec::as_slice)).collect();
            left = self.scripts.tidy.run(connection, &keys, &arguments).await?;
        }
        Ok(Entries::from(left))
    }
}
