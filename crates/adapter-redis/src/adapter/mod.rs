//! The adapter, written once for every kind of connection. Where keys lie on several servers, `cluster` has the steps.

mod check;
mod cluster;
mod create;
mod delete;
mod entries;
mod list;
mod record;
mod rotate;
mod update;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use lucia_core::{AdapterResult, SessionAdapter, SessionId, SessionSchema, SessionUpdate, UnixMillis, UserId};
use redis::Cmd;

use crate::{
    Connections, RedisOptions, SetupError, error::Error, namespaces::Namespaces, options::Replicas, script::Scripts,
};

/// Sessions in Redis.
///
/// Clones share the connections. Users and keys live elsewhere: [`SplitAdapter`](lucia_core::SplitAdapter) makes one adapter
/// of both.
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
    inner: Arc<Inner<C>>,
}

struct Inner<C> {
    connections: C,
    namespaces: Namespaces,
    /// Whether an index expires, as scripts take it.
    expires: &'static [u8],
    replicas: Option<Replicas>,
    scripts: Scripts,
}

impl<C: Connections> RedisSessionAdapter<C> {
    /// An adapter with the default [`RedisOptions`].
    ///
    /// # Errors
    /// As [`with_options`](Self::with_options).
    pub async fn new(connections: C) -> Result<Self, SetupError> {
        Self::with_options(connections, RedisOptions::new()).await
    }

    /// An adapter with these options. Asks the server for its version, and whether there are sessions that the index of these
    /// names misses.
    ///
    /// # Errors
    /// [`SetupError`] if the namespaces cross, if the server is older than Redis 6.2 or of another topology than the
    /// connection, if it cannot be asked, and if it has sessions of Lucia JS 2.0 to 2.1.2, whose index has another name.
    pub async fn with_options(connections: C, options: RedisOptions) -> Result<Self, SetupError> {
        let namespaces = options.namespaces()?;
        let mut connection = connections.connection().await?;
        check::server(&mut connection, C::TOPOLOGY).await?;
        check::indexes(&mut connection, C::TOPOLOGY, &namespaces).await?;
        drop(connection);
        let expires: &[u8] = if options.indexes_expire() { b"1" } else { b"0" };
        let replicas = options.replicas();
        Ok(Self { inner: Arc::new(Inner { connections, namespaces, expires, replicas, scripts: Scripts::new() }) })
    }
}

#[async_trait]
impl<C: Connections> SessionAdapter for RedisSessionAdapter<C> {
    async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        self.inner.get_session(session_id).await.map_err(|error| error.during("get_session"))
    }

    async fn get_sessions(&self, session_ids: &[SessionId]) -> AdapterResult<Vec<SessionSchema>> {
        self.inner.get_sessions(session_ids).await.map_err(|error| error.during("get_sessions"))
    }

    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        self.inner.get_sessions_by_user_id(user_id).await.map_err(|error| error.during("get_sessions_by_user_id"))
    }

    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        self.inner.set_session(session).await.map_err(|error| error.during("set_session"))
    }

    async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.inner.update_session(session_id, update).await.map_err(|error| error.during("update_session"))
    }

    async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()> {
        self.inner.delete_session(session_id).await.map_err(|error| error.during("delete_session"))
    }

    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        let deleted = self.inner.delete_sessions(user_id, None).await;
        deleted.map_err(|error| error.during("delete_sessions_by_user_id"))
    }

    /// Does nothing, and returns 0: Redis drops sessions when they have expired, and each index is tidied when it is read.
    async fn delete_expired_sessions(&self, _now: UnixMillis, _limit: usize) -> AdapterResult<usize> {
        Ok(0)
    }

    async fn delete_other_sessions(&self, user_id: &UserId, keep: &SessionId) -> AdapterResult<()> {
        let deleted = self.inner.delete_sessions(user_id, Some(keep)).await;
        deleted.map_err(|error| error.during("delete_other_sessions"))
    }

    async fn rotate_session(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.inner.rotate_session(old, new, update).await.map_err(|error| error.during("rotate_session"))
    }
}

impl<C: Connections> Inner<C> {
    async fn connection(&self) -> Result<C::Connection, Error> {
        Ok(self.connections.connection().await?)
    }

    async fn get_session(&self, session_id: &SessionId) -> Result<Option<SessionSchema>, Error> {
        let mut connection = self.connection().await?;
        let value = self.get(&mut connection, session_id).await?;
        value.map(|value| record::read(&value, session_id.as_str().as_bytes())).transpose()
    }

    async fn get(&self, connection: &mut C::Connection, session_id: &SessionId) -> Result<Option<Vec<u8>>, Error> {
        let key = self.namespaces.session_key(session_id);
        Ok(Cmd::with_capacity(2, 3 + key.len()).arg("GET").arg(key).query_async(connection).await?)
    }
}

impl<C> Clone for RedisSessionAdapter<C> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<C> fmt::Debug for RedisSessionAdapter<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisSessionAdapter")
            .field("session_prefix", &self.inner.namespaces.session_prefix())
            .field("index_prefix", &self.inner.namespaces.index_prefix())
            .finish_non_exhaustive()
    }
}
