use std::time::Duration;

use lucia_core::{
    AdapterError, AdapterErrorKind as Kind, AdapterResult, SessionAdapter, SessionId, SessionSchema, SessionUpdate,
    UnixMillis, UserId, async_trait,
};

use super::{names::Names, reply::Reply, rest::Rest, script};
use crate::{HttpError, client::Repeat};

/// How often an update starts again because another came first.
const ATTEMPTS: usize = 64;
/// How many sessions one request revokes.
const CHUNK: &str = "500";
/// How many requests a revocation of all makes at most: nobody has 128,000 sessions.
const ROUNDS: usize = 256;
/// The last integer that a script's numbers tell from the next one; as a time, it lies in the year 287396.
const LAST_MILLI: i64 = 9_007_199_254_740_991;

/// Sessions in a Redis database of Upstash's or a Vercel KV store. [`UpstashConfig`](crate::UpstashConfig) makes one.
///
/// Every operation that writes is one script, so that nobody sees half of it: it promises what Redis does. Reading, listing,
/// inserting and deleting take one request each, updating and rotating two; more only if another update comes first, or for
/// each further 500 sessions that are revoked at once.
///
/// ```no_run
/// use adapter_kv_http::UpstashConfig;
/// use lucia_core::{SessionAdapter, SessionSchema, UnixMillis};
///
/// # async fn run(url: &str, token: &str) -> Result<(), Box<dyn std::error::Error>> {
/// let adapter = UpstashConfig::new(url, token).session_adapter()?;
/// let session = SessionSchema::new("s1", "u1", UnixMillis::MAX, UnixMillis::MAX);
/// adapter.set_session(&session).await?;
/// assert_eq!(adapter.get_session(&session.id).await?, Some(session));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct UpstashSessionAdapter {
    pub(super) rest: Rest,
    pub(super) names: Names,
    index_expires: bool,
}

/// Why an operation did not succeed.
pub(super) enum Failure {
    Refused(Kind),
    Undecodable(Box<dyn std::error::Error + Send + Sync>),
    Http(HttpError),
}

impl From<HttpError> for Failure {
    fn from(error: HttpError) -> Self {
        Self::Http(error)
    }
}

impl Failure {
    pub(super) fn during(self, operation: &'static str) -> AdapterError {
        match self {
            Self::Refused(kind) => AdapterError::new(kind).with_operation(operation),
            Self::Undecodable(error) => AdapterError::new(Kind::Decode).with_operation(operation).with_source(error),
            Self::Http(error) => error.during(operation),
        }
    }
}

/// What a script says that stores a session.
enum Stored {
    Done,
    Taken,
    Gone,
    /// The session is this, which is not what was expected.
    Other(Vec<u8>),
}

impl UpstashSessionAdapter {
    pub(super) const fn from_parts(rest: Rest, names: Names, index_expires: bool) -> Self {
        Self { rest, names, index_expires }
    }

    async fn read(&self, id: &SessionId) -> Result<Option<Vec<u8>>, Failure> {
        match self.rest.run(&["GET", &self.names.session_key(id)], Repeat::Always).await? {
            Reply::Bytes(value) => Ok(Some(value)),
            Reply::Nil => Ok(None),
            _ => Err(unexpected()),
        }
    }

