#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(not(any(
    feature = "mysql",
    feature = "postgres",
    feature = "rusqlite",
    feature = "sqlite",
    feature = "diesel-mysql",
    feature = "diesel-postgres",
    feature = "diesel-sqlite"
)))]
compile_error!(
    "no driver: enable at least one of the features `rusqlite`, `sqlite`, `postgres`, `mysql`, `diesel-sqlite`, \
     `diesel-postgres`, `diesel-mysql`"
);

mod timer;
mod family;
mod transaction_ended;
mod transaction_conflict;
#[cfg(any(
    feature = "mysql",
    feature = "postgres",
    feature = "sqlite",
    feature = "diesel-mysql",
    feature = "diesel-postgres",
    feature = "diesel-sqlite"
))]
mod pooled;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "rusqlite", feature = "sqlite"))]
mod url;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod redacted;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod outage;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod sqlx_connection;
#[cfg(feature = "rusqlite")]
mod rusqlite_pool;
#[cfg(feature = "sqlite")]
pub mod sqlite;
#[cfg(feature = "mysql")]
pub mod mysql;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(any(feature = "diesel-mysql", feature = "diesel-postgres", feature = "diesel-sqlite"))]
mod diesel;

#[cfg(any(feature = "diesel-mysql", feature = "diesel-postgres", feature = "diesel-sqlite"))]
pub use diesel_async;
#[doc(inline)]
pub use lucia_sql::{
    Attribute, AttributeType, ConstraintKind, DateTimeFormat, Mismatch, Refusal, SetupError, Table,
    driver::{Connection, Database, Pool},
};
#[cfg(feature = "rusqlite")]
pub use rusqlite;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
pub use sqlx;

#[cfg(feature = "rusqlite")]
pub use self::rusqlite_pool::{NoConnection, OpenError, RusqlitePool};
#[cfg(any(feature = "mysql", feature = "postgres", feature = "rusqlite", feature = "sqlite"))]
pub use self::url::InvalidUrl;
pub use self::{family::Prisma, transaction_conflict::TransactionConflict, transaction_ended::TransactionEnded};

/// Stores users, keys and sessions in a database with the Prisma schema, on a pool of sqlx, Diesel or rusqlite.
///
/// [`Prisma`] lists the pools and connections.
///
/// ```
/// use adapter_prisma_compatible::{PrismaAdapter, PrismaConfig, sqlite};
/// use lucia_core::{KeyId, KeySchema, UserAdapter, UserSchema};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pool = sqlite::connect("sqlite::memory:").await?;
/// PrismaConfig::default().create_tables(&pool).await?;
///
/// let adapter = PrismaAdapter::new(pool.clone()).await?;
/// let key = KeySchema::new(KeyId::new("github", "583231")?, "u1");
/// adapter.set_user(&UserSchema::new("u1"), Some(&key)).await?;
/// assert_eq!(adapter.get_key(&key.id).await?, Some(key));
/// # Ok(()) }
/// ```
///
/// In a transaction of the application:
///
/// ```
/// # use adapter_prisma_compatible::{PrismaAdapter, PrismaConfig, sqlite, sqlx};
/// # use lucia_core::{KeyId, KeySchema, UserAdapter, UserSchema};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let pool = sqlite::connect("sqlite::memory:").await?;
/// # PrismaConfig::default().create_tables(&pool).await?;
/// # sqlx::query("CREATE TABLE cart (user_id TEXT NOT NULL)").execute(&pool).await?;
/// # let adapter = PrismaAdapter::new(pool.clone()).await?;
/// let mut transaction = pool.begin().await?;
/// let key = KeySchema::new(KeyId::new("github", "583231")?, "u1");
/// adapter.set_user_in(&mut *transaction, &UserSchema::new("u1"), Some(&key)).await?;
/// sqlx::query("INSERT INTO cart VALUES ('u1')").execute(&mut *transaction).await?;
/// transaction.commit().await?;
/// # assert!(adapter.get_user(&"u1".into()).await?.is_some());
/// # Ok(()) }
/// ```
pub type PrismaAdapter = lucia_sql::SqlAdapter<Prisma>;
/// Configures the tables, columns and attributes of a [`PrismaAdapter`].
///
/// ```
/// use adapter_prisma_compatible::{Attribute, PrismaAdapter, PrismaConfig, Table, sqlite};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pool = sqlite::connect("sqlite::memory:").await?;
/// let users = Table::named("User").attribute("username", Attribute::string().unique());
/// let config = PrismaConfig::default().user(users);
/// config.create_tables(&pool).await?;
/// config.create_expiry_index(&pool).await?;
/// let adapter = PrismaAdapter::with_config(pool, config).await?;
/// # Ok(()) }
/// ```
#[doc(inline)]
pub use lucia_sql::SqlConfig as PrismaConfig;
/// Stores users and keys in a database with the Prisma schema, for applications with sessions in another store.
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
pub type PrismaUserAdapter = lucia_sql::SqlUserAdapter<Prisma>;
/// Stores one-time tokens and counters in the table `Token`, which is not part of Lucia's schema.
///
/// ```
/// use std::time::Duration;
///
/// use adapter_prisma_compatible::{PrismaConfig, PrismaTokenAdapter, Table, sqlite};
/// use lucia_core::{TokenAdapter, UnixMillis};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pool = sqlite::connect("sqlite::memory:").await?;
/// let config = PrismaConfig::default().token(Table::named("Token"));
/// config.create_tables(&pool).await?;
///
/// let tokens = PrismaTokenAdapter::with_config(pool, config).await?;
/// let (now, window) = (UnixMillis::new(0), Duration::from_secs(60));
/// assert_eq!(tokens.add_to_counter("sign-in", 1, window, now).await?.value, 1);
/// assert_eq!(tokens.add_to_counter("sign-in", 1, window, now).await?.value, 2);
/// # Ok(()) }
/// ```
pub type PrismaTokenAdapter = lucia_sql::SqlTokenAdapter<Prisma>;
