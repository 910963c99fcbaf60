#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod failure;
mod error;
mod driver;

pub use worker;

pub use self::{driver::D1, error::D1Error};
/// On D1 it makes one request for each operation, and one more only where that must say why nothing was written.
///
/// ```no_run
/// use adapter_cloudflare_d1::{D1Adapter, SetupError};
/// # use worker::D1Database;
///
/// # async fn adapter(database: D1Database) -> Result<D1Adapter, SetupError> {
/// let adapter = D1Adapter::new(database).await?; // env.d1("DB")?; this sends no request
/// # Ok(adapter) }
/// ```
#[doc(inline)]
pub use lucia_sql::SqlAdapter as D1Adapter;
/// On D1 the tables are taken as they are configured: declare every attribute. [`check`](Self::check) compares them with the
/// database.
///
/// ```no_run
/// use adapter_cloudflare_d1::{Attribute, AttributeType, D1Adapter, D1Config, SetupError, Table};
/// # use worker::D1Database;
///
/// # async fn adapter(database: D1Database) -> Result<D1Adapter, SetupError> {
/// let users = Table::named("User")
///     .attribute("username", Attribute::string().unique())
///     .attribute("visits", Attribute::new(AttributeType::BigInt).default_value(0));
/// let adapter = D1Adapter::with_config(database, D1Config::default().user(users)).await?;
/// # Ok(adapter) }
/// ```
#[doc(inline)]
pub use lucia_sql::SqlConfig as D1Config;
/// ```no_run
/// use adapter_cloudflare_d1::{D1UserAdapter, SetupError};
/// use lucia_core::{SplitAdapter, memory::MemoryAdapter};
/// # use worker::D1Database;
///
/// # async fn adapter(database: D1Database) -> Result<(), SetupError> {
/// let users = D1UserAdapter::new(database).await?;
/// let adapter = SplitAdapter::new(users, MemoryAdapter::without_foreign_keys());
/// # Ok(()) }
/// ```
#[doc(inline)]
pub use lucia_sql::SqlUserAdapter as D1UserAdapter;
pub use lucia_sql::{Attribute, AttributeType, ConstraintKind, DateTimeFormat, Mismatch, Refusal, SetupError, Table};
