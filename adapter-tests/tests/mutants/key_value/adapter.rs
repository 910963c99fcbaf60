use lucia_core::{
    AdapterErrorKind as Kind, AdapterResult, SessionAdapter, SessionId, SessionSchema, SessionUpdate, UnixMillis,
    UserId, async_trait, kv::KvLayout,
};

use super::store::{Data, Server};

type Spell<I> = fn(&KvLayout, &I) -> String;

/// The correct adapter that the mutants break: sessions as JSON, a set of ids for each user, and a script for every operation.
#[derive(Clone, Debug)]
pub(crate) struct KeyValueAdapter {
    pub(crate) server: Server,
    pub(crate) layout: KvLayout,
    /// The format of the keys of sessions and indexes.
    pub(crate) spell: (Spell<SessionId>, Spell<UserId>),
}

impl KeyValueAdapter {
    pub(crate) fn new(server: Server, name: &str) -> Self {
        let layout = KvLayout::new(format!("session{name}"), format!("user{name}")).unwrap();
        Self { server, layout, spell: (KvLayout::session_key, KvLayout::index_prefix) }
    }

    pub(crate) fn key(&self, id: &SessionId) -> String {
        (self.spell.0)(&self.layout, id)
    }

    pub(crate) fn index(&self, user_id: &UserId) -> String {
        (self.spell.1)(&self.layout, user_id)
    }

    pub(crate) fn read(&self, data: &Data, id: &SessionId) -> Result<Option<SessionSchema>, Kind> {
        let Some(json) = data.get(&self.key(id))? else {
            return Ok(None);
        };
        let session = SessionSchema::from_json(&json).map_err(|_| Kind::Decode)?;
        Ok(Some(session).filter(|session| !session.is_expired(data.now())))
    }

    pub(crate) fn write(&self, data: &mut Data, session: &SessionSchema) -> Result<(), Kind> {
        data.add(&self.index(&session.user_id), session.id.as_str(), session.idle_expires)?;
        Ok(data.set(&self.key(&session.id), session.to_json().into_bytes(), Some(session.idle_expires))?)
    }

    pub(crate) fn erase(&self, data: &mut Data, session: &SessionSchema) -> Result<(), Kind> {
        data.delete(&self.key(&session.id))?;
        Ok(data.remove(&self.index(&session.user_id), session.id.as_str())?)
    }

    pub(crate) fn insert(&self, data: &mut Data, session: &SessionSchema) -> Result<(), Kind> {
        if data.entry(&self.key(&session.id)).is_some() {
            return Err(Kind::DuplicateSessionId);
        }
        if session.is_expired(data.now()) { Ok(()) } else { self.write(data, session) }
    }

    pub(crate) fn update(&self, data: &mut Data, id: &SessionId, update: &SessionUpdate) -> Result<(), Kind> {
        let stored = self.read(data, id)?.ok_or(Kind::InvalidSessionId)?;
        if update.is_empty() {
            return Ok(());
        }
        let session = stored.updated(update).ok_or(Kind::Conflict)?;
        if session.is_expired(data.now()) { self.erase(data, &session) } else { self.write(data, &session) }
    }

    pub(crate) fn list(&self, data: &mut Data, user_id: &UserId) -> Result<Vec<SessionSchema>, Kind> {
        let index = self.index(user_id);
        let mut sessions = Vec::new();
        for id in data.members(&index)? {
            match self.read(data, &id.as_str().into()) {
                Ok(Some(session)) if session.user_id == *user_id => sessions.push(session),
                Ok(_) => data.remove(&index, &id)?,
                Err(Kind::Decode) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(sessions)
    }

    pub(crate) fn delete_all(&self, data: &mut Data, user_id: &UserId) -> Result<(), Kind> {
        let index = self.index(user_id);
        for id in data.members(&index)? {
            let id = SessionId::new(id);
            let owner = self.read(data, &id).map(|session| session.map(|session| session.user_id));
            if !matches!(owner, Ok(Some(owner)) if owner != *user_id) {
                data.delete(&self.key(&id))?;
            }
        }
        Ok(data.delete(&index)?)
    }
}

#[async_trait]
impl SessionAdapter for KeyValueAdapter {
    async fn get_session(&self, id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        Ok(self.server.script(|data| self.read(data, id)).await?)
    }

    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        Ok(self.server.script(|data| self.list(data, user_id)).await?)
    }

    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        Ok(self.server.script(|data| self.insert(data, session)).await?)
    }

    async fn update_session(&self, id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        Ok(self.server.script(|data| self.update(data, id, update)).await?)
    }

    async fn delete_session(&self, id: &SessionId) -> AdapterResult<()> {
        let delete = self.server.script(|data| match self.read(data, id) {
            Ok(Some(session)) => self.erase(data, &session),
            Ok(None) | Err(Kind::Decode) => Ok(data.delete(&self.key(id))?),
            Err(error) => Err(error),
        });
        Ok(delete.await?)
    }

    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        Ok(self.server.script(|data| self.delete_all(data, user_id)).await?)
    }

    async fn delete_expired_sessions(&self, _now: UnixMillis, _limit: usize) -> AdapterResult<usize> {
        Ok(0)
    }

    async fn rotate_session(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        let rotate = self.server.script(|data| {
            let stored = self.read(data, old)?.ok_or(Kind::InvalidSessionId)?;
            self.insert(data, &stored.rotated(new, update).ok_or(Kind::Conflict)?)?;
            self.erase(data, &stored)
        });
        Ok(rotate.await?)
    }
}
