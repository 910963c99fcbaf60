#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod key;
mod prefixes;
mod classify;
mod connections;
mod error;
mod setup_error;
mod connect;
mod replicas;
mod config;
mod script;
#[cfg(feature = "upstash")]
mod upstash;
mod adapter;

#[cfg(feature = "deadpool")]
pub use deadpool_redis;
#[cfg(feature = "upstash")]
pub use lucia_http::reqwest;
#[cfg(feature = "upstash")]
#[doc(inline)]
pub use lucia_http::{HttpConfig, HttpError, HttpSetupError, InvalidUrl, TransportError};
pub use redis;

#[cfg(feature = "sentinel")]
pub use self::connections::SentinelConnection;
#[cfg(feature = "upstash")]
pub use self::upstash::UpstashConnection;
pub use self::{
    adapter::{RedisSessionAdapter, RedisTokenAdapter},
    config::RedisConfig,
    connect::{ConnectConfig, connect},
    connections::{ConnectionError, Connections, Topology},
    prefixes::InvalidPrefixes,
    setup_error::SetupError,
};
