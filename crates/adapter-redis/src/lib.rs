#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod adapter;
mod connect;
mod connections;
mod error;
mod key;
mod namespaces;
mod options;
mod script;
mod setup_error;

#[cfg(feature = "deadpool")]
pub use deadpool_redis;
pub use redis;

#[cfg(feature = "sentinel")]
pub use self::connections::SentinelConnection;
pub use self::{
    adapter::RedisSessionAdapter,
    connect::{ConnectOptions, connect},
    connections::{ConnectionError, Connections, Topology},
    namespaces::InvalidNamespaces,
    options::RedisOptions,
    setup_error::SetupError,
};
