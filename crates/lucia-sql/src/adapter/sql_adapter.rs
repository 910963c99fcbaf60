use std::{fmt, sync::Arc};

use async_trait::async_trait;
use lucia_core::{
    Adapter, AdapterErrorKind as Kind, AdapterResult, KeyId, KeySchema, KeyUpdate, SessionAdapter, SessionId,
    SessionSchema, SessionUpdate, UnixMillis, UserAdapter, UserId, UserSchema, UserUpdate,
};

use super::{
    sessions::Sessions,
    sql_user_adapter::SqlUserAdapter,
    users::{Users, delete},
};
use crate::{
    config::SqlConfig,
    driver::{Connection, Driver, Pool, Query, Row, SqlValue},
    error::Error,
    schema,
    setup_error::SetupError,
    statement::READ_AT_ONCE,
};

/// Users, keys and sessions in a database with the Prisma schema.
///
/// Clones share the pool, which stays the application's own: whatever it is set to holds here too.
#[derive(Clone)]
pub struct SqlAdapter {
    users: SqlUserAdapter,
    sessions: Arc<Sessions>,
}

impl SqlAdapter {
    /// Creates an adapter in default mode: the tables `User`, `Session` and `Key`.
    ///
    /// # Errors
    /// As [`with_config`](Self::with_config).
    pub async fn new<Of>(pool: impl Pool<Of>) -> Result<Self, SetupError> {
        Self::with_config(pool, SqlConfig::default()).await
    }

    /// Creates an adapter for the tables that the configuration names.
    ///
    /// Reads what the database says of them, and learns the attributes from it. A column that is added later is one when
    /// the adapter is made anew. On D1 it asks nothing and takes the tables as they are configured: see [`SqlConfig::check`].
    ///
    /// # Errors
    /// [`SetupError::Mismatch`] with every difference between what is there and what is needed;
    /// [`SetupError::Unavailable`] and [`SetupError::Database`] if the database cannot be asked.
    pub async fn with_config<Of>(pool: impl Pool<Of>, config: SqlConfig) -> Result<Self, SetupError> {
        let driver: Arc<dyn Driver> = Arc::from(pool.driver());
        let (user, key, session) = schema::tables(&config, &*driver).await?;
        let tables = Arc::new(Users::new(Arc::clone(&driver), user, key, Some(&session)));
        let sessions = Arc::new(Sessions::new(driver, session, Arc::clone(&tables)));
        Ok(Self { users: SqlUserAdapter { tables }, sessions })
    }
}

impl SqlAdapter {
    /// [`SqlUserAdapter::set_user_in`].
    ///
    /// # Errors
    /// As there.
    pub async fn set_user_in<Of>(
        &self,
        connection: &mut impl Connection<Of>,
        user: &UserSchema,
        key: Option<&KeySchema>,
    ) -> AdapterResult<()> {
        self.users.set_user_in(connection, user, key).await
    }

    /// [`SqlUserAdapter::set_key_in`].
    ///
    /// # Errors
    /// As there.
    pub async fn set_key_in<Of>(&self, connection: &mut impl Connection<Of>, key: &KeySchema) -> AdapterResult<()> {
        self.users.set_key_in(connection, key).await
    }

    /// [`set_session`](lucia_core::SessionAdapter::set_session) on a connection of the application, inside its transaction if
    /// it is in one. The user may be one whom the same transaction has written.
    ///
    /// # Errors
    /// Those of `set_session`, and as [`set_user_in`](Self::set_user_in).
    pub async fn set_session_in<Of>(
        &self,
        connection: &mut impl Connection<Of>,
        session: &SessionSchema,
    ) -> AdapterResult<()> {
        let driver = connection.driver();
        let set = async {
            self.users.check(&*driver)?;
            self.sessions.set_session(&*driver, session).await
        };
        set.await.map_err(|error| error.during("set_session"))
    }
}

impl fmt::Debug for SqlAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlAdapter")
            .field("user", &self.users.tables.user_table.table.name)
            .field("session", &self.sessions.table.table.name)
            .field("key", &self.users.tables.key_table.table.name)
            .finish_non_exhaustive()
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "a default would hide the adapter's own method")]
impl UserAdapter for SqlAdapter {
    async fn get_user(&self, user_id: &UserId) -> AdapterResult<Option<UserSchema>> {
        self.users.get_user(user_id).await
    }

    async fn set_user(&self, user: &UserSchema, key: Option<&KeySchema>) -> AdapterResult<()> {
        self.users.set_user(user, key).await
    }

    async fn update_user(&self, user_id: &UserId, update: &UserUpdate) -> AdapterResult<()> {
        self.users.update_user(user_id, update).await
    }

    async fn delete_user(&self, user_id: &UserId) -> AdapterResult<()> {
        self.users.delete_user(user_id).await
    }

    async fn get_key(&self, key_id: &KeyId) -> AdapterResult<Option<KeySchema>> {
        self.users.get_key(key_id).await
    }

    async fn get_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<KeySchema>> {
        self.users.get_keys_by_user_id(user_id).await
    }

    async fn set_key(&self, key: &KeySchema) -> AdapterResult<()> {
        self.users.set_key(key).await
    }

