//! Sessions in a KV namespace.

mod error;
mod limits;
mod store;
mod sessions;

pub use self::{error::CloudflareKvError, store::CloudflareKvStore};
