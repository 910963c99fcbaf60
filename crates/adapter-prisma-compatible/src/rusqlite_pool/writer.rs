use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    thread,
};

use lucia_sql::driver::{DriverError, Query};
use rusqlite::{Connection, Result};
use tokio::sync::{mpsc, oneshot};

use super::{
    call::{Call, Written},
    failure::{classify, closed},
    group::write_group,
    settings::Settings,
    statement::roll_back,
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
    Function(Box<dyn FnOnce(&mut Connection) + Send>),
    Close(oneshot::Sender<()>),
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(settings: &Settings, connection: Connection) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let busy_timeout = settings.busy_timeout();
        thread::Builder::new().name("sqlite-writer".to_owned()).spawn(move || {
            // The application may have set another one.
            let _ = connection.busy_timeout(busy_timeout);
            run(connection, queue);
        })?;
        Ok(Self { jobs })
    }

    /// Runs statements in one transaction. If this future is dropped, they take effect or not.
    pub(super) async fn write(&self, queries: Vec<Query>) -> Result<Written, DriverError> {
        let (reply, written) = oneshot::channel();
        self.jobs.send(Job::Statements(Call { queries, reply })).await.map_err(|_| classify(closed()))?;
        written.await.unwrap_or_else(|_| Err(classify(closed())))
    }

    /// Runs a function with the connection. A panic of the function is one of the caller.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        function: impl FnOnce(&mut Connection) -> T + Send + 'static,
    ) -> Result<T> {
        let (reply, returned) = oneshot::channel();
        let function = Box::new(move |connection: &mut Connection| {
            let outcome = catch_unwind(AssertUnwindSafe(|| function(connection)));
            // Later writes would be a part of the transaction.
            roll_back(connection);
            // An error means that nobody waits for it any more.
            let _ = reply.send(outcome);
        });
        self.jobs.send(Job::Function(function)).await.map_err(|_| closed())?;
        match returned.await {
            Ok(outcome) => Ok(outcome.unwrap_or_else(|panic| resume_unwind(panic))),
            Err(_) => Err(closed()),
        }
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

fn run(mut connection: Connection, mut queue: mpsc::Receiver<Job>) {
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
                write_group(&connection, group);
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
