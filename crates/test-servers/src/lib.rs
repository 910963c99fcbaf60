#![doc = include_str!("../README.md")]
#![cfg(unix)]

mod builder;
#[cfg(feature = "containers")]
mod containers;
mod error;
mod mysql;
mod pgbouncer;
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
    pgbouncer::pgbouncer_server,
    postgres::{postgres, postgres_server},
    proxy::{Cut, Proxy},
    redis::{RedisCluster, RedisSentinel, redis, redis_cluster, redis_sentinel, redis_server},
    server::Server,
};

/// A service that a test may use.
#[derive(Debug)]
pub struct Service {
    url: String,
    /// What ends with the service.
    _host: Host,
}

/// Where a service runs.
#[derive(Debug)]
#[expect(dead_code, reason = "dropped with the service")]
enum Host {
    Elsewhere,
    #[cfg(feature = "containers")]
    Container(containers::Container),
    Process(Box<Server>),
}

/// The databases that there are containers of.
#[derive(Clone, Copy)]
enum Database {
    Mysql,
    Postgres,
    Redis,
}

impl Service {
    /// The service that an environment variable names, or else one in a container, or else the one that is started.
    fn from_env_or(
        variable: &str,
        database: Database,
        start: impl FnOnce() -> Result<(String, Server), ServiceError>,
    ) -> Result<Self, ServiceError> {
        if let Some(url) = std::env::var(variable).ok().filter(|url| !url.is_empty()) {
            return Ok(Self { url, _host: Host::Elsewhere });
        }
        if let Some(service) = Self::in_container(database)? {
            return Ok(service);
        }
        start().map(|(url, server)| Self { url, _host: Host::Process(Box::new(server)) })
    }

    #[cfg(feature = "containers")]
    fn in_container(database: Database) -> Result<Option<Self>, ServiceError> {
        let started = match database {
            Database::Mysql => containers::mysql(),
            Database::Postgres => containers::postgres(),
            Database::Redis => containers::redis(),
        }?;
        Ok(started.map(|(url, container)| Self { url, _host: Host::Container(container) }))
    }

    #[cfg(not(feature = "containers"))]
    #[expect(clippy::unnecessary_wraps, reason = "of the same type with the feature and without")]
    const fn in_container(_database: Database) -> Result<Option<Self>, ServiceError> {
        Ok(None)
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}
