//! Redis over HTTP, as Upstash and Vercel KV offer it.
//!
//! The layout is that of Redis, so that a database can be shared with any Redis client: a JSON string for each session, and
//! a set of ids for each user.

mod adapter;
mod check;
mod config;
mod names;
mod reply;
mod rest;
mod script;

pub use self::{adapter::UpstashSessionAdapter, config::UpstashConfig};
