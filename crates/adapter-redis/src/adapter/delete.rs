use lucia_core::{AdapterErrorKind as Kind, SessionId, UserId};

use super::{
    Inner,
    list::{CHUNK, Ids, ROUNDS},
};
use crate::{Connections, Topology, error::Error, script::Reply};

impl<C: Connections> Inner<C> {
    pub(super) async fn delete_session(&self, session_id: &SessionId) -> Result<(), Error> {
        if C::TOPOLOGY == Topology::Cluster {
            return self.cluster_delete_session(session_id).await;
        }
        let mut connection = self.connection().await?;
        let key = self.namespaces.session_key(session_id);
        let arguments = [session_id.as_str().as_bytes(), self.namespaces.index_prefix().as_bytes()];
        let script = &self.scripts.delete;
        script.run_confirmed::<Reply>(&mut connection, self.replicas, &[&key], &arguments).await.map(drop)
    }

    /// Deletes all sessions of a user, but one. A session that gets a new id meanwhile, or is added, is in the index
    /// afterwards and is deleted as well: no rotation slips through.
    pub(super) async fn delete_sessions(&self, user_id: &UserId, keep: Option<&SessionId>) -> Result<(), Error> {
        let mut connection = self.connection().await?;
        let index = self.namespaces.index_key(user_id);
        let mut ids = self.members(&mut connection, &index).await?;
        let mut confirmed = self.replicas.is_none();
        for _ in 0..ROUNDS {
            if let Some(keep) = keep {
                ids.retain(|id| id != keep.as_str().as_bytes());
            }
            if ids.is_empty() {
                return if confirmed { Ok(()) } else { self.confirm(&mut connection).await };
            }
            ids = match C::TOPOLOGY {
                Topology::Single => self.revoke(&mut connection, &index, user_id, &ids).await?,
                Topology::Cluster => self.cluster_revoke(&mut connection, &index, user_id, ids).await?,
            };
            confirmed = true;
        }
        Err(Error::Refused(Kind::Conflict))
    }

    /// Deletes those of the sessions that are the user's, and returns what the index names then.
    async fn revoke(
        &self,
        connection: &mut C::Connection,
        index: &[u8],
        user_id: &UserId,
        ids: &Ids,
    ) -> Result<Ids, Error> {
        let mut left = Vec::new();
        for chunk in ids.chunks(CHUNK) {
            let sessions: Vec<_> = chunk.iter().map(|id| self.namespaces.session_key_of(id)).collect();
            let keys: Vec<&[u8]> = [index].into_iter().chain(sessions.iter().map(Vec::as_slice)).collect();
            let arguments: Vec<&[u8]> =
                [user_id.as_str().as_bytes()].into_iter().chain(chunk.iter().map(Vec::as_slice)).collect();
            left = self.scripts.revoke.run_confirmed(connection, self.replicas, &keys, &arguments).await?;
        }
        Ok(left)
    }

    /// Waits for replicas where there was nothing to delete: an earlier call may have deleted it in vain.
    async fn confirm(&self, connection: &mut C::Connection) -> Result<(), Error> {
        let Some(replicas) = self.replicas else { return Ok(()) };
        replicas.check(replicas.wait().query_async(connection).await?)
    }
}
