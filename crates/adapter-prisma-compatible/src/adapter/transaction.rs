use lucia_core::{AdapterResult, KeySchema, SessionSchema, UserSchema};

use super::{PrismaAdapter, PrismaUserAdapter};
use crate::{
    driver::{Connection, Driver},
    error::Error,
};

impl PrismaUserAdapter {
    /// [`set_user`](lucia_core::UserAdapter::set_user) on a connection of the application, inside its transaction if it is in
    /// one: the user is there when that is committed, and with it whatever else was written.
    ///
    /// Where it fails, roll the transaction back. Postgres takes no further statement in it; make a savepoint first where you
    /// want to go on. Both the user and the key, or neither, are written on every database.
    ///
    /// If the call is dropped before it ends, close the connection instead of giving it back to a pool of sqlx: sqlx 0.9.0 may
    /// leave a transaction open then (its issue 4393).
    ///
    /// ```
    /// use adapter_prisma_compatible::{PrismaAdapter, PrismaConfig, sqlite};
    /// use lucia_core::{KeyId, KeySchema, UserAdapter, UserSchema};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use adapter_prisma_compatible::sqlx;
    /// # let pool = sqlite::connect("sqlite::memory:").await?;
    /// # PrismaConfig::default().create_tables(&pool).await?;
    /// # sqlx::query("CREATE TABLE cart (user_id TEXT NOT NULL)").execute(&pool).await?;
    /// let adapter = PrismaAdapter::new(pool.clone()).await?;
    ///
    /// let mut transaction = pool.begin().await?;
    /// let key = KeySchema::new(KeyId::new("github", "583231")?, "u1");
    /// adapter.set_user_in(&mut *transaction, &UserSchema::new("u1"), Some(&key)).await?;
    /// sqlx::query("INSERT INTO cart VALUES ('u1')").execute(&mut *transaction).await?;
    /// transaction.commit().await?;
    /// # assert!(adapter.get_user(&"u1".into()).await?.is_some());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Those of `set_user`; and [`Backend`](lucia_core::AdapterErrorKind::Backend) if the connection is one of another kind of
    /// database than the adapter's. In a transaction of Postgres, where both the id and a unique attribute are taken, it is
    /// the one that Postgres finds first.
    pub async fn set_user_in(
        &self,
        connection: &mut impl Connection,
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
    pub async fn set_key_in(&self, connection: &mut impl Connection, key: &KeySchema) -> AdapterResult<()> {
        let driver = connection.driver();
        let set = async {
            self.check(&*driver)?;
            self.tables.set_key(&*driver, key).await
        };
        set.await.map_err(|error| error.during("set_key"))
    }

    fn check(&self, driver: &dyn Driver) -> Result<(), Error> {
        let (expected, found) = (self.tables.driver().dialect().name(), driver.dialect().name());
        if expected == found { Ok(()) } else { Err(Error::other_database(expected, found)) }
    }
}

impl PrismaAdapter {
    /// [`PrismaUserAdapter::set_user_in`].
    ///
    /// # Errors
    /// As there.
    pub async fn set_user_in(
        &self,
        connection: &mut impl Connection,
        user: &UserSchema,
        key: Option<&KeySchema>,
    ) -> AdapterResult<()> {
        self.users.set_user_in(connection, user, key).await
    }

    /// [`PrismaUserAdapter::set_key_in`].
    ///
    /// # Errors
    /// As there.
    pub async fn set_key_in(&self, connection: &mut impl Connection, key: &KeySchema) -> AdapterResult<()> {
        self.users.set_key_in(connection, key).await
    }

    /// [`set_session`](lucia_core::SessionAdapter::set_session) on a connection of the application, inside its transaction if
    /// it is in one. The user may be one whom the same transaction has written.
    ///
    /// # Errors
    /// Those of `set_session`, and as [`set_user_in`](Self::set_user_in).
    pub async fn set_session_in(&self, connection: &mut impl Connection, session: &SessionSchema) -> AdapterResult<()> {
        let driver = connection.driver();
        let set = async {
            self.users.check(&*driver)?;
            self.sessions.set_session(&*driver, session).await
        };
        set.await.map_err(|error| error.during("set_session"))
    }
}
