use std::{fmt, sync::Arc};

use async_trait::async_trait;
use lucia_core::{
    Adapter, AdapterResult, KeyId, KeySchema, KeyUpdate, SessionAdapter, SessionId, SessionSchema, SessionUpdate,
    UnixMillis, UserAdapter, UserId, UserSchema, UserUpdate,
};

use super::{sessions::Sessions, users_and_keys::UsersAndKeys};
use crate::{
    config::SqlConfig,
    driver::{Connection, Pool},
    schema,
    setup_error::SetupError,
};

/// Stores users, keys and sessions in a database with the Prisma schema.
///
/// Clones share the connection pool of the application, with its settings.
#[derive(Clone)]
pub struct SqlAdapter {
    users_and_keys: Arc<UsersAndKeys>,
    sessions: Arc<Sessions>,
}

impl SqlAdapter {
    /// Creates an adapter with the default configuration: the tables `User`, `Session` and `Key`.
    ///
    /// # Errors
    /// Returns the errors of [`with_config`](Self::with_config).
    pub async fn new<Marker>(pool: impl Pool<Marker>) -> Result<Self, SetupError> {
        Self::with_config(pool, SqlConfig::default()).await
    }

    /// Creates an adapter for the configured tables.
    ///
    /// Checks the tables in the database, and reads the attributes from their columns. A column that is added later
    /// becomes an attribute when the adapter is created again. On D1 the database is not asked, and the tables are
    /// expected to match the configuration; see [`SqlConfig::check`].
    ///
    /// # Errors
    /// Returns [`SetupError::Mismatch`] with every difference if the tables or the settings of the connections do not
    /// match the configuration, and [`SetupError::Unavailable`] or [`SetupError::Database`] if the tables cannot be
    /// read.
    pub async fn with_config<Marker>(pool: impl Pool<Marker>, config: SqlConfig) -> Result<Self, SetupError> {
        let driver = pool.driver();
        let (user, key, session) = schema::tables(&config, &*driver).await?;
        let users_and_keys = Arc::new(UsersAndKeys::new(driver, user, key, Some(&session)));
        let sessions = Arc::new(Sessions::new(Arc::clone(&users_and_keys), session));
        Ok(Self { users_and_keys, sessions })
    }

    /// Stores a user and optionally a key on a connection of the application, as
    /// [`SqlUserAdapter::set_user_in`](super::SqlUserAdapter::set_user_in) does.
    ///
    /// # Errors
    /// Returns the errors of [`SqlUserAdapter::set_user_in`](super::SqlUserAdapter::set_user_in).
    pub async fn set_user_in<Marker>(
        &self,
        connection: &mut impl Connection<Marker>,
        user: &UserSchema,
        key: Option<&KeySchema>,
    ) -> AdapterResult<()> {
        Ok(self.users_and_keys.set_user_in(connection, user, key).await?)
    }

    /// Stores a key on a connection of the application, as
    /// [`SqlUserAdapter::set_key_in`](super::SqlUserAdapter::set_key_in) does.
    ///
    /// # Errors
    /// Returns the errors of [`SqlUserAdapter::set_key_in`](super::SqlUserAdapter::set_key_in).
    pub async fn set_key_in<Marker>(
        &self,
        connection: &mut impl Connection<Marker>,
        key: &KeySchema,
    ) -> AdapterResult<()> {
        Ok(self.users_and_keys.set_key_in(connection, key).await?)
    }

    /// Stores a session on a connection of the application, as [`set_session`](SessionAdapter::set_session) does.
    ///
    /// If the connection is in a transaction, the session is part of it. The same transaction may have stored the user.
    ///
    /// # Errors
    /// Returns the errors of [`set_session`](SessionAdapter::set_session), and
    /// [`Backend`](lucia_core::AdapterErrorKind::Backend) if the connection belongs to another kind of database than
    /// the adapter.
    pub async fn set_session_in<Marker>(
        &self,
        connection: &mut impl Connection<Marker>,
        session: &SessionSchema,
    ) -> AdapterResult<()> {
        let driver = connection.driver();
        self.users_and_keys.check(&*driver)?;
        Ok(self.sessions.set_session(&*driver, session).await?)
    }
}

