//! The adapter, written once for every database and driver.

mod joined;
mod rows;
mod session;
mod user;
mod write;

use std::{fmt, sync::Arc};

use crate::{
    PrismaConfig, SetupError,
    driver::{Driver, Pool, Query},
    error::Error,
    schema::{self, Schema},
    sql::Statements,
};

/// Users, keys and sessions in a database with the Prisma schema.
///
/// Clones share the pool, which stays the application's own: whatever it is set to holds here too.
///
/// ```
/// use adapter_prisma_compatible::{PrismaAdapter, PrismaConfig, sqlite};
/// use lucia_core::{KeyId, KeySchema, UserAdapter, UserSchema};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pool = sqlite::connect("sqlite::memory:").await?;
/// PrismaConfig::default().create_tables(&pool).await?;
///
/// let adapter = PrismaAdapter::new(pool).await?;
/// let key = KeySchema::new(KeyId::new("github", "583231")?, "u1");
/// adapter.set_user(&UserSchema::new("u1"), Some(&key)).await?;
/// assert_eq!(adapter.get_key(&key.id).await?, Some(key));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct PrismaAdapter {
    inner: Arc<Inner>,
}

struct Inner {
    driver: Box<dyn Driver>,
    schema: Schema,
    statements: Statements,
}

impl PrismaAdapter {
    /// An adapter in default mode: the tables `User`, `Session` and `Key`.
    ///
    /// # Errors
    /// As [`with_config`](Self::with_config).
    pub async fn new(pool: impl Pool) -> Result<Self, SetupError> {
        Self::with_config(pool, PrismaConfig::default()).await
    }

    /// An adapter for the tables that the configuration names.
    ///
    /// Reads what the database says of them, and learns the attributes from it. A column that is added later is one when
    /// the adapter is made anew.
    ///
    /// # Errors
    /// [`SetupError::Mismatch`] with every difference between what is there and what is needed;
    /// [`SetupError::Unavailable`] and [`SetupError::Database`] if the database cannot be asked.
    pub async fn with_config(pool: impl Pool, config: PrismaConfig) -> Result<Self, SetupError> {
        let driver = pool.driver();
        let schema = schema::check(&config, &*driver).await?;
        let statements = Statements::new(driver.dialect(), &schema);
        Ok(Self { inner: Arc::new(Inner { driver, schema, statements }) })
    }
}

impl Inner {
    async fn exists(&self, sql: &Arc<str>, id: &str) -> Result<bool, Error> {
        let row = self.driver.fetch_optional(&Query::new(sql, [id.into()])).await;
        row.map(|row| row.is_some()).map_err(Error::plain)
    }

    async fn delete(&self, sql: &Arc<str>, id: &str) -> Result<(), Error> {
        self.driver.execute(&Query::new(sql, [id.into()])).await.map(drop).map_err(Error::plain)
    }
}

impl fmt::Debug for PrismaAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Schema { user, session, key } = &self.inner.schema;
        f.debug_struct("PrismaAdapter")
            .field("user", &user.table.name)
            .field("session", &session.table.name)
            .field("key", &key.table.name)
            .finish_non_exhaustive()
    }
}
