use std::{fmt, marker::PhantomData, sync::Arc};

use lucia_core::{AdapterResult, KeySchema, SessionSchema, UserSchema};

use super::{
    sessions::Sessions,
    user_replica::UserReplica,
    users_and_keys::{UsersAndKeys, check_database},
};
use crate::{
    config::SqlConfig,
    driver::{Connection, Driver, Family, Pool},
    schema,
    setup_error::{SetupError, server_name},
};

/// Stores users, keys and sessions in a database with the Prisma schema.
///
/// `F` determines which pools and connections the adapter accepts. With [`NoSessions`] as `S`, it is a
/// [`SqlUserAdapter`].
///
/// Clones share the connection pool of the application, with its settings.
pub struct SqlAdapter<F, S = Sessions> {
    pub(super) users_and_keys: Arc<UsersAndKeys>,
    pub(super) sessions: Arc<S>,
    family: PhantomData<fn() -> F>,
}

/// Stores users and keys in a database with the Prisma schema, for an application that stores its sessions elsewhere.
/// In Lucia JS this is `modelNames: { session: null }`.
///
/// A table of sessions is neither needed nor accessed. Combine this adapter with a session adapter in a
/// [`SplitAdapter`](lucia_core::SplitAdapter).
pub type SqlUserAdapter<F> = SqlAdapter<F, NoSessions>;

/// The sessions of a [`SqlUserAdapter`].
#[derive(Clone, Copy, Debug)]
pub struct NoSessions;

impl<F: Family> SqlAdapter<F> {
    /// Creates an adapter with the default configuration: the tables `User`, `Session` and `Key`.
    ///
    /// # Errors
    /// Returns the errors of [`with_config`](Self::with_config).
    pub async fn new(pool: impl Pool<F>) -> Result<Self, SetupError> {
        Self::with_config(pool, SqlConfig::default()).await
    }

    /// Creates an adapter for the configured tables.
    ///
    /// Checks the tables in the database, and reads the attributes from their columns. A column that is added later
    /// becomes an attribute when the adapter is created again. On D1 the database is not asked, and the tables are
    /// expected to match the configuration; see [`check`](SqlConfig::check).
    ///
    /// # Errors
    /// Returns [`SetupError::Mismatch`] with every difference if the tables or the settings of the connections do not
    /// match the configuration, and [`SetupError::Unavailable`] or [`SetupError::Database`] if the tables cannot be
    /// read.
    pub async fn with_config(pool: impl Pool<F>, config: SqlConfig) -> Result<Self, SetupError> {
        Self::create(pool.driver(), None, config).await
    }

    /// Creates an adapter for the configured tables that reads the users of sessions from a replica of the database, such
    /// as a hot standby.
    ///
    /// Validating a session reads the session from the primary, which is `pool`, and its user from the replica, side by
    /// side. If the replica does not have them yet, or fails, both are read from the primary, which takes another round
    /// trip. All other reads, also those of keys and [`get_user`](lucia_core::UserAdapter::get_user), and all writes
    /// are those of the primary.
    ///
    /// However late the replica is, a session that was revoked, or whose user was deleted with
    /// [`delete_user`](lucia_core::UserAdapter::delete_user), is not found any more, and a new session is. The attributes
    /// of the user are as old as the replica: to keep somebody out at once, revoke the sessions. A user that was deleted
    /// by other means, in tables without foreign keys, is found until the replica has applied the deletion.
    ///
    /// The replica is waited for at most 1 s. A warning is logged when it begins to fail, and not for each call.
    ///
    /// # Errors
    /// Returns the errors of [`with_config`](Self::with_config), which checks the tables of the primary, and
    /// [`SetupError::OtherDatabase`] if the replica is another kind of database.
    pub async fn with_user_replica(
        pool: impl Pool<F>,
        replica: impl Pool<F>,
        config: SqlConfig,
    ) -> Result<Self, SetupError> {
        let (primary, replica) = (pool.driver(), replica.driver());
        if primary.database() != replica.database() {
            let (primary, replica) = (server_name(&*primary), server_name(&*replica));
            return Err(SetupError::OtherDatabase { primary, replica });
        }
        Self::create(primary, Some(UserReplica::new(replica, F::TIMER)), config).await
    }

    async fn create(
        driver: Box<dyn Driver>,
        replica: Option<UserReplica>,
        config: SqlConfig,
    ) -> Result<Self, SetupError> {
        let ((user, key, token), session) = schema::tables(&config, &*driver).await?;
        let users_and_keys = Arc::new(UsersAndKeys::new(driver, user, key, Some(&session), token.as_ref()));
        let sessions = Arc::new(Sessions::new(Arc::clone(&users_and_keys), session, &config, replica));
        Ok(Self { users_and_keys, sessions, family: PhantomData })
    }

    /// Stores a session on a connection of the application, as [`set_session`](lucia_core::SessionAdapter::set_session)
    /// does.
    ///
    /// If the connection is in a transaction, the session is part of it. The same transaction may have stored the user.
    /// See [`set_user_in`](SqlAdapter::set_user_in) for what to do after an error.
    ///
    /// # Errors
    /// Returns the errors of [`set_session`](lucia_core::SessionAdapter::set_session), and
    /// [`Backend`](lucia_core::AdapterErrorKind::Backend) if the connection belongs to another kind of database than
    /// the adapter, or its transaction is no longer open.
    pub async fn set_session_in(
        &self,
        connection: &mut impl Connection<F>,
        session: &SessionSchema,
    ) -> AdapterResult<()> {
        let driver = connection.driver();
        check_database(&*self.users_and_keys.driver, &*driver)?;
        Ok(self.sessions.set_session(&*driver, session).await?)
    }
}

