#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod failure;
mod error;
mod driver;

pub use worker;

pub use self::{driver::D1, error::D1Error};
/// Stores users, keys and sessions in D1.
///
/// Each operation is one request, and a second one only to report why nothing was written.
///
/// ```no_run
/// use adapter_cloudflare_d1::{D1Adapter, SetupError};
/// # use worker::D1Database;
///
/// # async fn adapter(database: D1Database) -> Result<D1Adapter, SetupError> {
/// let adapter = D1Adapter::new(database).await?; // env.d1("DB")?; this sends no request
/// # Ok(adapter) }
/// ```
pub type D1Adapter = lucia_sql::SqlAdapter<D1>;
/// Configures the tables, columns and attributes of a [`D1Adapter`].
///
/// Declare every attribute: creating an adapter does not read the tables. [`check`](D1Config::check) compares them with the
/// configuration.
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
/// Stores users and keys in D1, for Workers with sessions in another store.
///
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
pub type D1UserAdapter = lucia_sql::SqlUserAdapter<D1>;
/// Stores one-time tokens and counters in the table `Token` of D1, which is not part of Lucia's schema.
///
/// ```no_run
/// use adapter_cloudflare_d1::{D1Config, D1TokenAdapter, SetupError, Table};
/// # use worker::D1Database;
///
/// # async fn adapter(database: D1Database) -> Result<D1TokenAdapter, SetupError> {
/// let config = D1Config::default().token(Table::named("Token"));
/// let tokens = D1TokenAdapter::with_config(database, config).await?;
/// # Ok(tokens) }
/// ```
pub type D1TokenAdapter = lucia_sql::SqlTokenAdapter<D1>;
pub use lucia_sql::{
    Attribute, AttributeType, ConstraintKind, DateTimeFormat, Mismatch, Refusal, SetupError, Table, driver::Database,
};
