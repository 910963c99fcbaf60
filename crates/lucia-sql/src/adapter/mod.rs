//! The adapters for all databases and drivers.

mod rows;
mod write;
mod expired;
mod users_and_keys;
mod users;
mod keys;
mod user_replica;
mod sessions;
mod with_users;
mod sql_adapter;
mod operations;
mod tokens;
mod counters;
mod token_adapter;

pub use self::{
    sessions::Sessions,
    sql_adapter::{NoSessions, SqlAdapter, SqlUserAdapter},
    token_adapter::SqlTokenAdapter,
};
