use std::{future::Future, time::Duration};

#[cfg(feature = "sentinel")]
use redis::{AsyncConnectionConfig, sentinel::SentinelNodeConnectionInfo};
use redis::{
    Client, ConnectionInfo, IntoConnectionInfo, RedisError, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
#[cfg(feature = "cluster")]
use redis::{cluster::ClusterClientBuilder, cluster_async::ClusterConnection};

#[cfg(feature = "sentinel")]
use crate::connections::{Lookup, SentinelConnection};
use crate::setup_error::SetupError;

/// Connects to one server with the default [`ConnectConfig`].
///
/// # Errors
/// As [`ConnectConfig::connect`].
pub async fn connect(url: &str) -> Result<ConnectionManager, SetupError> {
    ConnectConfig::new().connect(url).await
}

/// The settings of connections that are made here. Every connection has `TCP_NODELAY` set.
///
/// A URL is `redis://user:password@host:port/database`, with a user of Redis's access control lists or without, or `rediss://`
/// for TLS, which takes the feature `rustls`. `valkey://` and `valkeys://` are the same.
///
/// ```no_run
/// use std::time::Duration;
/// use adapter_redis::{ConnectConfig, RedisSessionAdapter};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let config = ConnectConfig::new().response_timeout(Duration::from_millis(300));
/// let connection = config.connect("rediss://app:secret@redis.example.com/0").await?;
/// let adapter = RedisSessionAdapter::new(connection).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct ConnectConfig {
    response_timeout: Duration,
    connect_timeout: Duration,
}

impl ConnectConfig {
    /// Returns the default settings.
    pub const fn new() -> Self {
        Self { response_timeout: Duration::from_secs(1), connect_timeout: Duration::from_secs(2) }
    }

    /// Sets the timeout of a response. Defaults to 1 s.
    ///
    /// A call that takes longer fails with [`Unavailable`](lucia_core::AdapterErrorKind::Unavailable), and may have taken
    /// effect or not.
    pub const fn response_timeout(self, timeout: Duration) -> Self {
        Self { response_timeout: timeout, ..self }
    }

    /// Sets the timeout of connecting, name resolution and authentication included. Defaults to 2 s. With sentinels, it covers
    /// finding the primary and connecting to it.
    #[doc(alias = "connection_timeout")]
    pub const fn connect_timeout(self, timeout: Duration) -> Self {
        Self { connect_timeout: timeout, ..self }
    }

    /// Connects to one server. When the connection is lost, the calls that are under way fail, and the next one connects again.
    ///
    /// # Errors
    /// [`SetupError::InvalidUrl`], [`SetupError::Unavailable`] if the server cannot be reached in time, and
    /// [`SetupError::Refused`] if the server wants other credentials.
    pub async fn connect(self, url: &str) -> Result<ConnectionManager, SetupError> {
        self.connect_info(url.into_connection_info()?).await
    }

    /// Connects to one server whose description holds more than a URL does, such as which certificates to trust.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn connect_info(self, info: ConnectionInfo) -> Result<ConnectionManager, SetupError> {
        provide_cryptography();
        let client = Client::open(without_delay(info))?;
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(self.response_timeout))
            .set_connection_timeout(Some(self.connect_timeout))
            // A call that waits for a new connection waits for one attempt, not for several.
            .set_number_of_retries(0);
        self.in_time(ConnectionManager::new_with_config(client, config)).await
    }

    /// Connects to the cluster of these nodes. Redirections and fail-overs are followed.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    #[cfg(feature = "cluster")]
    pub async fn connect_cluster<T: AsRef<str>>(
        self,
        urls: impl IntoIterator<Item = T>,
    ) -> Result<ClusterConnection, SetupError> {
        provide_cryptography();
        let client = ClusterClientBuilder::new(parse(urls)?)
            .connection_timeout(self.connect_timeout)
            .response_timeout(self.response_timeout)
            .tcp_settings(redis::io::tcp::TcpSettings::default().set_nodelay(true))
            .build()?;
        self.in_time(client.get_async_connection()).await
    }

    /// Connects to the primary that the sentinels know by the name `service`, and follows it when it moves.
    ///
    /// The URLs are of the sentinels, and so are credentials in them; `node` has those of the servers.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    #[cfg(feature = "sentinel")]
    pub async fn connect_sentinel<T: AsRef<str>>(
        self,
        urls: impl IntoIterator<Item = T>,
        service: impl Into<String>,
        node: SentinelNodeConnectionInfo,
    ) -> Result<SentinelConnection, SetupError> {
        provide_cryptography();
        let lookup = Lookup {
            sentinels: parse(urls)?.into_iter().map(without_delay).collect(),
            service: service.into(),
            node: node.set_tcp_settings(redis::io::tcp::TcpSettings::default().set_nodelay(true)),
            config: AsyncConnectionConfig::new()
                .set_response_timeout(Some(self.response_timeout))
                .set_connection_timeout(Some(self.connect_timeout)),
            timeout: self.connect_timeout,
        };
        self.in_time(SentinelConnection::open(lookup)).await
    }

    async fn in_time<T>(self, connection: impl Future<Output = RedisResult<T>>) -> Result<T, SetupError> {
        match tokio::time::timeout(self.connect_timeout + self.response_timeout, connection).await {
            Ok(connection) => Ok(connection?),
            Err(late) => Err(SetupError::from(RedisError::from(std::io::Error::from(late)))),
        }
    }
}

impl Default for ConnectConfig {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(any(feature = "cluster", feature = "sentinel"))]
fn parse(urls: impl IntoIterator<Item = impl AsRef<str>>) -> RedisResult<Vec<ConnectionInfo>> {
    urls.into_iter().map(|url| url.as_ref().into_connection_info()).collect()
}

fn without_delay(info: ConnectionInfo) -> ConnectionInfo {
    let tcp = info.tcp_settings().clone().set_nodelay(true);
    info.set_tcp_settings(tcp)
}

/// `rustls` panics where more than one provider is compiled in and none was chosen. An application's choice stays.
fn provide_cryptography() {
    #[cfg(feature = "rustls")]
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Another thread may have installed one, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}
