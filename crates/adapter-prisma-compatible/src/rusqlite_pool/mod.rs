//! A pool and the driver for SQLite, on rusqlite: look-ups in the caller's thread, writes in a thread of their own.

mod failure;
mod no_connection;
mod statement;
mod settings;
mod blocking;
mod call;
mod reader;
mod readers;
mod write_connection;
mod group;
mod writer;
mod open_error;
mod pool;
mod driver;
mod transaction;

pub use self::{no_connection::NoConnection, open_error::OpenError, pool::RusqlitePool};
