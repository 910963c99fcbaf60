use std::{fmt, sync::Arc};

use async_trait::async_trait;
use lucia_core::{AdapterResult, SessionAdapter, SessionId, SessionSchema, SessionUpdate, UnixMillis, UserId};

use super::{check, fan_out::fan_out, operations::Operations, store::Store};
use crate::{config::RedisConfig, connections::Connections, error::Error, setup_error::SetupError};

/// Stores sessions in Redis.
///
/// Clones share the connections. Users and keys are stored by another adapter;
/// [`SplitAdapter`](lucia_core::SplitAdapter) combines the two. Tokens and counters are stored by
/// [`RedisTokenAdapter`](crate::RedisTokenAdapter).
///
/// ```no_run
/// use adapter_redis::RedisSessionAdapter;
/// use lucia_core::{SessionAdapter, SessionSchema, SplitAdapter, UnixMillis, memory::MemoryAdapter};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let connection = adapter_redis::connect("redis://127.0.0.1/").await?;
/// let sessions = RedisSessionAdapter::new(connection).await?;
///
/// let session = SessionSchema::new("s1", "u1", UnixMillis::MAX, UnixMillis::MAX);
/// sessions.set_session(&session).await?;
/// assert_eq!(sessions.get_session(&session.id).await?, Some(session));
///
/// # let users = MemoryAdapter::new();
/// let adapter = SplitAdapter::new(users, sessions);
/// # Ok(()) }
/// ```
pub struct RedisSessionAdapter<C> {
    pub(super) operations: Arc<Operations<C>>,
}

impl<C: Connections> RedisSessionAdapter<C> {
    /// Creates an adapter with the default [`RedisConfig`].
    ///
    /// # Errors
    /// Returns the errors of [`with_config`](Self::with_config).
    pub async fn new(connections: C) -> Result<Self, SetupError> {
        Self::with_config(connections, RedisConfig::new()).await
    }

    /// Creates an adapter with this configuration. Checks the version of the server, and whether the configured index
    /// contains the stored sessions.
    ///
    /// # Errors
    /// Returns [`SetupError`] if the prefixes are empty or overlap, if the server is older than Redis 6.2, has another
    /// topology than the connection, or cannot be reached, or if it contains sessions of Lucia JS 2.0 to 2.1.2 in an
    /// index with another prefix.
    pub async fn with_config(connections: C, config: RedisConfig) -> Result<Self, SetupError> {
        let operations = Operations::open(connections, config).await?;
        let store = operations.store();
        check::indexes(&mut store.connection().await?, C::TOPOLOGY, &store.prefixes).await?;
        Ok(Self { operations: Arc::new(operations) })
    }

    async fn delete(&self, session_id: &SessionId) -> Result<(), Error> {
        match &*self.operations {
            Operations::Single(single) => single.delete_session(session_id).await,
            Operations::Cluster(cluster) => cluster.delete_session(session_id).await,
        }
    }

    async fn delete_sessions(&self, user_id: &UserId, keep: Option<&SessionId>) -> Result<(), Error> {
        match &*self.operations {
            Operations::Single(single) => single.delete_sessions(user_id, keep).await,
            Operations::Cluster(cluster) => cluster.delete_sessions(user_id, keep).await,
        }
    }
}

impl<C> RedisSessionAdapter<C> {
    fn store(&self) -> &Store<C> {
        self.operations.store()
    }
}

#[async_trait]
impl<C: Connections> SessionAdapter for RedisSessionAdapter<C> {
    async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        Ok(self.store().get_session(session_id).await?)
    }

    async fn get_sessions(&self, session_ids: &[SessionId]) -> AdapterResult<Vec<SessionSchema>> {
        Ok(self.store().get_sessions(session_ids).await?)
    }

    async fn get_first_session(&self, session_ids: &[SessionId]) -> AdapterResult<Option<SessionSchema>> {
        Ok(self.store().get_first_session(session_ids).await?)
    }

    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        let listed = match &*self.operations {
            Operations::Single(single) => single.get_sessions_by_user_id(user_id).await,
            Operations::Cluster(cluster) => cluster.get_sessions_by_user_id(user_id).await,
        };
        Ok(listed?)
    }

    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        let set = match &*self.operations {
            Operations::Single(single) => single.set_session(session).await,
            Operations::Cluster(cluster) => cluster.set_session(session).await,
        };
        Ok(set?)
    }

    async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        let updated = match &*self.operations {
            Operations::Single(single) => single.update_session(session_id, update).await,
            Operations::Cluster(cluster) => cluster.update_session(session_id, update).await,
        };
        Ok(updated?)
    }

    async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()> {
        Ok(self.delete(session_id).await?)
    }

    fn frees_ids(&self) -> bool {
        true
    }

    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        Ok(self.delete_sessions(user_id, None).await?)
    }

    /// Does nothing and returns 0, because Redis drops expired sessions, and reading an index removes their entries.
    async fn delete_expired_sessions(&self, _now: UnixMillis, _limit: usize) -> AdapterResult<usize> {
        Ok(0)
    }

    async fn delete_other_sessions(&self, user_id: &UserId, keep: &SessionId) -> AdapterResult<()> {
        Ok(self.delete_sessions(user_id, Some(keep)).await?)
    }

    /// On a cluster, and for a user with more than 1,000 sessions, lists the sessions and deletes each.
    async fn delete_oldest_sessions(
        &self,
        user_id: &UserId,
        keep: &SessionId,
        created_at: &str,
        max: usize,
    ) -> AdapterResult<()> {
        if let Operations::Single(single) = &*self.operations
            && single.delete_oldest_sessions(user_id, keep, created_at, max).await?
        {
            return Ok(());
        }
        let mut sessions = self.get_sessions_by_user_id(user_id).await?;
        sessions.sort_unstable_by(|one, other| other.compare_age(one, keep, created_at));
        let deletions = sessions.iter().skip(max).map(|session| self.delete(&session.id)).collect();
        let (_, error) = fan_out(deletions).await;
        Ok(error.map_or(Ok(()), Err)?)
    }

    async fn rotate_session(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        let rotated = match &*self.operations {
            Operations::Single(single) => single.rotate_session(old, new, update).await,
            Operations::Cluster(cluster) => cluster.rotate_session(old, new, update).await,
        };
        Ok(rotated?)
    }
}

impl<C> Clone for RedisSessionAdapter<C> {
    fn clone(&self) -> Self {
        Self { operations: Arc::clone(&self.operations) }
    }
}

impl<C> fmt::Debug for RedisSessionAdapter<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefixes = &self.store().prefixes;
        f.debug_struct("RedisSessionAdapter")
            .field("session_prefix", &prefixes.session)
            .field("user_sessions_prefix", &prefixes.user_sessions)
            .finish_non_exhaustive()
    }
}
