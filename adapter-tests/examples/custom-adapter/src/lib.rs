//! Sessions in a sorted map, in the JSON format of Lucia JS.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use lucia_core::{
    AdapterError, AdapterErrorKind as Kind, AdapterResult, SessionAdapter, SessionId, SessionSchema, SessionUpdate,
    UnixMillis, UserId, async_trait,
};

/// An in-memory adapter. Each operation is atomic, because it holds the lock.
#[derive(Default)]
pub struct MapAdapter {
    sessions: Mutex<BTreeMap<SessionId, Vec<u8>>>,
}

type Sessions = BTreeMap<SessionId, Vec<u8>>;

impl MapAdapter {
    /// Creates an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(json: &[u8]) -> AdapterResult<SessionSchema> {
    SessionSchema::from_json(json).map_err(|error| AdapterError::new(Kind::Decode).with_source(error))
}

fn write(sessions: &mut Sessions, session: &SessionSchema) {
    sessions.insert(session.id.clone(), session.to_json().into_bytes());
}

fn is_of(json: &[u8], user_id: &UserId) -> bool {
    SessionSchema::from_json(json).is_ok_and(|session| session.user_id == *user_id)
}

/// Returns the session to change.
fn stored(sessions: &Sessions, id: &SessionId) -> AdapterResult<SessionSchema> {
    read(sessions.get(id).ok_or(Kind::InvalidSessionId)?)
}

#[async_trait]
impl SessionAdapter for MapAdapter {
    async fn get_session(&self, id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        self.sessions().get(id).map(|json| read(json)).transpose()
    }

    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        // One unreadable session must not hide the others.
        let sessions = self.sessions();
        let readable = sessions.values().filter_map(|json| SessionSchema::from_json(json).ok());
        Ok(readable.filter(|session| session.user_id == *user_id).collect())
    }

    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        let mut sessions = self.sessions();
        if sessions.contains_key(&session.id) {
            return Err(Kind::DuplicateSessionId.into());
        }
        write(&mut sessions, session);
        Ok(())
    }

    async fn update_session(&self, id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        let mut sessions = self.sessions();
        let session = stored(&sessions, id)?.updated(update).ok_or(Kind::Conflict)?;
        write(&mut sessions, &session);
        Ok(())
    }

    async fn delete_session(&self, id: &SessionId) -> AdapterResult<()> {
        self.sessions().remove(id);
        Ok(())
    }

    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.sessions().retain(|_, json| !is_of(json, user_id));
        Ok(())
    }

    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        let mut sessions = self.sessions();
        let before = sessions.len();
        let is_expired = |json: &[u8]| SessionSchema::from_json(json).is_ok_and(|session| session.is_expired(now));
        let dead = sessions.iter().filter(|(_, json)| is_expired(json)).map(|(id, _)| id.clone());
        for id in dead.take(limit).collect::<Vec<_>>() {
            sessions.remove(&id);
        }
        Ok(before - sessions.len())
    }

    async fn rotate_session(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        let mut sessions = self.sessions();
        let session = stored(&sessions, old)?.rotated(new, update).ok_or(Kind::Conflict)?;
        if sessions.contains_key(new) {
            return Err(Kind::DuplicateSessionId.into());
        }
        write(&mut sessions, &session);
        sessions.remove(old);
        Ok(())
    }
}

impl fmt::Debug for MapAdapter {
    /// Session ids are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MapAdapter")
    }
}
