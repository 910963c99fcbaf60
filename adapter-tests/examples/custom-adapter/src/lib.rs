//! A session adapter on an ordered map of keys and JSON: as much of a store as a key-value database with transactions is.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use lucia_core::{
    AdapterError, AdapterErrorKind as Kind, AdapterResult, SessionAdapter, SessionId, SessionSchema, SessionUpdate,
    UnixMillis, UserId, async_trait,
};

/// Sessions as JSON, by their id.
#[derive(Debug, Default)]
pub struct JsonAdapter {
    sessions: Mutex<BTreeMap<String, String>>,
}

type Map = BTreeMap<String, String>;

impl JsonAdapter {
    /// Every method holds the lock from its first read to its last write: that is the transaction.
    fn lock(&self) -> MutexGuard<'_, Map> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(map: &Map, id: &SessionId, operation: &'static str) -> AdapterResult<Option<SessionSchema>> {
    let Some(json) = map.get(id.as_str()) else {
        return Ok(None);
    };
    let session = SessionSchema::from_json(json.as_bytes());
    session.map(Some).map_err(|error| AdapterError::new(Kind::Decode, operation).with_source(error))
}

fn sessions_of<'a>(map: &'a Map, user_id: &'a UserId) -> impl Iterator<Item = SessionSchema> + 'a {
    let readable = map.values().filter_map(|json| SessionSchema::from_json(json.as_bytes()).ok());
    readable.filter(move |session| session.user_id == *user_id)
}

#[async_trait]
impl SessionAdapter for JsonAdapter {
    async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        read(&self.lock(), session_id, "get_session")
    }

    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        Ok(sessions_of(&self.lock(), user_id).collect())
    }

    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        let mut map = self.lock();
        if map.contains_key(session.id.as_str()) {
            return Err(AdapterError::new(Kind::DuplicateSessionId, "set_session"));
        }
        map.insert(session.id.as_str().to_owned(), session.to_json());
        Ok(())
    }

    async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        let failed = |kind| Err(AdapterError::new(kind, "update_session"));
        let mut map = self.lock();
        let Some(mut session) = read(&map, session_id, "update_session")? else {
            return failed(Kind::InvalidSessionId);
        };
        if update.is_empty() {
            return Ok(());
        }
        if !update.applies_to(&session) {
            return failed(Kind::Conflict);
        }
        session.apply(update);
        map.insert(session_id.as_str().to_owned(), session.to_json());
        Ok(())
    }

    async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()> {
        self.lock().remove(session_id.as_str());
        Ok(())
    }

    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        let mut map = self.lock();
        let ids: Vec<_> = sessions_of(&map, user_id).map(|session| session.id).collect();
        for id in ids {
            map.remove(id.as_str());
        }
        Ok(())
    }

    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        let mut map = self.lock();
        let readable = map.values().filter_map(|json| SessionSchema::from_json(json.as_bytes()).ok());
        let dead: Vec<_> = readable.filter(|session| session.is_dead(now)).take(limit).collect();
        for session in &dead {
            map.remove(session.id.as_str());
        }
        Ok(dead.len())
    }
}
