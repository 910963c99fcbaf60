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
//! | [`pgbouncer_server`] | | `pgbouncer`, in front of a [`postgres_server`] |
//!
//! With the feature `containers`, a database is started in a container instead where Docker answers, at `DOCKER_HOST` or its
//! usual socket. Sentinels and clusters are always processes: they have to reach one another by the addresses that clients use.
//!
//! What a variable names is a server whose user may create databases; tests make their own there, and drop them.
//!
//! Tests that stop, kill or pause a server start one of their own: [`postgres_server`], [`mysql_server`],
//! [`redis_server`], [`RedisSentinel`], [`RedisCluster`], or any program with [`Server::builder`].

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
