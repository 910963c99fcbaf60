//! Redis over HTTP, as Upstash and Vercel KV offer it.

mod error;
mod retry;
mod reply;
mod config;
mod client;
mod connection;

pub use self::{config::UpstashConfig, connection::UpstashConnection, error::UpstashError};
