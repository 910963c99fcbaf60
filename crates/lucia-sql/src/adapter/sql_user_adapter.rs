use std::{fmt, sync::Arc};

use async_trait::async_trait;
use lucia_core::{AdapterResult, KeyId, KeySchema, KeyUpdate, UserAdapter, UserId, UserSchema, UserUpdate};

use super::users::Users;
use crate::{
    config::SqlConfig,
    driver::{Connection, Driver, Pool},
    error::Error,
    schema,
    setup_error::SetupError,
};

/// Users and keys in a database with the Prisma schema, for an application that keeps its sessions elsewhere: Lucia's
/// `modelNames: { session: null }`. No table of sessions is needed, and none is looked at.
///
/// It is one half of a [`SplitAdapter`](lucia_core::SplitAdapter).
#[derive(Clone)]
pub struct SqlUserAdapter {
    pub(super) tables: Arc<Users>,
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
        let driver: Arc<dyn Driver> = Arc::from(pool.driver());
        let (user, key) = schema::user_tables(&config, &*driver).await?;
        Ok(Self { tables: Arc::new(Users::new(driver, user, key, None)) })
    }
}

impl SqlUserAdapter {
    /// [`set_user`](lucia_core::UserAdapter::set_user) on a connection of the application, inside its transaction if it is in
    /// one: the user is there when that is committed, and with it whatever else was written.
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
        let driver = connection.driver();
        let set = async {
            self.check(&*driver)?;
            self.tables.set_user(&*driver, user, key).await
        };
        set.await.map_err(|error| error.during("set_user"))
    }

    /// [`set_key`](lucia_core::UserAdapter::set_key) on a connection of the application, as
    /// [`set_user_in`](Self::set_user_in).
    ///
    /// # Errors
    /// Those of `set_key`, and as `set_user_in`.
    pub async fn set_key_in<Of>(&self, connection: &mut impl Connection<Of>, key: &KeySchema) -> AdapterResult<()> {
        let driver = connection.driver();
        let set = async {
            self.check(&*driver)?;
            self.tables.set_key(&*driver, key).await
        };
        set.await.map_err(|error| error.during("set_key"))
    }

    /// Whether a connection is one to the adapter's kind of database.
    pub(super) fn check(&self, driver: &dyn Driver) -> Result<(), Error> {
        let (expected, found) = (self.tables.driver().database(), driver.database());
        if expected == found { Ok(()) } else { Err(Error::other_database(expected.name(), found.name())) }
    }
}

impl fmt::Debug for SqlUserAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlUserAdapter")
            .field("user", &self.tables.user_table.table.name)
            .field("key", &self.tables.key_table.table.name)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl UserAdapter for SqlUserAdapter {
    async fn get_user(&self, user_id: &UserId) -> AdapterResult<Option<UserSchema>> {
        self.tables.get_user(user_id).await.map_err(|error| error.during("get_user"))
    }

    async fn set_user(&self, user: &UserSchema, key: Option<&KeySchema>) -> AdapterResult<()> {
        self.tables.set_user(self.tables.driver(), user, key).await.map_err(|error| error.during("set_user"))
    }

    async fn update_user(&self, user_id: &UserId, update: &UserUpdate) -> AdapterResult<()> {
        self.tables.update_user(user_id, update).await.map_err(|error| error.during("update_user"))
    }

    async fn delete_user(&self, user_id: &UserId) -> AdapterResult<()> {
        self.tables.delete_user(user_id).await.map_err(|error| error.during("delete_user"))
    }

    async fn get_key(&self, key_id: &KeyId) -> AdapterResult<Option<KeySchema>> {
        self.tables.get_key(key_id).await.map_err(|error| error.during("get_key"))
    }

    async fn get_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<KeySchema>> {
        self.tables.get_keys_by_user_id(user_id).await.map_err(|error| error.during("get_keys_by_user_id"))
    }

    async fn set_key(&self, key: &KeySchema) -> AdapterResult<()> {
        self.tables.set_key(self.tables.driver(), key).await.map_err(|error| error.during("set_key"))
    }

    async fn update_key(&self, key_id: &KeyId, update: &KeyUpdate) -> AdapterResult<()> {
        self.tables.update_key(key_id, update).await.map_err(|error| error.during("update_key"))
    }

    async fn delete_key(&self, key_id: &KeyId) -> AdapterResult<()> {
        self.tables.delete_key(key_id).await.map_err(|error| error.during("delete_key"))
    }

    async fn delete_keys_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.tables.delete_keys_by_user_id(user_id).await.map_err(|error| error.during("delete_keys_by_user_id"))
    }
}
