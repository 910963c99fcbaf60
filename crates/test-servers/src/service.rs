#[cfg(feature = "containers")]
use crate::containers;
use crate::{Server, ServiceError};

/// A database that a test uses, by its URL.
#[derive(Debug)]
pub struct Service {
    url: String,
    /// Ends with the service.
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

/// The databases that run in containers.
#[derive(Clone, Copy)]
pub(crate) enum Database {
    Mysql,
    Postgres,
    Redis,
}

impl Service {
    /// Returns the service that an environment variable names, or else one in a container, or else the one that `start`
    /// starts.
    pub(crate) fn from_env_or(
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
    #[expect(clippy::unnecessary_wraps, reason = "the same signature with the feature and without")]
    const fn in_container(_database: Database) -> Result<Option<Self>, ServiceError> {
        Ok(None)
    }

    /// Returns its URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}
