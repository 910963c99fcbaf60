//! The server of the npm package `unstorage`, versions 1.9 to 1.17.

mod config;
mod key;
mod listing;
mod ttl;
mod store;
mod probe;

pub use self::{config::UnstorageConfig, store::UnstorageStore};
