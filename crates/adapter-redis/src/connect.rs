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
/// Returns the errors of [`ConnectConfig::connect`].
pub async fn connect(url: &str) -> Result<ConnectionManager, SetupError> {
    ConnectConfig::new().connect(url).await
}

/// The settings of the connections that this crate opens. Every connection sets `TCP_NODELAY`.
///
/// A URL is `redis://user:password@host:port/database`, or `rediss://` for TLS, which requires the feature `rustls`.
/// The user of an access control list is optional. `valkey://` and `valkeys://` mean the same.
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
    /// Creates the default settings.
    pub const fn new() -> Self {
        Self { response_timeout: Duration::from_secs(1), connect_timeout: Duration::from_secs(2) }
    }

    /// Sets the timeout of a response. Defaults to 1 s.
    ///
    /// A call that takes longer fails with [`Unavailable`](lucia_core::AdapterErrorKind::Unavailable), and may or may
    /// not have taken effect.
    pub const fn response_timeout(self, timeout: Duration) -> Self {
        Self { response_timeout: timeout, ..self }
    }

    /// Sets the connect timeout, including name resolution and authentication. Defaults to 2 s. With sentinels, it
    /// covers finding the primary and connecting to it.
    #[doc(alias = "connection_timeout")]
    pub const fn connect_timeout(self, timeout: Duration) -> Self {
        Self { connect_timeout: timeout, ..self }
    }

    /// Connects to one server. If the connection is lost, pending calls fail and the next call reconnects.
    ///
    /// # Errors
    /// Returns [`SetupError::InvalidUrl`] if the URL is invalid, [`SetupError::Unavailable`] if the server cannot be
    /// reached in time, and [`SetupError::Refused`] if the server rejects the credentials.
    pub async fn connect(self, url: &str) -> Result<ConnectionManager, SetupError> {
        self.connect_info(url.into_connection_info()?).await
    }

    /// Connects to one server described by more than a URL, such as the certificates to trust.
    ///
    /// # Errors
    /// Returns the errors of [`connect`](Self::connect).
    pub async fn connect_info(self, info: ConnectionInfo) -> Result<ConnectionManager, SetupError> {
        provide_cryptography();
        let address = info.addr().to_string();
        let client = Client::open(without_delay(info))?;
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(self.response_timeout))
            .set_connection_timeout(Some(self.connect_timeout))
            // A call that needs a new connection waits for one attempt, not for several.
            .set_number_of_retries(0);
        self.in_time(&address, ConnectionManager::new_with_config(client, config)).await
    }

    /// Connects to a cluster through these nodes. The connection follows redirections and failovers.
    ///
    /// # Errors
    /// Returns the errors of [`connect`](Self::connect).
    #[cfg(feature = "cluster")]
    pub async fn connect_cluster<T: AsRef<str>>(
        self,
        urls: impl IntoIterator<Item = T>,
    ) -> Result<ClusterConnection, SetupError> {
        provide_cryptography();
        let nodes = parse(urls)?;
        let addresses = addresses(&nodes);
        let client = ClusterClientBuilder::new(nodes)
            .connection_timeout(self.connect_timeout)
            .response_timeout(self.response_timeout)
            .tcp_settings(redis::io::tcp::TcpSettings::default().set_nodelay(true))
            .build()?;
        self.in_time(&addresses, client.get_async_connection()).await
    }

    /// Connects to the primary that the sentinels monitor under the name `service`, and follows failovers.
    ///
    /// The URLs, and any credentials in them, are those of the sentinels; `node` contains those of the servers.
    ///
    /// # Errors
    /// Returns the errors of [`connect`](Self::connect).
    #[cfg(feature = "sentinel")]
    pub async fn connect_sentinel<T: AsRef<str>>(
        self,
        urls: impl IntoIterator<Item = T>,
        service: impl Into<String>,
        node: SentinelNodeConnectionInfo,
    ) -> Result<SentinelConnection, SetupError> {
        provide_cryptography();
        let sentinels = parse(urls)?;
        let addresses = addresses(&sentinels);
        let lookup = Lookup {
            sentinels: sentinels.into_iter().map(without_delay).collect(),
            service: service.into(),
            node: node.set_tcp_settings(redis::io::tcp::TcpSettings::default().set_nodelay(true)),
            config: AsyncConnectionConfig::new()
                .set_response_timeout(Some(self.response_timeout))
                .set_connection_timeout(Some(self.connect_timeout)),
            timeout: self.connect_timeout,
        };
        self.in_time(&addresses, SentinelConnection::open(lookup)).await
    }

    async fn in_time<T>(
        self,
        address: &str,
        connection: impl Future<Output = RedisResult<T>>,
    ) -> Result<T, SetupError> {
        let in_time = tokio::time::timeout(self.connect_timeout + self.response_timeout, connection).await;
        let connection = in_time.unwrap_or_else(|late| Err(RedisError::from(std::io::Error::from(late))));
        connection.map_err(|error| SetupError::from(error).at(address))
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

/// Returns the addresses of servers, without the credentials of their URLs.
#[cfg(any(feature = "cluster", feature = "sentinel"))]
fn addresses(servers: &[ConnectionInfo]) -> String {
    servers.iter().map(|server| server.addr().to_string()).collect::<Vec<_>>().join(", ")
}

fn without_delay(info: ConnectionInfo) -> ConnectionInfo {
    let tcp = info.tcp_settings().clone().set_nodelay(true);
    info.set_tcp_settings(tcp)
}

/// Installs a provider for `rustls`, which panics if several are compiled in and none was chosen. Keeps the
/// application's choice.
fn provide_cryptography() {
    #[cfg(feature = "rustls")]
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // It fails only if another thread has just installed one, which works as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}
