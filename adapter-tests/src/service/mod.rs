//! Servers for tests, started where they run.
//!
//! A [`Service`] is a database that a test may use, by a URL: the one in an environment variable, or else a [`Server`] that
//! is started on a free port with a folder of its own. A service that cannot be had is an error, which says what to install
//! or set; a test that needs it fails.
//!
//! | function | variable | programs |
//! |---|---|---|
//! | [`postgres`] | `LUCIA_TEST_POSTGRES_URL` | `initdb` and `postgres`, also where Debian keeps them |
//! | [`mysql`] | `LUCIA_TEST_MYSQL_URL` | `mariadbd` and `mariadb-install-db`, or `mysqld` |
//! | [`redis`] | `LUCIA_TEST_REDIS_URL` | `redis-server` or `valkey-server` |
//! | [`redis_sentinel`] | `LUCIA_TEST_REDIS_SENTINEL_URLS` | the same |
//! | [`redis_cluster`] | `LUCIA_TEST_REDIS_CLUSTER_URLS` | the same |
//!
//! What a variable names is a server whose user may create databases; tests make their own there, and drop them.
//!
//! Tests that stop, kill or pause a server start one of their own: [`postgres_server`], [`mysql_server`],
//! [`redis_server`], [`RedisSentinel`], [`RedisCluster`], or any program with [`Server::builder`].

mod builder;
mod error;
mod mysql;
mod port;
mod postgres;
mod proxy;
mod redis;
mod server;
mod user;
mod watchdog;

pub use self::{
    builder::ServerBuilder,
    error::ServiceError,
    mysql::{mysql, mysql_server},
    postgres::{postgres, postgres_server},
    proxy::{Cut, Proxy},
    redis::{RedisCluster, RedisSentinel, redis, redis_cluster, redis_sentinel, redis_server},
    server::Server,
};

/// A service that a test may use.
#[derive(Debug)]
pub struct Service {
    url: String,
    /// Ends with the service.
    _server: Option<Server>,
}

impl Service {
    /// The service that an environment variable names, or else the one that is started.
    fn from_env_or(
        variable: &str,
        start: impl FnOnce() -> Result<(String, Server), ServiceError>,
    ) -> Result<Self, ServiceError> {
        match std::env::var(variable) {
            Ok(url) if !url.is_empty() => Ok(Self { url, _server: None }),
            _ => start().map(|(url, server)| Self { url, _server: Some(server) }),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}
