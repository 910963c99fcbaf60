use std::{future::Future, pin::Pin, slice};

use async_trait::async_trait;

use super::{Backoff, Database, Driver, DriverError, Query, Retry, Row, Timer};

/// A driver that retries failed calls of another driver if a retry may succeed and is safe.
///
/// - After [`Retry::AfterPause`], it retries for ten seconds.
/// - After [`Retry::Elsewhere`], and after [`Retry::IfRead`] if the call only reads, it retries once for each idle
///   connection, because all of them may have failed in the same way, and twice more after a pause.
#[derive(Debug)]
pub struct Retrying<D, T> {
    driver: D,
    timer: T,
    idle_connections: fn(&D) -> usize,
}

impl<D: Driver, T: Timer> Retrying<D, T> {
    /// Wraps a driver. The timer is that of its async runtime.
    pub const fn new(driver: D, timer: T) -> Self {
        Self { driver, timer, idle_connections: |_| 0 }
    }

    /// Sets the function that returns the number of idle connections in the driver's pool. The server may have closed
    /// any of them. Defaults to 0 connections.
    #[must_use]
    pub fn with_idle_connections(self, count: fn(&D) -> usize) -> Self {
        Self { idle_connections: count, ..self }
    }

    async fn run<R>(&self, effect: Effect, queries: &[Query], run: Run<D, R>) -> Result<R, DriverError> {
        let replacements = (self.idle_connections)(&self.driver) + EXTRA;
        let mut attempts = Attempts { effect, backoff: Backoff::new(&self.timer), replacements };
        loop {
            match run(&self.driver, queries).await {
                Ok(done) => return Ok(done),
                Err(error) if attempts.prepare_retry(error.retry).await => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// One attempt at a call.
type Run<D, R> = for<'c> fn(&'c D, &'c [Query]) -> Pin<Box<dyn Future<Output = Result<R, DriverError>> + Send + 'c>>;

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
impl<D: Driver, T: Timer> Driver for Retrying<D, T> {
    fn database(&self) -> Database {
        self.driver.database()
    }

    fn address(&self) -> Option<String> {
        self.driver.address()
    }

    fn aborts_on_error(&self) -> bool {
        self.driver.aborts_on_error()
    }

    async fn fetch_optional(&self, query: &Query) -> Result<Option<Row>, DriverError> {
        self.run(Effect::Read, slice::from_ref(query), |driver, queries| driver.fetch_optional(&queries[0])).await
    }

    async fn fetch_all(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        self.run(Effect::Read, slice::from_ref(query), |driver, queries| driver.fetch_all(&queries[0])).await
    }

    async fn write_and_fetch(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        self.run(Effect::Write, slice::from_ref(query), |driver, queries| driver.write_and_fetch(&queries[0])).await
    }

    async fn execute(&self, query: &Query) -> Result<u64, DriverError> {
        self.run(Effect::Write, slice::from_ref(query), |driver, queries| driver.execute(&queries[0])).await
    }

    async fn execute_all(&self, queries: &[Query]) -> Result<(), DriverError> {
        self.run(Effect::Write, queries, |driver, queries| driver.execute_all(queries)).await
    }

    async fn write_all_and_fetch(&self, queries: &[Query]) -> Result<Vec<Row>, DriverError> {
        self.run(Effect::Write, queries, |driver, queries| driver.write_all_and_fetch(queries)).await
    }
}
