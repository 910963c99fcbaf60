//! A pool and the driver for SQLite, on rusqlite, in the caller's thread.

mod failure;
mod statement;
mod settings;
mod call;
mod reader;
mod readers;
mod group;
mod writer;
mod open_error;
mod pool;
mod driver;
mod transaction;

pub use self::{open_error::OpenError, pool::RusqlitePool};
