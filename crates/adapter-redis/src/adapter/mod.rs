//! The adapters, which are generic over the source of connections.

mod record;
mod token_record;
mod calls;
mod entries;
mod check;
mod store;
mod compare_and_set;
mod listing;
mod fan_out;
mod sort_refusal;
mod single;
mod single_listing;
mod cluster;
mod operations;
mod token_store;
mod single_tokens;
mod cluster_tokens;
mod session_adapter;
mod token_adapter;
mod slots;
mod scan;

pub use self::{session_adapter::RedisSessionAdapter, token_adapter::RedisTokenAdapter};
