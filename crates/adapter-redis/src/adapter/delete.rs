use lucia_core::{SessionId, UserId};

use super::{Inner, list::CHUNK};
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
        script.run_confirmed::<Reply>(&mut connection, self.replicas, &[key], &arguments).await.map(drop)
    }

    /// Deletes all sessions of a user, but one.
    pub(super) async fn delete_sessions(&self, user_id: &UserId, keep: Option<&SessionId>) -> Result<(), Error> {
        if C::TOPOLOGY == Topology::Cluster {
            return self.cluster_delete_sessions(user_id, keep).await;
        }
        let mut connection = self.connection().await?;
        let index = self.namespaces.index_key(user_id);
        let chunk = CHUNK.to_string();
        let arguments: [&[u8]; 5] = [
            user_id.as_str().as_bytes(),
            self.namespaces.session_prefix().as_bytes(),
            chunk.as_bytes(),
            if keep.is_some() { b"1" } else { b"0" },
            keep.map_or(b"", |keep| keep.as_str().as_bytes()),
        ];
        // A session that gets a new id between two steps is in the index under that. Nobody can add them as fast as they go.
        loop {
            let script = &self.scripts.revoke;
            let left: usize = script.run_confirmed(&mut connection, self.replicas, &[index], &arguments).await?;
            if left == 0 {
                return Ok(());
            }
        }
    }
}
