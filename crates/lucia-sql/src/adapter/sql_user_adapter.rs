use std::{fmt, sync::Arc};

use async_trait::async_trait;
use lucia_core::{AdapterResult, KeyId, KeySchema, KeyUpdate, UserAdapter, UserId, UserSchema, UserUpdate};

use super::tables::Tables;
use crate::{
    config::SqlConfig,
    driver::{Connection, Pool},
    schema,
    setup_error::SetupError,
};

/// Users and keys in a database with the Prisma schema, for an application that keeps its sessions elsewhere: Lucia's
/// `modelNames: { session: null }`. No table of sessions is needed, and none is looked at.
///
/// It is one half of a [`SplitAdapter`](lucia_core::SplitAdapter).
#[derive(Clone)]
pub struct SqlUserAdapter {
    tables: Arc<Tables>,
}

impl SqlUserAdapter {
    /// Creates an adapter for the tables `User` and `Key`.
    ///
    /// # Errors
    /// As [`with_config`](Self::with_config).
    pub async fn new<Of>(pool: impl Pool<Of>) -> Result<Self, SetupError> {
        Self::with_config(pool, SqlConfig::default()).await
    }

    /// Creates an adapter for the tables that the configuration names. What it says of sessions is not used.
    ///
    /// # Errors
    /// As [`SqlAdapter::with_config`](super::SqlAdapter::with_config).
    pub async fn with_config<Of>(pool: impl Pool<Of>, config: SqlConfig) -> Result<Self, SetupError> {
        let driver = pool.driver();
        let (user, key) = schema::user_tables(&config, &*driver).await?;
        Ok(Self { tables: Arc::new(Tables::new(driver, user, key, None)) })
    }
}

impl SqlUserAdapter {
    /// Runs [`set_user`](UserAdapter::set_user) on a connection of the application, inside its transaction if it is in one: the
    /// user is there when that is committed, and with it whatever else was written.
    ///
    /// Where it fails, roll the transaction back. Postgres takes no further statement in it; make a savepoint first where you
    /// want to go on. Both the user and the key, or neither, are written on every database.
    ///
    /// If the call is dropped before it ends, close the connection instead of giving it back to a pool of sqlx: sqlx 0.9.0 may
    /// leave a transaction open then (its issue 4393).
    ///
    /// # Errors
    /// Those of `set_user`; and [`Backend`](lucia_core::AdapterErrorKind::Backend) if the connection is one of another kind of
    /// database than the adapter's. In a transaction of Postgres, where both the id and a unique attribute are taken, it is
    /// the one that Postgres finds first.
    pub async fn set_user_in<Of>(
        &self,
        connection: &mut impl Connection<Of>,
        user: &UserSchema,
        key: Option<&KeySchema>,
    ) -> AdapterResult<()> {
        Ok(self.tables.set_user_in(connection, user, key).await?)
    }

    /// Runs [`set_key`](UserAdapter::set_key) on a connection of the application, as [`set_user_in`](Self::set_user_in).
    ///
    /// # Errors
    /// Those of `set_key`, and as `set_user_in`.
    pub async fn set_key_in<Of>(&self, connection: &mut impl Connection<Of>, key: &KeySchema) -> AdapterResult<()> {
        Ok(self.tables.set_key_in(connection, key).await?)
    }
}

impl fmt::Debug for SqlUserAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlUserAdapter")
            .field("user", &self.tables.user.table.name)
            .field("key", &self.tables.key.table.name)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl UserAdapter for SqlUserAdapter {
    async fn get_user(&self, user_id: &UserId) -> AdapterResult<Option<UserSchema>> {
        Ok(self.tables.get_user(user_id).await?)
    }

    async fn set_user(&self, user: &UserSchema, key: Option<&KeySchema>) -> AdapterResult<()> {
        Ok(self.tables.set_user(&*self.tables.driver, user, key).await?)
    }

    async fn update_user(&self, user_id: &UserId, update: &UserUpdate) -> AdapterResult<()> {
        Ok(self.tables.update_user(user_id, update).await?)
    }

    async fn delete_user(&self, user_id: &UserId) -> AdapterResult<()> {
        Ok(self.tables.delete_user(user_id).await?)
    }

    async fn get_key(&self, key_id: &KeyId) -> AdapterResult<Option<KeySchema>> {
        Ok(self.tables.get_key(key_id).await?)
    }

    async fn get_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<KeySchema>> {
        Ok(self.tables.get_keys_by_user_id(user_id).await?)
    }

    async fn set_key(&self, key: &KeySchema) -> AdapterResult<()> {
        Ok(self.tables.set_key(&*self.tables.driver, key).await?)
    }

    async fn update_key(&self, key_id: &KeyId, update: &KeyUpdate) -> AdapterResult<()> {
        Ok(self.tables.update_key(key_id, update).await?)
    }

    async fn delete_key(&self, key_id: &KeyId) -> AdapterResult<()> {
        Ok(self.tables.delete_key(key_id).await?)
    }

    async fn delete_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        Ok(self.tables.delete_keys_by_user_id(user_id).await?)
    }
}
