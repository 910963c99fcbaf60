use std::sync::{Arc, Mutex, PoisonError};

use lucia_sql::driver::{DriverError, Query, Row};
use rusqlite::{Connection, Error, ErrorCode, Result};
use tokio::{sync::Semaphore, task::coop::consume_budget, time::timeout};

use super::{
    NoConnection,
    blocking::run_blocking,
    failure::{classify, is_interrupted, is_locked},
    reader::Reader,
    settings::Settings,
};

/// The connections that read. A look-up runs in the caller's thread; what must wait runs in a thread that may.
pub(super) struct Readers {
    settings: Settings,
    /// The last one that was used is the next, because its pages are in the caches.
    idle: Mutex<Vec<Reader>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(settings: Settings) -> Arc<Self> {
        let permits = Arc::new(Semaphore::new(settings.max_readers().min(Semaphore::MAX_PERMITS)));
        Arc::new(Self { settings, idle: Mutex::default(), permits })
    }

    pub(super) async fn fetch(self: &Arc<Self>, query: &Query, limit: usize) -> Result<Vec<Row>, DriverError> {
        // A task whose look-ups all complete at once would never let others run.
        consume_budget().await;
        if let Some(outcome) = self.fetch_now(query, limit) {
            return outcome.map_err(classify);
        }
        let query = query.clone();
        self.run(move |reader| reader.fetch(&query, limit)).await?.map_err(classify)
    }

    /// Runs a function in a thread that may wait.
    pub(super) async fn call<T: Send + 'static>(
        self: &Arc<Self>,
        run: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.run(move |reader| reader.with_time(run)).await?
    }

    /// Runs a query in this thread if there is an idle connection and the query does not have to wait.
    fn fetch_now(&self, query: &Query, limit: usize) -> Option<Result<Vec<Row>>> {
        let _permit = self.permits.try_acquire().ok()?;
        let reader = self.take()?;
        let outcome = reader.fetch_now(query, limit);
        let must_wait = outcome.as_ref().is_err_and(|error| is_locked(error) || is_interrupted(error));
        self.put(reader, &outcome);
        (!must_wait).then_some(outcome)
    }

    async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        run: impl FnOnce(&mut Reader) -> Result<T> + Send + 'static,
    ) -> Result<Result<T>, NoConnection> {
        let acquired = timeout(self.settings.pool_timeout(), Arc::clone(&self.permits).acquire_owned()).await;
        let permit = acquired.map_err(|_| NoConnection::InUse)?.map_err(|_| NoConnection::Closed)?;
        let readers = Arc::clone(self);
        run_blocking(move || {
            let _permit = permit;
            let mut reader = readers.take().map_or_else(|| Reader::open(&readers.settings), Ok)?;
            let outcome = run(&mut reader);
            readers.put(reader, &outcome);
            outcome
        })
        .await
    }

    fn take(&self) -> Option<Reader> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Keeps a connection, unless its file or memory failed, or it is not settled.
    fn put<T>(&self, reader: Reader, outcome: &Result<T>) {
        let is_kept = reader.is_settled() && outcome.as_ref().err().is_none_or(is_harmless);
        if is_kept && !self.permits.is_closed() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
        }
    }

    /// Rejects further calls, waits for those that run, and closes all connections.
    pub(super) async fn close(&self) {
        let all = u32::try_from(self.settings.max_readers()).unwrap_or(u32::MAX);
        // An error means that it is closed already.
        let running = self.permits.acquire_many(all).await;
        self.permits.close();
        drop(running);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

const fn is_harmless(error: &Error) -> bool {
    match error {
        Error::SqliteFailure(error, _) => !matches!(
            error.code,
            ErrorCode::SystemIoFailure
                | ErrorCode::OutOfMemory
                | ErrorCode::CannotOpen
                | ErrorCode::NotADatabase
                | ErrorCode::DatabaseCorrupt
        ),
        _ => true,
    }
}
