//! A Workers KV namespace as a key-value store.

mod error;
mod limits;
mod store;

pub use self::{error::CloudflareKvError, store::CloudflareKvStore};
