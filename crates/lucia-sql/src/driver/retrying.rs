use std::{future::Future, pin::Pin, slice};

use async_trait::async_trait;

use super::{Backoff, Database, Driver, DriverError, Query, Retry, Row, Timer};

/// A driver that retries failed calls of another driver if a retry may succeed and is safe.
///
/// - After [`Retry::AfterPause`], it retries for ten seconds.
/// - After [`Retry::Elsewhere`], and after [`Retry::IfRead`] if the call only reads, it retries once for each idle
///   connection, because all of them may have failed in the same way, and twice more after a pause.
#[derive(Debug)]
pub struct Retrying<D>(D);

impl<D: Driver> Retrying<D> {
    /// Wraps a driver.
    pub const fn new(driver: D) -> Self {
        Self(driver)
    }

    async fn run<T>(&self, effect: Effect, queries: &[Query], run: Run<D, T>) -> Result<T, DriverError> {
        let replacements = self.0.idle_connections() + EXTRA;
        let mut attempts = Attempts { effect, backoff: Backoff::new(self.0.timer()), replacements };
        loop {
            match run(&self.0, queries).await {
                Ok(done) => return Ok(done),
                Err(error) if attempts.prepare_retry(error.retry).await => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// One attempt at a call.
type Run<D, T> = for<'c> fn(&'c D, &'c [Query]) -> Pin<Box<dyn Future<Output = Result<T, DriverError>> + Send + 'c>>;

/// The effect of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Read,
    Write,
}

/// The attempts at one call.
struct Attempts<'t> {
    effect: Effect,
    backoff: Backoff<'t>,
    /// The number of connections that may still be replaced. The server may have closed every idle connection or become
    /// read-only; more connections may be returned to the pool in the meantime.
    replacements: usize,
}

/// The number of replaced connections beyond those that were idle.
const EXTRA: usize = 2;

impl Attempts<'_> {
    /// Pauses if necessary, and returns `true` if a retry is safe and may succeed.
    async fn prepare_retry(&mut self, retry: Retry) -> bool {
        match retry {
            Retry::AfterPause => self.backoff.pause().await,
            Retry::Elsewhere => self.replace().await,
            Retry::IfRead if self.effect == Effect::Read => self.replace().await,
            Retry::IfRead | Retry::Unprepared | Retry::Never => false,
        }
    }

    async fn replace(&mut self) -> bool {
        let Some(left) = self.replacements.checked_sub(1) else {
            return false;
        };
        self.replacements = left;
        left >= EXTRA || self.backoff.pause().await
    }
}

#[async_trait]
impl<D: Driver> Driver for Retrying<D> {
    fn database(&self) -> Database {
        self.0.database()
    }

    fn timer(&self) -> &dyn Timer {
        self.0.timer()
    }

    fn aborts_on_error(&self) -> bool {
        self.0.aborts_on_error()
    }

    fn idle_connections(&self) -> usize {
        self.0.idle_connections()
    }

    async fn fetch_optional(&self, query: &Query) -> Result<Option<Row>, DriverError> {
        self.run(Effect::Read, slice::from_ref(query), |driver, queries| driver.fetch_optional(&queries[0])).await
    }

    async fn fetch_all(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        self.run(Effect::Read, slice::from_ref(query), |driver, queries| driver.fetch_all(&queries[0])).await
    }

    async fn write_and_fetch(&self, query: &Query) -> Result<Option<Row>, DriverError> {
        self.run(Effect::Write, slice::from_ref(query), |driver, queries| driver.write_and_fetch(&queries[0])).await
    }

    async fn execute(&self, query: &Query) -> Result<u64, DriverError> {
        self.run(Effect::Write, slice::from_ref(query), |driver, queries| driver.execute(&queries[0])).await
    }

    async fn execute_all(&self, queries: &[Query]) -> Result<(), DriverError> {
        self.run(Effect::Write, queries, |driver, queries| driver.execute_all(queries)).await
    }
}
