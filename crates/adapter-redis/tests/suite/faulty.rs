use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use adapter_redis::{
    ConnectionError, Connections, Topology,
    redis::{Cmd, Pipeline, RedisError, RedisFuture, Value, aio::ConnectionLike},
};

/// Connections on which a write can fail, as if the server had been lost before it.
pub(crate) struct Faulty<C> {
    connections: C,
    faults: Arc<Faults>,
}

/// The number of the write that fails, from 1; 0 for none.
#[derive(Debug, Default)]
pub(crate) struct Faults(AtomicUsize);

impl Faults {
    pub(crate) fn fail(&self, nth: usize) {
        self.0.store(nth, Ordering::SeqCst);
    }

    fn is_due(&self) -> bool {
        let counted = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |nth| nth.checked_sub(1));
        counted == Ok(1)
    }
}

impl<C> Faulty<C> {
    pub(crate) const fn new(connections: C, faults: Arc<Faults>) -> Self {
        Self { connections, faults }
    }
}

impl<C: Connections> Connections for Faulty<C> {
    type Connection = FaultyConnection<C::Connection>;
    const TOPOLOGY: Topology = C::TOPOLOGY;

    async fn connection(&self) -> Result<Self::Connection, ConnectionError> {
        Ok(FaultyConnection { connection: self.connections.connection().await?, faults: Arc::clone(&self.faults) })
    }
}

pub(crate) struct FaultyConnection<C> {
    connection: C,
    faults: Arc<Faults>,
}

impl<C: ConnectionLike + Send> ConnectionLike for FaultyConnection<C> {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        // The adapter writes with scripts. No case runs a script that only reads while a write is set to fail.
        let packed = command.get_packed_command();
        let is_write = packed.windows(4).any(|name| name == b"EVAL");
        if is_write && self.faults.is_due() {
            let lost = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
            return Box::pin(async move { Err(RedisError::from(lost)) });
        }
        self.connection.req_packed_command(command)
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        self.connection.req_packed_commands(pipeline, offset, count)
    }

    fn get_db(&self) -> i64 {
        self.connection.get_db()
    }
}
