#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(all(feature = "mysql", feature = "postgres", feature = "sqlite")),
    allow(dead_code, unused_imports, reason = "every database needs something that others do not")
)]

mod adapter;
mod config;
mod dialect;
mod driver;
mod error;
mod mismatch;
mod refusal;
mod schema;
mod setup_error;
mod sql;
mod value;

#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
pub use self::driver::InvalidUrl;
#[cfg(feature = "mysql")]
pub use self::driver::mysql;
#[cfg(feature = "postgres")]
pub use self::driver::postgres;
#[cfg(feature = "sqlite")]
pub use self::driver::sqlite;
pub use self::{
    adapter::{PrismaAdapter, PrismaUserAdapter},
    config::{Attribute, AttributeType, DateTimeFormat, PrismaConfig, Table},
    driver::{Connection, Pool},
    mismatch::Mismatch,
    refusal::{ConstraintKind, Refusal},
    setup_error::SetupError,
};
#[cfg(any(feature = "diesel-mysql", feature = "diesel-postgres", feature = "diesel-sqlite"))]
pub use diesel_async;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
pub use sqlx;
