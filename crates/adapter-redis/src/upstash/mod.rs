//! Redis over the REST API of Upstash and Vercel KV.

mod error;
mod retry;
mod reply;
mod config;
mod client;
mod connection;

pub use self::{config::UpstashConfig, connection::UpstashConnection, error::UpstashError};
