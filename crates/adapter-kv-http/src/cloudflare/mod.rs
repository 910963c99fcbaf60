//! Cloudflare Workers KV through its REST API.

mod config;
mod envelope;
mod store;

pub use self::{config::CloudflareConfig, store::CloudflareStore};
