use std::{
    future::Future,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use adapter_redis::{
    ConnectionError, Connections, Topology,
    redis::{Cmd, Pipeline, RedisError, RedisFuture, Value, aio::ConnectionLike},
};

/// The event before a command, by its number: another operation runs first, or the client is cut off.
type Hook = dyn Fn(usize) -> Pin<Box<dyn Future<Output = Fate> + Send>> + Send + Sync;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Lives,
    /// This command and all later ones are not sent.
    Dies,
}

/// Connections with an event between two commands of one operation.
pub(crate) struct Seam<C> {
    connections: C,
    hook: Arc<Hook>,
    sent: Arc<AtomicUsize>,
}

impl<C> Seam<C> {
    /// Runs `interlude` before the command of this number, counted from 1 after [`arm`](Self::arm).
    pub(crate) fn before<F>(nth: usize, connections: C, interlude: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let hook = move |number| {
            let interlude = (number == nth).then(&interlude);
            Box::pin(async move {
                if let Some(interlude) = interlude {
                    interlude.await;
                }
                Fate::Lives
            }) as Pin<Box<dyn Future<Output = Fate> + Send>>
        };
        Self { connections, hook: Arc::new(hook), sent: Arc::default() }
    }

    /// Cuts the client off after this number of commands.
    #[cfg(feature = "cluster")]
    pub(crate) fn dies_after(commands: usize, connections: C) -> Self {
        let hook = move |number| {
            let fate = if number > commands { Fate::Dies } else { Fate::Lives };
            Box::pin(async move { fate }) as Pin<Box<dyn Future<Output = Fate> + Send>>
        };
        Self { connections, hook: Arc::new(hook), sent: Arc::default() }
    }

    /// Counts commands from [`arm`](Self::arm) on, because creating an adapter sends some.
    pub(crate) fn counter(&self) -> Arc<AtomicUsize> {
        self.sent.store(UNARMED, Ordering::SeqCst);
        Arc::clone(&self.sent)
    }
}

const UNARMED: usize = usize::MAX / 2;

pub(crate) fn arm(counter: &AtomicUsize) {
    counter.store(0, Ordering::SeqCst);
}

impl<C: Connections> Connections for Seam<C> {
    type Connection = SeamConnection<C::Connection>;
    const TOPOLOGY: Topology = C::TOPOLOGY;

    async fn connection(&self) -> Result<Self::Connection, ConnectionError> {
        let connection = self.connections.connection().await?;
        Ok(SeamConnection { connection, hook: Arc::clone(&self.hook), sent: Arc::clone(&self.sent) })
    }
}

pub(crate) struct SeamConnection<C> {
    connection: C,
    hook: Arc<Hook>,
    sent: Arc<AtomicUsize>,
}

impl<C: ConnectionLike + Send> ConnectionLike for SeamConnection<C> {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        let number = self.sent.fetch_add(1, Ordering::SeqCst) + 1;
        let fate = if number > UNARMED { None } else { Some((self.hook)(number)) };
        Box::pin(async move {
            let fate = match fate {
                Some(fate) => fate.await,
                None => Fate::Lives,
            };
            match fate {
                Fate::Lives => self.connection.req_packed_command(command).await,
                Fate::Dies => Err(RedisError::from(io::Error::from(io::ErrorKind::ConnectionAborted))),
            }
        })
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

/// Connections over which every script runs twice: as if the first reply was lost, and the driver repeated the command.
pub(crate) struct Repeating<C>(pub(crate) C);

impl<C: Connections> Connections for Repeating<C> {
    type Connection = RepeatingConnection<C::Connection>;
    const TOPOLOGY: Topology = C::TOPOLOGY;

    async fn connection(&self) -> Result<Self::Connection, ConnectionError> {
        self.0.connection().await.map(RepeatingConnection)
    }
}

pub(crate) struct RepeatingConnection<C>(C);

impl<C: ConnectionLike + Send> ConnectionLike for RepeatingConnection<C> {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(async move {
            if command.get_packed_command().windows(4).any(|name| name == b"EVAL") {
                let _ = self.0.req_packed_command(command).await;
            }
            self.0.req_packed_command(command).await
        })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        self.0.req_packed_commands(pipeline, offset, count)
    }

    fn get_db(&self) -> i64 {
        self.0.get_db()
    }
}
