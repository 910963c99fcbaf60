//! URLs of databases, read the same way on each of them.

mod invalid;
mod parse;
mod tls;
#[cfg(all(test, feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod tests;

pub use self::invalid::InvalidUrl;
pub(crate) use self::{
    parse::{PoolSize, Url},
    tls::{SslMode, Tls},
};
