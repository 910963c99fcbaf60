#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(feature = "sqlite"),
    allow(dead_code, unused_imports, reason = "without a driver there is nothing to run")
)]

mod adapter;
mod config;
mod dialect;
mod driver;
mod error;
mod schema;
mod setup_error;
mod sql;
mod value;

#[cfg(feature = "sqlite")]
pub use self::driver::sqlite;
pub use self::{
    adapter::PrismaAdapter,
    config::{Attribute, AttributeType, DateTimeFormat, PrismaConfig, Table},
    driver::Pool,
    setup_error::{Mismatch, SetupError},
};
pub use sqlx;
