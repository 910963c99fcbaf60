//! The adapters for all databases and drivers.

mod rows;
mod write;
mod users_and_keys;
mod users;
mod keys;
mod sessions;
mod expired;
mod sql_adapter;
mod operations;

pub use self::{
    sessions::Sessions,
    sql_adapter::{NoSessions, SqlAdapter, SqlUserAdapter},
};