    async fn update_key(&self, key_id: &KeyId, update: &KeyUpdate) -> AdapterResult<()> {
        self.users.update_key(key_id, update).await
    }

    async fn delete_key(&self, key_id: &KeyId) -> AdapterResult<()> {
        self.users.delete_key(key_id).await
    }

    async fn delete_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.users.delete_keys_by_user_id(user_id).await
    }
}

#[async_trait]
impl SessionAdapter for SqlAdapter {
    async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        self.sessions.get_session(session_id).await.map_err(|error| error.during("get_session"))
    }

    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        self.sessions.get_sessions_by_user_id(user_id).await.map_err(|error| error.during("get_sessions_by_user_id"))
    }

    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        self.sessions.set_session(&*self.sessions.driver, session).await.map_err(|error| error.during("set_session"))
    }

    async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.sessions.update_session(session_id, update).await.map_err(|error| error.during("update_session"))
    }

    async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()> {
        self.sessions.delete_session(session_id).await.map_err(|error| error.during("delete_session"))
    }

    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        let deleted = self.sessions.delete_sessions_by_user_id(user_id).await;
        deleted.map_err(|error| error.during("delete_sessions_by_user_id"))
    }

    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        self.sessions.delete_expired(now, limit).await.map_err(|error| error.during("delete_expired_sessions"))
    }

    async fn delete_other_sessions(&self, user_id: &UserId, keep: &SessionId) -> AdapterResult<()> {
        self.sessions.delete_others(user_id, keep).await.map_err(|error| error.during("delete_other_sessions"))
    }

    async fn rotate_session(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.sessions.rotate_session(old, new, update).await.map_err(|error| error.during("rotate_session"))
    }
}

#[async_trait]
impl Adapter for SqlAdapter {
    async fn get_session_and_user(&self, session_id: &SessionId) -> AdapterResult<Option<(SessionSchema, UserSchema)>> {
        self.session_and_user(session_id).await.map_err(|error| error.during("get_session_and_user"))
    }

    async fn get_sessions_and_users(
        &self,
        session_ids: &[SessionId],
    ) -> AdapterResult<Vec<(SessionSchema, UserSchema)>> {
        self.sessions_and_users(session_ids).await.map_err(|error| error.during("get_sessions_and_users"))
    }

    async fn set_session_and_get_user(&self, session: &SessionSchema) -> AdapterResult<UserSchema> {
        self.set_and_get(session).await.map_err(|error| error.during("set_session_and_get_user"))
    }
}

impl SqlAdapter {
    async fn session_and_user(&self, session_id: &SessionId) -> Result<Option<(SessionSchema, UserSchema)>, Error> {
        let sessions = &*self.sessions;
        let Some(id) = sessions.id(session_id) else {
            return Ok(None);
        };
        let query = Query::of(&sessions.statements.get_with_user, [id]);
        match sessions.driver.fetch_optional(&query).await.map_err(Error::plain)? {
            Some(row) => self.read_joined(row).await,
            None => Ok(None),
        }
    }

    async fn sessions_and_users(&self, session_ids: &[SessionId]) -> Result<Vec<(SessionSchema, UserSchema)>, Error> {
        let sessions = &*self.sessions;
        let ids: Vec<_> = session_ids.iter().filter_map(|id| sessions.id(id)).collect();
        let mut found = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(READ_AT_ONCE) {
            // The statement takes just so many: the last one fills the places that are left.
            let filled = chunk.iter().chain(chunk.last().into_iter().cycle()).take(READ_AT_ONCE).cloned();
            let query = Query::of(&sessions.statements.get_several_with_user, filled.collect::<Vec<_>>());
            for row in sessions.driver.fetch_all(&query).await.map_err(Error::plain)? {
                found.extend(self.read_joined(row).await?);
            }
        }
        Ok(found)
    }

    /// Reads a session and its user; a session without one is deleted.
    async fn read_joined(&self, row: Row) -> Result<Option<(SessionSchema, UserSchema)>, Error> {
        let sessions = &*self.sessions;
        let mut cells = row.into_iter();
        let session = sessions.table.read(&mut cells)?;
        if let Some(SqlValue::Null) = cells.as_slice().first() {
            // Its user is gone, and no foreign key took it along (bug C16).
            delete(&*sessions.driver, &sessions.statements.delete_orphan, sessions.id(&session.id)).await?;
            return Ok(None);
        }
        Ok(Some((session, self.users.tables.user_table.read(&mut cells)?)))
    }

    /// The insert looks for the user itself; the user that is read afterwards may be gone again, and the session with it.
    async fn set_and_get(&self, session: &SessionSchema) -> Result<UserSchema, Error> {
        let sessions = &*self.sessions;
        let user = match sessions.set_and_fetch(session).await? {
            Some(row) => self.users.tables.user_table.read(&mut row.into_iter()).map(Some),
            None => {
                sessions.set_session(&*sessions.driver, session).await?;
                self.users.tables.get_user(&session.user_id).await
            }
        };
        match user {
            Ok(Some(user)) => Ok(user),
            Ok(None) => {
                self.sessions.delete_session(&session.id).await?;
                Err(Error::from(Kind::InvalidUserId))
            }
            Err(error) => {
                self.sessions.delete_session(&session.id).await?;
                Err(error)
            }
        }
    }
}