impl<F: Family> SqlUserAdapter<F> {
    /// Creates an adapter for the tables `User` and `Key`.
    ///
    /// # Errors
    /// Returns the errors of [`with_config`](Self::with_config).
    pub async fn new(pool: impl Pool<F>) -> Result<Self, SetupError> {
        Self::with_config(pool, SqlConfig::default()).await
    }

    /// Creates an adapter for the configured tables. The configuration of sessions is not used.
    ///
    /// # Errors
    /// Returns the errors of [`SqlAdapter::with_config`].
    pub async fn with_config(pool: impl Pool<F>, config: SqlConfig) -> Result<Self, SetupError> {
        let driver = pool.driver();
        let (user, key, token) = schema::user_tables(&config, &*driver).await?;
        let users_and_keys = Arc::new(UsersAndKeys::new(driver, user, key, None, token.as_ref()));
        Ok(Self { users_and_keys, sessions: Arc::new(NoSessions), family: PhantomData })
    }
}

impl<F: Family, S> SqlAdapter<F, S> {
    /// Stores a user and optionally a key on a connection of the application, as
    /// [`set_user`](lucia_core::UserAdapter::set_user) does.
    ///
    /// If the connection is in a transaction, the user and the key are part of it and are committed with the other
    /// writes of the application. Either both or neither are written.
    ///
    /// Roll the transaction back if this fails: Postgres rejects further statements in it. To continue after an error,
    /// create a savepoint first.
    ///
    /// Nothing is retried, because only the application can run the whole transaction again. After a deadlock, a
    /// serialization failure or a lock that is not free in time, this fails with
    /// [`Unavailable`](lucia_core::AdapterErrorKind::Unavailable): roll the transaction back and begin it again.
    ///
    /// After some errors, the database itself rolls back the whole transaction: SQLite if the disk is full, MySQL after a
    /// deadlock. Further calls in the transaction are then refused, because they would be committed at once. If it was
    /// begun with a `BEGIN` statement instead of a method of the connection's library, they are not: do not continue
    /// after an error in such a transaction.
    ///
    /// If the returned future is dropped before it completes, the transaction has stored either both rows or neither when it
    /// is committed. With Diesel on MySQL, it may be impossible to commit it then. In a transaction that was begun with a
    /// `BEGIN` statement, a user without the key may be left on MySQL and SQLite: roll it back.
    ///
    /// After a dropped call, close the connection instead of returning it to a pool of sqlx, because sqlx 0.9.0 may leave a
    /// transaction open ([launchbadge/sqlx#4393](https://github.com/launchbadge/sqlx/issues/4393)).
    ///
    /// # Errors
    /// Returns the errors of [`set_user`](lucia_core::UserAdapter::set_user), and
    /// [`Backend`](lucia_core::AdapterErrorKind::Backend) if the connection belongs to another kind of database than
    /// the adapter, or its transaction is no longer open. If both the id and a unique attribute are taken, a
    /// transaction of Postgres returns the error that Postgres finds first.
    pub async fn set_user_in(
        &self,
        connection: &mut impl Connection<F>,
        user: &UserSchema,
        key: Option<&KeySchema>,
    ) -> AdapterResult<()> {
        let driver = connection.driver();
        check_database(&*self.users_and_keys.driver, &*driver)?;
        Ok(self.users_and_keys.set_user(&*driver, user, key).await?)
    }

    /// Stores a key on a connection of the application, as [`set_key`](lucia_core::UserAdapter::set_key) does.
    ///
    /// If the connection is in a transaction, the key is part of it; see [`set_user_in`](Self::set_user_in).
    ///
    /// # Errors
    /// Returns the errors of [`set_key`](lucia_core::UserAdapter::set_key), and
    /// [`Backend`](lucia_core::AdapterErrorKind::Backend) if the connection belongs to another kind of database than
    /// the adapter, or its transaction is no longer open.
    pub async fn set_key_in(&self, connection: &mut impl Connection<F>, key: &KeySchema) -> AdapterResult<()> {
        let driver = connection.driver();
        check_database(&*self.users_and_keys.driver, &*driver)?;
        Ok(self.users_and_keys.set_key(&*driver, key).await?)
    }
}

impl<F, S> Clone for SqlAdapter<F, S> {
    fn clone(&self) -> Self {
        let (users_and_keys, sessions) = (Arc::clone(&self.users_and_keys), Arc::clone(&self.sessions));
        Self { users_and_keys, sessions, family: PhantomData }
    }
}

impl<F: Family> fmt::Debug for SqlAdapter<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(&format!("{}Adapter", F::NAME))
            .field("user", &self.users_and_keys.user.table.name)
            .field("session", &self.sessions.session.table.name)
            .field("key", &self.users_and_keys.key.table.name)
            .finish_non_exhaustive()
    }
}

impl<F: Family> fmt::Debug for SqlUserAdapter<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(&format!("{}UserAdapter", F::NAME))
            .field("user", &self.users_and_keys.user.table.name)
            .field("key", &self.users_and_keys.key.table.name)
            .finish_non_exhaustive()
    }
}
