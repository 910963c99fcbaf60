//! Batches of the reads of concurrent calls.
//!
//! The driver writes a command to the socket as soon as it gets one. The tasks that a batch of replies wakes run one after
//! another, so most of their commands would be written and read alone, which takes client and server longer than the commands
//! themselves. Here, a read that is not the only command waits until every task that can run has added its own.
//!
//! A batch is sent even if a call in it is dropped meanwhile. So it contains no writes: that of a dropped call might be
//! executed after a later call, such as a revocation.
//!
//! The driver gives a batch one timeout, which is that of a command, and returns all of its replies or none. Alone, its
//! commands would be written at the same time, and their replies arrive one after another on the same connection, so
//! what delays one delays those after it. A batch fails calls whose replies were in time only if the timeout ends between
//! its first reply and its last, which is why [`MAX_COMMANDS`] is small.

use std::{
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use futures_util::{FutureExt as _, future::join};
use redis::{Arg, Cmd, ParsingError, Pipeline, RedisFuture, RedisResult, Value, aio::ConnectionLike};
use tokio::{
    runtime::{self, Handle},
    sync::oneshot,
};

use super::source::{ConnectionError, Connections};

/// The maximum number of commands in a batch, whose replies are delivered together.
const MAX_COMMANDS: usize = 64;

/// The source of connections, and the next batches if all calls share one.
pub(crate) struct Batches<C> {
    connections: C,
    /// The next batch of each runtime. Its task is on that runtime, which may stand still while others run.
    waiting: Mutex<Vec<(runtime::Id, Vec<Waiting>)>>,
    /// The number of commands without a reply.
    pending: AtomicUsize,
}

struct Waiting {
    command: Cmd,
    reply: oneshot::Sender<RedisResult<Value>>,
}

impl<C: Connections> Batches<C> {
    pub(crate) fn new(connections: C) -> Arc<Self> {
        Arc::new(Self { connections, waiting: Mutex::default(), pending: AtomicUsize::new(0) })
    }

    pub(crate) async fn connection(self: &Arc<Self>) -> Result<Batched<C>, ConnectionError> {
        Ok(Batched { connection: self.connections.connection().await?, batches: Arc::clone(self) })
    }

    /// Adds a command to the next batch, and returns its reply; `None` if the batch was dropped, as by a runtime that is
    /// shut down.
    fn add(self: &Arc<Self>, command: Cmd) -> impl Future<Output = Option<RedisResult<Value>>> + use<C> {
        let (reply, replied) = oneshot::channel();
        let (runtime, added) = (Handle::current(), Waiting { command, reply });
        let is_first = {
            let mut waiting = self.waiting();
            match waiting.iter_mut().find(|(id, _)| *id == runtime.id()) {
                Some((_, batch)) => {
                    batch.push(added);
                    false
                }
                None => {
                    waiting.push((runtime.id(), vec![added]));
                    true
                }
            }
        };
        if is_first {
            // If this call is dropped, the others still need the batch.
            runtime.spawn(Turn(Some((Arc::clone(self), runtime.id()))).run());
        }
        async { replied.await.ok() }
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<(runtime::Id, Vec<Waiting>)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, runtime: runtime::Id) -> Vec<Waiting> {
        let mut waiting = self.waiting();
        let batch = waiting.iter().position(|(id, _)| *id == runtime);
        batch.map_or_else(Vec::new, |batch| waiting.swap_remove(batch).1)
    }

    async fn send(&self, mut batch: Vec<Waiting>) {
        batch.retain(|waiting| !waiting.reply.is_closed());
        if batch.is_empty() {
            return;
        }
        let mut pipeline = Pipeline::with_capacity(batch.len());
        let mut replies = Vec::with_capacity(batch.len());
        for Waiting { command, reply } in batch {
            pipeline.add_command(command);
            replies.push(reply);
        }
        let outcome = match self.connections.connection().await {
            Ok(mut connection) => connection.req_packed_commands(&pipeline, 0, replies.len()).await,
            Err(ConnectionError::Redis(error)) => Err(error),
            Err(ConnectionError::Unavailable(error)) => Err(io::Error::other(error).into()),
        };
        // A call that was dropped receives nothing.
        match outcome {
            Ok(values) => replies.into_iter().zip(values).for_each(|(reply, value)| drop(reply.send(Ok(value)))),
            Err(error) => replies.into_iter().for_each(|reply| drop(reply.send(Err(error.clone())))),
        }
    }
}

/// The duty to send the next batch. If it is dropped, as by a runtime that is shut down, each call sends its command
/// alone.
struct Turn<C: Connections>(Option<(Arc<Batches<C>>, runtime::Id)>);

impl<C: Connections> Turn<C> {
    async fn run(mut self) {
        tokio::task::yield_now().await;
        let Some((batches, runtime)) = self.0.take() else { return };
        let mut waiting = batches.take(runtime);
        while waiting.len() > MAX_COMMANDS {
            let (batches, batch) = (Arc::clone(&batches), waiting.split_off(waiting.len() - MAX_COMMANDS));
            tokio::spawn(async move { batches.send(batch).await });
        }
        batches.send(waiting).await;
    }
}

impl<C: Connections> Drop for Turn<C> {
    fn drop(&mut self) {
        if let Some((batches, runtime)) = &self.0 {
            drop(batches.take(*runtime));
        }
    }
}

/// A connection for one call. If it is shared, it sends a command together with those of other calls.
pub(crate) struct Batched<C: Connections> {
    connection: C::Connection,
    batches: Arc<Batches<C>>,
}

impl<C: Connections> Batched<C> {
    /// Runs two commands that read, and of which the second does not depend on the first. Commands of other calls may run
    /// between them.
    pub(crate) async fn read_both(&mut self, commands: [Cmd; 2]) -> RedisResult<[Value; 2]> {
        let pending = Pending::new(&self.batches.pending);
        if C::SHARED && !pending.is_only {
            let [first, second] = commands.clone().map(|command| self.batches.add(command));
            if let (Some(first), Some(second)) = join(first, second).await {
                return Ok([first?, second?]);
            }
        }
        let mut pipeline = Pipeline::with_capacity(2);
        for command in commands {
            pipeline.add_command(command);
        }
        let replies = self.connection.req_packed_commands(&pipeline, 0, 2).await?;
        replies.try_into().map_err(|_| ParsingError::from("another number of replies than of commands").into())
    }
}

impl<C: Connections> ConnectionLike for Batched<C> {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        if !C::SHARED {
            return self.connection.req_packed_command(command);
        }
        async move {
            let pending = Pending::new(&self.batches.pending);
            let is_batched = !pending.is_only && is_short_read(command);
            let reply = if is_batched { self.batches.add(command.clone()).await } else { None };
            match reply {
                Some(outcome) => outcome,
                None => self.connection.req_packed_command(command).await,
            }
        }
        .boxed()
    }

    /// Sends them alone, because those after `WAIT` would wait as well.
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

/// Returns `true` for a command that changes nothing and delays the others of its batch by little.
fn is_short_read(command: &Cmd) -> bool {
    matches!(command.args_iter().next(), Some(Arg::Simple(b"GET")))
}

/// Counts a command until its reply.
struct Pending<'a> {
    count: &'a AtomicUsize,
    is_only: bool,
}

impl<'a> Pending<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        Self { count, is_only: count.fetch_add(1, Relaxed) == 0 }
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use redis::cmd;

    use super::is_short_read;

    #[test]
    fn writes_and_long_reads_are_sent_alone() {
        assert!(is_short_read(cmd("GET").arg("key")));
        for name in ["SET", "DEL", "EVALSHA", "MGET", "GETDEL", "SCAN"] {
            assert!(!is_short_read(cmd(name).arg("GET")), "{name}");
        }
    }
}
