//! Sessions in a KV namespace.

mod error;
mod limits;
mod sessions;
mod store;

pub use self::{error::CloudflareKvError, sessions::CloudflareKvSessionAdapter, store::CloudflareKvStore};