    async fn read_many(&self, ids: &[SessionId]) -> Result<Vec<SessionSchema>, Failure> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<_> = ids.iter().map(|id| self.names.session_key(id)).collect();
        let command: Vec<_> = ["MGET"].into_iter().chain(keys.iter().map(|key| &**key)).collect();
        let Reply::Array(values) = self.rest.run(&command, Repeat::Always).await? else {
            return Err(unexpected());
        };
        if values.len() != ids.len() {
            return Err(unexpected());
        }
        let mut sessions = Vec::with_capacity(ids.len());
        for (id, value) in ids.iter().zip(values) {
            match value {
                Reply::Bytes(value) => sessions.push(decode(&value, id)?.0),
                Reply::Nil => {}
                _ => return Err(unexpected()),
            }
        }
        Ok(sessions)
    }

    pub(super) async fn script(
        &self,
        code: &str,
        keys: &[&str],
        arguments: &[&str],
        repeat: Repeat,
    ) -> Result<Reply, Failure> {
        let count = keys.len().to_string();
        let mut command = vec!["EVAL", code, &count];
        command.extend(keys.iter().chain(arguments));
        Ok(self.rest.run(&command, repeat).await?)
    }

    /// Runs a script that stores a session: `keys` and `arguments` are those that come after the ones they all have.
    async fn store(
        &self,
        code: &str,
        session: &SessionSchema,
        keys: &[&str],
        arguments: &[&str],
    ) -> Result<Stored, Failure> {
        let (key, index) = (self.names.session_key(&session.id), self.names.index_key(&session.user_id));
        // The store may drop a session after its last millisecond, and takes no time before 1970.
        let at = session.idle_expires.saturating_add(Duration::from_millis(1)).get().clamp(1, LAST_MILLI).to_string();
        let json = session.to_json();
        let expires = if self.index_expires { "1" } else { "0" };
        let keys = [&[key.as_str(), index.as_str()], keys].concat();
        let arguments = [&[json.as_str(), &at, session.id.as_str(), expires], arguments].concat();
        match self.script(code, &keys, &arguments, Repeat::WhenRefused).await? {
            Reply::Int(1 | 2) => Ok(Stored::Done),
            Reply::Int(0) => Ok(Stored::Taken),
            Reply::Nil => Ok(Stored::Gone),
            Reply::Bytes(value) => Ok(Stored::Other(value)),
            _ => Err(unexpected()),
        }
    }

    async fn insert(&self, session: &SessionSchema) -> Result<(), Failure> {
        match self.store(script::CREATE, session, &[], &[]).await? {
            Stored::Done => Ok(()),
            Stored::Taken => Err(Failure::Refused(Kind::DuplicateSessionId)),
            Stored::Gone | Stored::Other(_) => Err(unexpected()),
        }
    }

    async fn update(&self, id: &SessionId, update: &SessionUpdate) -> Result<(), Failure> {
        let mut value = self.read(id).await?.ok_or(Failure::Refused(Kind::InvalidSessionId))?;
        for _ in 0..ATTEMPTS {
            let (stored, expected) = decode(&value, id)?;
            if update.is_empty() {
                return Ok(());
            }
            let session = stored.updated(update).ok_or(Failure::Refused(Kind::Conflict))?;
            match self.store(script::SWAP, &session, &[], &[expected]).await? {
                Stored::Done => return Ok(()),
                Stored::Gone => return Err(Failure::Refused(Kind::InvalidSessionId)),
                Stored::Other(other) => value = other,
                Stored::Taken => return Err(unexpected()),
            }
        }
        Err(Failure::Refused(Kind::Conflict))
    }

    async fn rotate(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> Result<(), Failure> {
        let mut value = self.read(old).await?.ok_or(Failure::Refused(Kind::InvalidSessionId))?;
        if old == new {
            return Err(Failure::Refused(Kind::DuplicateSessionId));
        }
        let key = self.names.session_key(old);
        for _ in 0..ATTEMPTS {
            let (stored, expected) = decode(&value, old)?;
            let session = stored.rotated(new, update).ok_or(Failure::Refused(Kind::Conflict))?;
            match self.store(script::ROTATE, &session, &[&key], &[expected, old.as_str()]).await? {
                Stored::Done => return Ok(()),
                Stored::Taken => return Err(Failure::Refused(Kind::DuplicateSessionId)),
                Stored::Gone => return Err(Failure::Refused(Kind::InvalidSessionId)),
                Stored::Other(other) => value = other,
            }
        }
        Err(Failure::Refused(Kind::Conflict))
    }

    async fn list(&self, user_id: &UserId) -> Result<Vec<SessionSchema>, Failure> {
        let indexes = self.indexes(user_id);
        let indexes: Vec<_> = indexes.iter().map(String::as_str).collect();
        let arguments = [user_id.as_str(), self.names.session_prefix()];
        let found = match self.script(script::LIST, &indexes, &arguments, Repeat::Always).await? {
            Reply::Array(found) => found,
            Reply::Int(-1) => return Err(Failure::Http(HttpError::OtherIndex)),
            _ => return Err(unexpected()),
        };
        let mut sessions = Vec::with_capacity(found.len() / 2);
        for pair in found.chunks(2) {
            let [Reply::Bytes(id), Reply::Bytes(value)] = pair else {
                return Err(unexpected());
            };
            let id = SessionId::new(String::from_utf8_lossy(id));
            match decode(value, &id) {
                Ok((session, _)) if session.user_id == *user_id => sessions.push(session),
                Ok(_) => {}
                // It stays in the index: a revocation of all has to reach it.
                Err(Failure::Undecodable(error)) => {
                    tracing::warn!(%error, "a session of a user could not be read and is left out");
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(sessions)
    }

    /// The index of a user, and that of another release that is to be looked at.
    fn indexes(&self, user_id: &UserId) -> Vec<String> {
        [self.names.index_key(user_id)].into_iter().chain(self.names.other_index_key(user_id)).collect()
    }

    async fn delete(&self, id: &SessionId) -> Result<(), Failure> {
        let key = self.names.session_key(id);
        let arguments = [id.as_str(), self.names.index_prefix()];
        match self.script(script::DELETE, &[&key], &arguments, Repeat::Always).await? {
            Reply::Int(1) => Ok(()),
            _ => Err(unexpected()),
        }
    }

    async fn revoke(&self, user_id: &UserId, keep: Option<&SessionId>) -> Result<(), Failure> {
        let indexes = self.indexes(user_id);
        let indexes: Vec<_> = indexes.iter().map(String::as_str).collect();
        let keeps = if keep.is_some() { "1" } else { "0" };
        let keep = keep.map_or("", SessionId::as_str);
        let arguments = [user_id.as_str(), self.names.session_prefix(), CHUNK, keeps, keep];
        for _ in 0..ROUNDS {
            match self.script(script::REVOKE, &indexes, &arguments, Repeat::Always).await? {
                Reply::Int(0) => return Ok(()),
                Reply::Int(-1) => return Err(Failure::Http(HttpError::OtherIndex)),
                Reply::Int(1..) => {}
                _ => return Err(unexpected()),
            }
        }
        Err(Failure::Http(HttpError::Unfinished))
    }
}

/// The session of a value, and the value as a script can be told to expect it.
fn decode<'a>(value: &'a [u8], id: &SessionId) -> Result<(SessionSchema, &'a str), Failure> {
    let text = std::str::from_utf8(value).map_err(|_| Failure::Undecodable("the stored session is not text".into()))?;
    let session = SessionSchema::from_json(value).map_err(|error| Failure::Undecodable(error.into()))?;
    if session.id == *id {
        Ok((session, text))
    } else {
        Err(Failure::Undecodable("the stored session has another id than its key".into()))
    }
}

pub(super) fn unexpected() -> Failure {
    Failure::Http(HttpError::Unexpected { expected: "a reply to this command" })
}

#[async_trait]
impl SessionAdapter for UpstashSessionAdapter {
    async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        let read = async {
            let value = self.read(session_id).await?;
            value.map(|value| decode(&value, session_id).map(|(session, _)| session)).transpose()
        };
        read.await.map_err(|failure: Failure| failure.during("get_session"))
    }

    async fn get_sessions(&self, session_ids: &[SessionId]) -> AdapterResult<Vec<SessionSchema>> {
        self.read_many(session_ids).await.map_err(|failure| failure.during("get_sessions"))
    }

    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        self.list(user_id).await.map_err(|failure| failure.during("get_sessions_by_user_id"))
    }

    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        self.insert(session).await.map_err(|failure| failure.during("set_session"))
    }

    async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.update(session_id, update).await.map_err(|failure| failure.during("update_session"))
    }

    async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()> {
        self.delete(session_id).await.map_err(|failure| failure.during("delete_session"))
    }

    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.revoke(user_id, None).await.map_err(|failure| failure.during("delete_sessions_by_user_id"))
    }

    /// Does nothing, and returns 0: Redis drops sessions when they have expired, and each index is tidied when it is read.
    async fn delete_expired_sessions(&self, _now: UnixMillis, _limit: usize) -> AdapterResult<usize> {
        Ok(0)
    }

    async fn delete_other_sessions(&self, user_id: &UserId, keep: &SessionId) -> AdapterResult<()> {
        self.revoke(user_id, Some(keep)).await.map_err(|failure| failure.during("delete_other_sessions"))
    }

    async fn rotate_session(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.rotate(old, new, update).await.map_err(|failure| failure.during("rotate_session"))
    }
}
