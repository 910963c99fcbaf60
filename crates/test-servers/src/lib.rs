#![doc = include_str!("../README.md")]
#![cfg(unix)]

mod error;
mod program;
mod port;
mod user;
mod npm;
mod node_bench;
mod launch;
mod watchdog;
mod server;
mod builder;
mod proxy;
#[cfg(feature = "containers")]
mod containers;
mod service;
mod postgres;
mod pgbouncer;
mod mysql;
mod redis;

pub use self::{
    builder::ServerBuilder,
    error::ServiceError,
    mysql::{mysql, mysql_server},
    node_bench::NodeBench,
    npm::npm_packages,
    pgbouncer::pgbouncer_server,
    postgres::{postgres, postgres_server},
    proxy::{Cut, Proxy},
    redis::{RedisCluster, RedisSentinel, redis, redis_cluster, redis_sentinel, redis_server},
    server::Server,
    service::Service,
};
