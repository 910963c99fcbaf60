//! The adapters, written once for every database and driver.

mod expired;
mod key;
mod rows;
mod sessions;
mod sql_adapter;
mod sql_user_adapter;
mod users;
mod write;

pub use self::{sql_adapter::SqlAdapter, sql_user_adapter::SqlUserAdapter};
