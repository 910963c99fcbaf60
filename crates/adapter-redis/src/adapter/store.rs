use std::sync::Arc;

use lucia_core::{AdapterErrorKind as Kind, SessionId, SessionSchema};
use redis::{Cmd, RedisError, aio::ConnectionLike};

use super::{calls::Calls, entries::Ids, record};
use crate::{
    classify::is_wrong_type,
    config::RedisConfig,
    connections::{Batched, Batches, ConnectionError, Connections, Topology},
    error::Error,
    key::Key,
    prefixes::{Prefixes, ReservedId},
    replicas::Replicas,
    script::Scripts,
};

/// The maximum number of keys per command, so that no command blocks the server for long.
pub(super) const MAX_KEYS: usize = 1_000;
/// The maximum number of times that an index is read.
pub(super) const MAX_ATTEMPTS: usize = 256;

/// The state and the reads that the operations of all topologies share.
pub(super) struct Store<C> {
    batches: Arc<Batches<C>>,
    pub(super) prefixes: Prefixes,
    /// `1` if indexes expire, else `0`; an argument of scripts.
    pub(super) expires: &'static [u8],
    pub(super) replicas: Option<Replicas>,
    pub(super) scripts: Scripts,
    pub(super) calls: Calls,
}

impl<C: Connections> Store<C> {
    pub(super) fn new(connections: C, config: RedisConfig) -> Self {
        let RedisConfig { prefixes, user_sessions_expire, replicas } = config;
        let expires: &[u8] = if user_sessions_expire { b"1" } else { b"0" };
        Self {
            batches: Batches::new(connections),
            prefixes,
            expires,
            replicas,
            scripts: Scripts::new(),
            calls: Calls::new(),
        }
    }

    pub(super) async fn connection(&self) -> Result<Batched<C>, ConnectionError> {
        self.batches.connection().await
    }

    pub(super) async fn get_session(&self, session_id: &SessionId) -> Result<Option<SessionSchema>, Error> {
        let Some(value) = self.get(&mut self.connection().await?, session_id).await? else { return Ok(None) };
        record::read(&self.prefixes, &value, session_id.as_str().as_bytes())
    }

    pub(super) async fn get_sessions(&self, session_ids: &[SessionId]) -> Result<Vec<SessionSchema>, Error> {
        let values = self.get_values(session_ids).await?;
        values.iter().filter_map(|(id, value)| record::read(&self.prefixes, value, id).transpose()).collect()
    }

    pub(super) async fn get_first_session(&self, session_ids: &[SessionId]) -> Result<Option<SessionSchema>, Error> {
        let values = self.get_values(session_ids).await?;
        values.iter().find_map(|(id, value)| record::read(&self.prefixes, value, id).transpose()).transpose()
    }

    /// Returns the values of the sessions that exist, in the order of the ids.
    async fn get_values(&self, session_ids: &[SessionId]) -> Result<Vec<(Vec<u8>, Vec<u8>)>, Error> {
        if session_ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Ids = session_ids.iter().map(|id| id.as_str().as_bytes().to_vec()).collect();
        let mut connection = self.connection().await?;
        let mut values = self.get_many(&mut connection, &ids).await?;
        // The nodes of a cluster are read at different times, between which a session may have got its new id.
        if C::TOPOLOGY == Topology::Cluster && ids.len() > 1 && values.iter().all(Option::is_none) {
            values = self.get_many(&mut connection, &ids).await?;
        }
        Ok(ids.into_iter().zip(values).filter_map(|(id, value)| Some((id, value?))).collect())
    }

    /// Checks that a session exists and can be decoded, for an update that changes nothing.
    pub(super) async fn touch(&self, session_id: &SessionId) -> Result<(), Error> {
        let session = self.get_session(session_id).await?;
        session.map(drop).ok_or(Error::Refused(Kind::InvalidSessionId))
    }

    pub(super) async fn get(
        &self,
        connection: &mut Batched<C>,
        session_id: &SessionId,
    ) -> Result<Option<Vec<u8>>, Error> {
        let Ok(key) = self.prefixes.session_key(session_id) else { return Ok(None) };
        match read(connection, key).await {
            Err(error) if self.is_of_another_record(&error) => Ok(None),
            value => Ok(value?),
        }
    }

    /// Returns `true` if an error means that a key without a prefix is that of another record.
    fn is_of_another_record(&self, error: &RedisError) -> bool {
        self.prefixes.are_bare() && is_wrong_type(error)
    }

    /// Returns the error of adding a session to an index.
    pub(super) fn entry_error(&self, error: RedisError) -> Error {
        if self.is_of_another_record(&error) { ReservedId::Taken.into() } else { error.into() }
    }

    /// Reads the session to be rotated.
    pub(super) async fn get_rotating(
        &self,
        connection: &mut Batched<C>,
        old: &SessionId,
        new: &SessionId,
    ) -> Result<Vec<u8>, Error> {
        let value = self.get(connection, old).await?.ok_or(Error::Refused(Kind::InvalidSessionId))?;
        if old != new {
            return Ok(value);
        }
        let session = record::read(&self.prefixes, &value, old.as_str().as_bytes())?;
        Err(Error::Refused(session.map_or(Kind::InvalidSessionId, |_| Kind::DuplicateSessionId)))
    }

    /// Returns the values of sessions, in the order of the ids.
    pub(super) async fn get_many(
        &self,
        connection: &mut impl ConnectionLike,
        ids: &[Vec<u8>],
    ) -> Result<Vec<Option<Vec<u8>>>, RedisError> {
        let length = ids.iter().map(Vec::len).sum::<usize>() + ids.len() * self.prefixes.session.len();
        let mut command = Cmd::with_capacity(ids.len() + 1, length + 4);
        command.arg("MGET");
        let mut reserved = Vec::new();
        for (position, id) in ids.iter().enumerate() {
            match self.prefixes.session_key_of(id) {
                Ok(key) => {
                    command.arg(key);
                }
                Err(_) => reserved.push(position),
            }
        }
        if reserved.len() == ids.len() {
            return Ok(vec![None; ids.len()]);
        }
        let mut values: Vec<_> = command.query_async(connection).await?;
        for position in reserved {
            values.insert(position.min(values.len()), None);
        }
        Ok(values)
    }
}

/// Reads the value of a key.
pub(super) async fn read(connection: &mut impl ConnectionLike, key: Key<'_>) -> Result<Option<Vec<u8>>, RedisError> {
    Cmd::with_capacity(2, 3 + key.len()).arg("GET").arg(key).query_async(connection).await
}
