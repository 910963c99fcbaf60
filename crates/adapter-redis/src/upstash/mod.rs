//! Redis over the REST API of Upstash and Vercel KV.

mod error;
mod retry;
mod reply;
mod connection;

pub use self::connection::UpstashConnection;
