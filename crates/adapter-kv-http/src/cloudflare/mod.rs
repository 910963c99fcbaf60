//! Cloudflare Workers KV through the REST API of its vendor.

mod config;
mod envelope;
mod store;

pub use self::{config::CloudflareConfig, store::CloudflareStore};
