//! The adapter, which is generic over the source of connections.

mod record;
mod entries;
mod check;
mod store;
mod compare_and_set;
mod listing;
mod single;
mod cluster;
mod session_adapter;

pub use self::session_adapter::RedisSessionAdapter;
