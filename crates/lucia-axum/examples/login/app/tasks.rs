use std::future::Future;

use tokio::{sync::watch, task::JoinHandle};
use tracing::Instrument as _;

/// Starts tasks that complete although the client disconnects, and before the program ends.
#[derive(Clone)]
pub(crate) struct Tasks(watch::Sender<()>);

impl Tasks {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(()))
    }

    /// Starts a task. Its events name the present request.
    pub(super) fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        let running = self.0.subscribe();
        let task = async move {
            let output = work.await;
            drop(running);
            output
        };
        tokio::spawn(task.in_current_span())
    }

    /// Waits until no task is running.
    pub(crate) async fn completed(&self) {
        self.0.closed().await;
    }
}
