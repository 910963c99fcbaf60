//! The adapters for all databases and drivers.

mod rows;
mod write;
mod users_and_keys;
mod users;
mod keys;
mod sessions;
mod expired;
mod sql_user_adapter;
mod sql_adapter;

pub use self::{sql_adapter::SqlAdapter, sql_user_adapter::SqlUserAdapter};
