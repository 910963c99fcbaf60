use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::{BoxFuture, FutureExt, Shared};
use redis::{
    AsyncConnectionConfig, Cmd, ConnectionInfo, Pipeline, RedisError, RedisFuture, RedisResult, Value,
    aio::{ConnectionLike, MultiplexedConnection},
    sentinel::{SentinelClient, SentinelNodeConnectionInfo, SentinelServerType},
};

use super::source::{ConnectionError, Connections, Topology};
use crate::classify::{is_outage, may_be_replaced};

/// A connection to the server that the sentinels report as the primary.
///
/// Clones share one multiplexed connection. If it fails, times out, or leads to a server that has become a replica,
/// that call fails, and the next one asks the sentinels again; concurrent calls share that request. The connection can
/// run other commands too.
///
/// ```no_run
/// use adapter_redis::{ConnectConfig, RedisSessionAdapter, redis::sentinel::SentinelNodeConnectionInfo};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let sentinels = ["redis://10.0.0.1:26379", "redis://10.0.0.2:26379", "redis://10.0.0.3:26379"];
/// let node = SentinelNodeConnectionInfo::default();
/// let connection = ConnectConfig::new().connect_sentinel(sentinels, "mymaster", node).await?;
/// let adapter = RedisSessionAdapter::new(connection).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct SentinelConnection {
    inner: Arc<Inner>,
}

struct Inner {
    lookup: Lookup,
    primary: Mutex<Arc<Primary>>,
}

/// The connection to a primary, or the pending attempt to open it.
type Primary = Shared<BoxFuture<'static, RedisResult<MultiplexedConnection>>>;

#[derive(Clone)]
pub(crate) struct Lookup {
    pub(crate) sentinels: Vec<ConnectionInfo>,
    pub(crate) service: String,
    pub(crate) node: SentinelNodeConnectionInfo,
    pub(crate) config: AsyncConnectionConfig,
    /// The timeout for asking the sentinels and connecting to the primary together.
    pub(crate) timeout: Duration,
}

impl Lookup {
    fn start(&self) -> Arc<Primary> {
        let lookup = self.clone();
        Arc::new(async move { lookup.run().await }.boxed().shared())
    }

    async fn run(self) -> RedisResult<MultiplexedConnection> {
        let Self { sentinels, service, node, config, timeout } = self;
        let mut client = SentinelClient::build(sentinels, service, Some(node), SentinelServerType::Master)?;
        let connection = client.get_async_connection_with_config(&config);
        match tokio::time::timeout(timeout, connection).await {
            Ok(connection) => connection,
            Err(late) => Err(RedisError::from(std::io::Error::from(late))),
        }
    }
}

impl SentinelConnection {
    pub(crate) async fn open(lookup: Lookup) -> RedisResult<Self> {
        let primary = lookup.start();
        (*primary).clone().await?;
        Ok(Self { inner: Arc::new(Inner { lookup, primary: Mutex::new(primary) }) })
    }

    fn primary(&self) -> Arc<Primary> {
        Arc::clone(&self.inner.primary.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes the next call ask the sentinels, unless another call has already reported the same failure.
    fn forget(&self, failed: &Arc<Primary>) {
        let mut primary = self.inner.primary.lock().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&primary, failed) {
            *primary = self.inner.lookup.start();
        }
    }
}

impl ConnectionLike for SentinelConnection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        async move {
            let primary = self.primary();
            let outcome = match (*primary).clone().await {
                Ok(mut connection) => connection.req_packed_command(command).await,
                Err(error) => Err(error),
            };
            let failed = match &outcome {
                Ok(value) => is_refusal(value),
                Err(error) => is_outage(error),
            };
            if failed {
                self.forget(&primary);
            }
            outcome
        }
        .boxed()
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        async move {
            let primary = self.primary();
            let outcome = match (*primary).clone().await {
                Ok(mut connection) => connection.req_packed_commands(pipeline, offset, count).await,
                Err(error) => Err(error),
            };
            let failed = match &outcome {
                Ok(values) => values.iter().any(is_refusal),
                Err(error) => is_outage(error),
            };
            if failed {
                self.forget(&primary);
            }
            outcome
        }
        .boxed()
    }

    fn get_db(&self) -> i64 {
        0
    }
}

/// Returns `true` if a reply is the error of a server that may no longer be the primary.
fn is_refusal(value: &Value) -> bool {
    matches!(value, Value::ServerError(error) if may_be_replaced(&error.clone().into()))
}

impl Connections for SentinelConnection {
    type Connection = Self;
    const TOPOLOGY: Topology = Topology::Single;
    const SHARED: bool = true;

    async fn connection(&self) -> Result<Self, ConnectionError> {
        Ok(self.clone())
    }
}

impl fmt::Debug for SentinelConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentinelConnection").field("service", &self.inner.lookup.service).finish_non_exhaustive()
    }
}
