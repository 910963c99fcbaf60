use std::{fmt, sync::Arc};

use async_trait::async_trait;
use lucia_core::{AdapterResult, KeyId, KeySchema, KeyUpdate, UserAdapter, UserId, UserSchema, UserUpdate};

use super::users_and_keys::UsersAndKeys;
use crate::{
    config::SqlConfig,
    driver::{Connection, Pool},
    schema,
    setup_error::SetupError,
};

/// Stores users and keys in a database with the Prisma schema, for an application that stores its sessions elsewhere.
/// In Lucia JS this is `modelNames: { session: null }`.
///
/// A table of sessions is neither needed nor accessed. Combine this adapter with a session adapter in a
/// [`SplitAdapter`](lucia_core::SplitAdapter).
#[derive(Clone)]
pub struct SqlUserAdapter {
    users_and_keys: Arc<UsersAndKeys>,
}

impl SqlUserAdapter {
    /// Creates an adapter for the tables `User` and `Key`.
    ///
    /// # Errors
    /// Returns the errors of [`with_config`](Self::with_config).
    pub async fn new<Marker>(pool: impl Pool<Marker>) -> Result<Self, SetupError> {
        Self::with_config(pool, SqlConfig::default()).await
    }

    /// Creates an adapter for the configured tables. The configuration of sessions is not used.
    ///
    /// # Errors
    /// Returns the errors of [`SqlAdapter::with_config`](super::SqlAdapter::with_config).
    pub async fn with_config<Marker>(pool: impl Pool<Marker>, config: SqlConfig) -> Result<Self, SetupError> {
        let driver = pool.driver();
        let (user, key) = schema::user_tables(&config, &*driver).await?;
        Ok(Self { users_and_keys: Arc::new(UsersAndKeys::new(driver, user, key, None)) })
    }
}

impl SqlUserAdapter {
    /// Stores a user and optionally a key on a connection of the application, as [`set_user`](UserAdapter::set_user)
    /// does.
    ///
    /// If the connection is in a transaction, the user and the key are part of it and are committed with the other
    /// writes of the application. Either both or neither are written.
    ///
    /// Roll the transaction back if this fails: Postgres rejects further statements in it. To continue after an error,
    /// create a savepoint first.
    ///
    /// If the returned future is dropped before it completes, close the connection instead of returning it to a pool of
    /// sqlx, because sqlx 0.9.0 may leave a transaction open
    /// ([launchbadge/sqlx#4393](https://github.com/launchbadge/sqlx/issues/4393)).
    ///
    /// # Errors
    /// Returns the errors of [`set_user`](UserAdapter::set_user), and
    /// [`Backend`](lucia_core::AdapterErrorKind::Backend) if the connection belongs to another kind of database than
    /// the adapter. If both the id and a unique attribute are taken, a transaction of Postgres returns the error that
    /// Postgres finds first.
    pub async fn set_user_in<Marker>(
        &self,
        connection: &mut impl Connection<Marker>,
        user: &UserSchema,
        key: Option<&KeySchema>,
    ) -> AdapterResult<()> {
        Ok(self.users_and_keys.set_user_in(connection, user, key).await?)
    }

    /// Stores a key on a connection of the application, as [`set_key`](UserAdapter::set_key) does.
    ///
    /// If the connection is in a transaction, the key is part of it; see [`set_user_in`](Self::set_user_in).
    ///
    /// # Errors
    /// Returns the errors of [`set_key`](UserAdapter::set_key), and [`Backend`](lucia_core::AdapterErrorKind::Backend)
    /// if the connection belongs to another kind of database than the adapter.
    pub async fn set_key_in<Marker>(
        &self,
        connection: &mut impl Connection<Marker>,
        key: &KeySchema,
    ) -> AdapterResult<()> {
        Ok(self.users_and_keys.set_key_in(connection, key).await?)
    }
}

impl fmt::Debug for SqlUserAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlUserAdapter")
            .field("user", &self.users_and_keys.user.table.name)
            .field("key", &self.users_and_keys.key.table.name)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl UserAdapter for SqlUserAdapter {
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
