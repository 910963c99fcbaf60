//! Parsing of URLs, in the same way for each database.

mod invalid;
mod parse;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod tls;
#[cfg(any(feature = "rusqlite", feature = "sqlite"))]
mod sqlite;
#[cfg(all(test, feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod tests;

pub use self::invalid::InvalidUrl;
pub(crate) use self::parse::{PoolSize, Url};
#[cfg(any(feature = "rusqlite", feature = "sqlite"))]
pub(crate) use self::sqlite::{SqliteMode, SqliteUrl};
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(crate) use self::tls::{SslMode, Tls};
