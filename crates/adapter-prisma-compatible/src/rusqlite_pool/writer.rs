use std::{io, panic::resume_unwind, thread};

use lucia_sql::driver::{DriverError, Query};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::{
    NoConnection,
    call::{Call, Written},
    group::write_group,
    write_connection::WriteConnection,
};

/// The number of calls that wait for the writer before further ones wait to be queued.
const QUEUE: usize = 1_024;
/// The number of calls that are committed together.
const GROUP: usize = 128;

/// The connection that writes, in a thread of its own. Calls are run in their order; those that wait together are
/// committed together.
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
}

enum Job {
    Statements(Call),
    Function(Box<dyn FnOnce(&mut WriteConnection) + Send>),
    Close(oneshot::Sender<()>),
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(connection: WriteConnection) -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        thread::Builder::new().name("sqlite-writer".to_owned()).spawn(move || run(connection, queue))?;
        Ok(Self { jobs })
    }

    /// Runs statements in one transaction. If this future is dropped, they take effect or not.
    pub(super) async fn write(&self, queries: Vec<Query>) -> Result<Written, DriverError> {
        let (reply, written) = oneshot::channel();
        self.jobs.send(Job::Statements(Call { queries, reply })).await.map_err(|_| NoConnection::Closed)?;
        written.await.map_err(|_| NoConnection::Closed)?
    }

    /// Runs a function with the connection. A panic of the function is one of the caller.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        function: impl FnOnce(&mut Connection) -> T + Send + 'static,
    ) -> Result<T, NoConnection> {
        let (reply, returned) = oneshot::channel();
        let function = Box::new(move |connection: &mut WriteConnection| {
            // An error means that nobody waits for it any more.
            let _ = reply.send(connection.call(function));
        });
        self.jobs.send(Job::Function(function)).await.map_err(|_| NoConnection::Closed)?;
        let outcome = returned.await.map_err(|_| NoConnection::Closed)??;
        Ok(outcome.unwrap_or_else(|panic| resume_unwind(panic)))
    }

    /// Waits for the calls that were queued before, and closes the connection.
    pub(super) async fn close(&self) {
        let (reply, is_closed) = oneshot::channel();
        // Errors mean that it is closed already.
        if self.jobs.send(Job::Close(reply)).await.is_ok() {
            let _ = is_closed.await;
        }
    }
}

fn run(mut connection: WriteConnection, mut queue: mpsc::Receiver<Job>) {
    let mut next = None;
    while let Some(job) = next.take().or_else(|| queue.blocking_recv()) {
        match job {
            Job::Statements(call) => {
                let mut group = vec![call];
                while group.len() < GROUP && next.is_none() {
                    match queue.try_recv() {
                        Ok(Job::Statements(call)) => group.push(call),
                        Ok(other) => next = Some(other),
                        Err(_) => break,
                    }
                }
                write_group(&mut connection, group);
            }
            Job::Function(function) => function(&mut connection),
            Job::Close(reply) => {
                queue.close();
                drop(queue);
                drop(connection);
                // An error means that nobody waits for it any more.
                let _ = reply.send(());
                return;
            }
        }
    }
}
