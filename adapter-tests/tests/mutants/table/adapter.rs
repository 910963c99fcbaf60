use std::collections::BTreeMap;

use adapter_tests::schema::{APPROVED_BY, Attribute, SESSION_ATTRIBUTES, USER_ATTRIBUTES, USERNAME, VISITS};
use lucia_core::{
    Adapter, AdapterError, AdapterErrorKind as Kind, AdapterResult, Attributes, KeyId, KeySchema, KeyUpdate,
    SessionAdapter, SessionId, SessionSchema, SessionUpdate, UnixMillis, UserAdapter, UserId, UserSchema, UserUpdate,
    async_trait, memory::MemoryAdapter,
};
use tokio::sync::Mutex;

use super::fail;

/// The correct adapter that the mutants break: [`MemoryAdapter`] with columns, one of them unique and one a reference to a user.
#[derive(Debug)]
pub(crate) struct TableAdapter {
    pub(crate) memory: MemoryAdapter,
    usernames: Mutex<BTreeMap<String, UserId>>,
    /// `false` accepts any attribute.
    constraints: bool,
}

fn username(attributes: &Attributes) -> Option<String> {
    Some(attributes.get(USERNAME)?.as_str()?.to_owned())
}

impl TableAdapter {
    pub(crate) fn new(memory: MemoryAdapter, constraints: bool) -> Self {
        Self { memory, usernames: Mutex::default(), constraints }
    }

    fn check_columns(&self, attributes: &Attributes, columns: &[Attribute]) -> AdapterResult<()> {
        let known = |name| !self.constraints || columns.iter().any(|column| column.name == name);
        let fits = |name, value: &serde_json::Value| name != VISITS || value.is_i64() || value.is_null();
        match attributes.iter().find(|(name, value)| !known(*name) || !fits(*name, value)) {
            Some((name, _)) => Err(AdapterError::new(Kind::InvalidAttribute).with_attribute(name)),
            None => Ok(()),
        }
    }

    async fn check_reference(&self, attributes: &Attributes) -> AdapterResult<()> {
        let id = attributes.get(APPROVED_BY).and_then(|id| id.as_str());
        let Some(id) = id.filter(|_| self.constraints) else {
            return Ok(());
        };
        match self.memory.get_user(&id.into()).await? {
            Some(_) => Ok(()),
            None => Err(AdapterError::new(Kind::InvalidAttribute).with_attribute(APPROVED_BY)),
        }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "a default would hide the adapter's own method")]
impl Adapter for TableAdapter {
    async fn get_session_and_user(&self, id: &SessionId) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
        self.memory.get_session_and_user(id).await
    }

    async fn get_first_session_and_user(
        &self,
        ids: &[SessionId],
    ) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
        self.memory.get_first_session_and_user(ids).await
    }

    async fn get_sessions_and_users(&self, ids: &[SessionId]) -> AdapterResult<Vec<(SessionSchema, UserSchema)>> {
        self.memory.get_sessions_and_users(ids).await
    }

    async fn set_session_and_get_user(&self, session: &SessionSchema) -> AdapterResult<UserSchema> {
        self.check_columns(session.attributes(), SESSION_ATTRIBUTES)?;
        self.check_reference(session.attributes()).await?;
        self.memory.set_session_and_get_user(session).await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "a default would hide the adapter's own method")]
impl UserAdapter for TableAdapter {
    async fn get_user(&self, id: &UserId) -> AdapterResult<Option<UserSchema>> {
        self.memory.get_user(id).await
    }

    async fn set_user(&self, user: &UserSchema, key: Option<&KeySchema>) -> AdapterResult<()> {
        self.check_columns(user.attributes(), USER_ATTRIBUTES)?;
        let mut usernames = self.usernames.lock().await;
        let name = username(user.attributes()).unwrap_or_default();
        if self.constraints && usernames.contains_key(&name) && self.memory.get_user(&user.id).await?.is_none() {
            return Err(AdapterError::new(Kind::DuplicateAttribute).with_attribute(USERNAME));
        }
        self.memory.set_user(user, key).await?;
        usernames.insert(name, user.id.clone());
        Ok(())
    }

    async fn update_user(&self, id: &UserId, update: &UserUpdate) -> AdapterResult<()> {
        self.check_columns(update.attributes(), USER_ATTRIBUTES)?;
        let mut usernames = self.usernames.lock().await;
        let name = username(update.attributes());
        if self.constraints && name.as_ref().is_some_and(|name| usernames.get(name).is_some_and(|owner| owner != id)) {
            return fail(Kind::DuplicateAttribute);
        }
        self.memory.update_user(id, update).await?;
        if let Some(name) = name {
            usernames.retain(|_, owner| owner != id);
            usernames.insert(name, id.clone());
        }
        Ok(())
    }

    async fn delete_user(&self, id: &UserId) -> AdapterResult<()> {
        self.usernames.lock().await.retain(|_, owner| owner != id);
        self.memory.delete_user(id).await
    }

    async fn get_key(&self, id: &KeyId) -> AdapterResult<Option<KeySchema>> {
        self.memory.get_key(id).await
    }

    async fn get_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<KeySchema>> {
        self.memory.get_keys_by_user_id(user_id).await
    }

    async fn set_key(&self, key: &KeySchema) -> AdapterResult<()> {
        self.memory.set_key(key).await
    }

    async fn update_key(&self, id: &KeyId, update: &KeyUpdate) -> AdapterResult<()> {
        self.memory.update_key(id, update).await
    }

    async fn delete_key(&self, id: &KeyId) -> AdapterResult<()> {
        self.memory.delete_key(id).await
    }

    async fn delete_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.memory.delete_keys_by_user_id(user_id).await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "a default would hide the adapter's own method")]
impl SessionAdapter for TableAdapter {
    async fn get_session(&self, id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        self.memory.get_session(id).await
    }

    async fn get_sessions(&self, ids: &[SessionId]) -> AdapterResult<Vec<SessionSchema>> {
        self.memory.get_sessions(ids).await
    }

    async fn get_first_session(&self, ids: &[SessionId]) -> AdapterResult<Option<SessionSchema>> {
        self.memory.get_first_session(ids).await
    }

    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        self.memory.get_sessions_by_user_id(user_id).await
    }

    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        self.check_columns(session.attributes(), SESSION_ATTRIBUTES)?;
        self.check_reference(session.attributes()).await?;
        self.memory.set_session(session).await
    }

    async fn update_session(&self, id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.check_columns(update.attributes(), SESSION_ATTRIBUTES)?;
        self.check_reference(update.attributes()).await?;
        self.memory.update_session(id, update).await
    }

    async fn delete_session(&self, id: &SessionId) -> AdapterResult<()> {
        self.memory.delete_session(id).await
    }

    fn frees_ids(&self) -> bool {
        self.memory.frees_ids()
    }

    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.memory.delete_sessions_by_user_id(user_id).await
    }

    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        self.memory.delete_expired_sessions(now, limit).await
    }

    async fn delete_other_sessions(&self, user_id: &UserId, keep: &SessionId) -> AdapterResult<()> {
        self.memory.delete_other_sessions(user_id, keep).await
    }

    async fn delete_oldest_sessions(
        &self,
        user_id: &UserId,
        keep: &SessionId,
        created_at: &str,
        max: usize,
    ) -> AdapterResult<()> {
        if self.constraints && created_at != VISITS {
            return Err(AdapterError::new(Kind::InvalidAttribute).with_attribute(created_at));
        }
        self.memory.delete_oldest_sessions(user_id, keep, created_at, max).await
    }

    async fn rotate_session(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.memory.rotate_session(old, new, update).await
    }
}
