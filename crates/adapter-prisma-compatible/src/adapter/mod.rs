//! The adapters, written once for every database and driver.

mod joined;
mod key;
mod purge;
mod rows;
mod session;
mod sessions;
mod transaction;
mod user;
mod users;
mod write;

use std::{fmt, sync::Arc};

use self::{sessions::Sessions, users::Users};
use crate::{
    PrismaConfig, SetupError,
    driver::Pool,
    schema::{self, Schema},
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
    users: PrismaUserAdapter,
    sessions: Arc<Sessions>,
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
        let driver = Arc::from(pool.driver());
        let Schema { users, session } = schema::check(&config, &*driver).await?;
        let tables = Arc::new(Users::new(Arc::clone(&driver), users, Some(&session)));
        let sessions = Arc::new(Sessions::new(driver, session, Arc::clone(&tables)));
        Ok(Self { users: PrismaUserAdapter { tables }, sessions })
    }
}

impl fmt::Debug for PrismaAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrismaAdapter")
            .field("user", &self.users.tables.schema.user.table.name)
            .field("session", &self.sessions.table.table.name)
            .field("key", &self.users.tables.schema.key.table.name)
            .finish_non_exhaustive()
    }
}

/// Users and keys in a database with the Prisma schema, for an application that keeps its sessions elsewhere: Lucia's
/// `modelNames: { session: null }`. No table of sessions is needed, and none is looked at.
///
/// It is one half of a [`SplitAdapter`](lucia_core::SplitAdapter).
///
/// ```
/// use adapter_prisma_compatible::{PrismaConfig, PrismaUserAdapter, sqlite};
/// use lucia_core::{SplitAdapter, memory::MemoryAdapter};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pool = sqlite::connect("sqlite::memory:").await?;
/// PrismaConfig::default().create_user_tables(&pool).await?;
///
/// let users = PrismaUserAdapter::new(pool).await?;
/// let adapter = SplitAdapter::new(users, MemoryAdapter::without_foreign_keys());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct PrismaUserAdapter {
    tables: Arc<Users>,
}

impl PrismaUserAdapter {
    /// An adapter for the tables `User` and `Key`.
    ///
    /// # Errors
    /// As [`with_config`](Self::with_config).
    pub async fn new(pool: impl Pool) -> Result<Self, SetupError> {
        Self::with_config(pool, PrismaConfig::default()).await
    }

    /// An adapter for the tables that the configuration names. What it says of sessions is not used.
    ///
    /// # Errors
    /// As [`PrismaAdapter::with_config`].
    pub async fn with_config(pool: impl Pool, config: PrismaConfig) -> Result<Self, SetupError> {
        let driver = Arc::from(pool.driver());
        let users = schema::check_users(&config, &*driver).await?;
        Ok(Self { tables: Arc::new(Users::new(driver, users, None)) })
    }
}

impl fmt::Debug for PrismaUserAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrismaUserAdapter")
            .field("user", &self.tables.schema.user.table.name)
            .field("key", &self.tables.schema.key.table.name)
            .finish_non_exhaustive()
    }
}
