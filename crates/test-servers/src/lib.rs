#![doc = include_str!("../README.md")]
#![cfg(unix)]

mod error;
mod program;
mod port;
mod user;
mod npm;
mod node_bench;
mod pip;
mod http;
mod launch;
mod watchdog;
mod server;
mod builder;
mod proxy;
mod failing_proxy;
#[cfg(feature = "containers")]
mod containers;
mod service;
mod postgres;
mod postgres_18;
mod pgbouncer;
mod mysql;
mod redis;
mod seaweedfs;
mod azurite;
#[cfg(feature = "turns")]
mod turns;
#[cfg(feature = "upstash")]
pub mod upstash;

#[cfg(feature = "turns")]
pub use self::turns::{Turns, time_of_calls};
pub use self::{
    azurite::azurite_server,
    builder::ServerBuilder,
    error::ServiceError,
    failing_proxy::{Conflict, FailingProxy},
    mysql::{mysql, mysql_server},
    node_bench::NodeBench,
    npm::npm_packages,
    pgbouncer::pgbouncer_server,
    pip::pip_packages,
    postgres::{postgres, postgres_replica_server, postgres_server},
    postgres_18::postgres_18_server,
    proxy::{Cut, Proxy},
    redis::{RedisCluster, RedisSentinel, redis, redis_cluster, redis_sentinel, redis_server},
    seaweedfs::seaweedfs_server,
    server::Server,
    service::Service,
};