impl fmt::Debug for SqlAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlAdapter")
            .field("user", &self.users_and_keys.user.table.name)
            .field("session", &self.sessions.session.table.name)
            .field("key", &self.users_and_keys.key.table.name)
            .finish_non_exhaustive()
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "a default would hide the adapter's own method")]
impl UserAdapter for SqlAdapter {
    async fn get_user(&self, user_id: &UserId) -> AdapterResult<Option<UserSchema>> {
        Ok(self.users_and_keys.get_user(user_id).await?)
    }

    async fn set_user(&self, user: &UserSchema, key: Option<&KeySchema>) -> AdapterResult<()> {
        Ok(self.users_and_keys.set_user(&*self.users_and_keys.driver, user, key).await?)
    }

    async fn update_user(&self, user_id: &UserId, update: &UserUpdate) -> AdapterResult<()> {
        Ok(self.users_and_keys.update_user(user_id, update).await?)
    }

    async fn delete_user(&self, user_id: &UserId) -> AdapterResult<()> {
        Ok(self.users_and_keys.delete_user(user_id).await?)
    }

    async fn get_key(&self, key_id: &KeyId) -> AdapterResult<Option<KeySchema>> {
        Ok(self.users_and_keys.get_key(key_id).await?)
    }

    async fn get_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<KeySchema>> {
        Ok(self.users_and_keys.get_keys_by_user_id(user_id).await?)
    }

    async fn set_key(&self, key: &KeySchema) -> AdapterResult<()> {
        Ok(self.users_and_keys.set_key(&*self.users_and_keys.driver, key).await?)
    }

    async fn update_key(&self, key_id: &KeyId, update: &KeyUpdate) -> AdapterResult<()> {
        Ok(self.users_and_keys.update_key(key_id, update).await?)
    }

    async fn delete_key(&self, key_id: &KeyId) -> AdapterResult<()> {
        Ok(self.users_and_keys.delete_key(key_id).await?)
    }

    async fn delete_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        Ok(self.users_and_keys.delete_keys_by_user_id(user_id).await?)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "a default would take more round trips")]
impl SessionAdapter for SqlAdapter {
    async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        Ok(self.sessions.get_session(session_id).await?)
    }

    async fn get_sessions(&self, session_ids: &[SessionId]) -> AdapterResult<Vec<SessionSchema>> {
        Ok(self.sessions.get_sessions(session_ids).await?)
    }

    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        Ok(self.sessions.get_sessions_by_user_id(user_id).await?)
    }

    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        Ok(self.sessions.set_session(self.sessions.driver(), session).await?)
    }

    async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        Ok(self.sessions.update_session(session_id, update).await?)
    }

    async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()> {
        Ok(self.sessions.delete_session(session_id).await?)
    }

    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        Ok(self.sessions.delete_sessions_by_user_id(user_id).await?)
    }

    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        Ok(self.sessions.delete_expired_sessions(now, limit).await?)
    }

    async fn delete_other_sessions(&self, user_id: &UserId, keep: &SessionId) -> AdapterResult<()> {
        Ok(self.sessions.delete_other_sessions(user_id, keep).await?)
    }

    async fn delete_oldest_sessions(&self, user_id: &UserId, created_at: &str, max: usize) -> AdapterResult<()> {
        Ok(self.sessions.delete_oldest_sessions(user_id, created_at, max).await?)
    }

    async fn rotate_session(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        Ok(self.sessions.rotate_session(old, new, update).await?)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "a default would take more round trips")]
impl Adapter for SqlAdapter {
    async fn get_session_and_user(&self, session_id: &SessionId) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
        Ok(self.sessions.get_session_and_user(session_id).await?)
    }

    async fn get_sessions_and_users(
        &self,
        session_ids: &[SessionId],
    ) -> AdapterResult<Vec<(SessionSchema, UserSchema)>> {
        Ok(self.sessions.get_sessions_and_users(session_ids).await?)
    }

    async fn set_session_and_get_user(&self, session: &SessionSchema) -> AdapterResult<UserSchema> {
        Ok(self.sessions.set_session_and_get_user(session).await?)
    }
}
