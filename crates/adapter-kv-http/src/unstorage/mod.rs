//! The server of the npm package `unstorage`, versions 1.9 to 1.17.

mod config;
mod key;
mod listing;
mod ttl;
mod store;
mod read_only_driver;

pub use self::{config::UnstorageConfig, read_only_driver::ReadOnlyDriver, store::UnstorageStore};
