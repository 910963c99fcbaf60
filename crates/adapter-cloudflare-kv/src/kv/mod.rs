//! Sessions in a KV namespace.

mod error;
mod limits;
mod store;

pub use self::{error::CloudflareKvError, store::CloudflareKvStore};
