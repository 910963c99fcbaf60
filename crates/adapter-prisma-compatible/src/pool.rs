use std::{fmt, future::Future, pin::Pin, slice};

use async_trait::async_trait;
use lucia_sql::driver::{Database, Driver, DriverError, Failure, Query, Retry, Retrying, Row, Timer};

use crate::{
    raw::{RawConnection, RawPool},
    timer::TokioTimer,
};

/// Runs statements on the application's pool.
pub(crate) struct PoolDriver<P>(P);

/// Runs some statements on a connection.
type Run<C, T> =
    for<'c> fn(&'c mut C, &'c [Query]) -> Pin<Box<dyn Future<Output = Result<T, DriverError>> + Send + 'c>>;

impl<P: RawPool> PoolDriver<P> {
    /// Returns a driver that tries again.
    pub(crate) fn retrying(pool: P) -> Box<dyn Driver> {
        Box::new(Retrying::new(Self(pool)))
    }

    async fn run<T>(
        &self,
        is_transaction: bool,
        queries: &[Query],
        run: Run<P::Connection, T>,
    ) -> Result<T, DriverError> {
        let dropped: fn(P::Object) = if self.0.is_spoilt_by_drop(is_transaction) { P::discard } else { drop };
        let mut lease = scopeguard::guard(self.0.checkout().await?, dropped);
        let mut is_kept = true;
        let mut outcome = run(P::connection(&mut lease), queries).await;
        if outcome.as_ref().is_err_and(|error| error.retry == Retry::Unprepared) {
            is_kept = P::forget_statements(&mut lease).await;
            outcome = run(P::connection(&mut lease), queries).await;
        }
        if let Err(error) = &mut outcome {
            let is_unclear = matches!(error.failure, Failure::Other | Failure::Unavailable);
            if error.retry == Retry::Never && is_unclear && !P::is_alive(&mut lease).await {
                error.failure = Failure::Unavailable;
                error.retry = Retry::IfRead;
            }
            is_kept &= !matches!(error.retry, Retry::Elsewhere | Retry::IfRead);
        }
        let object = scopeguard::ScopeGuard::into_inner(lease);
        if is_kept {
            drop(object)
        } else {
            P::discard(object)
        }
        outcome
    }
}

#[async_trait]
impl<P: RawPool> Driver for PoolDriver<P> {
    fn database(&self) -> Database {
        P::Connection::DATABASE
    }

    fn timer(&self) -> &dyn Timer {
        &TokioTimer
    }

    fn idle_connections(&self) -> usize {
        self.0.idle()
    }

    async fn fetch_optional(&self, query: &Query) -> Result<Option<Row>, DriverError> {
        self.run(false, slice::from_ref(query), |connection, queries| connection.fetch_optional(&queries[0])).await
    }

    async fn fetch_all(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        self.run(false, slice::from_ref(query), |connection, queries| connection.fetch_all(&queries[0])).await
    }

    async fn write_and_fetch(&self, query: &Query) -> Result<Option<Row>, DriverError> {
        self.run(false, slice::from_ref(query), |connection, queries| connection.write_and_fetch(&queries[0])).await
    }

    async fn execute(&self, query: &Query) -> Result<u64, DriverError> {
        self.run(false, slice::from_ref(query), |connection, queries| connection.execute(&queries[0])).await
    }

    async fn execute_all(&self, queries: &[Query]) -> Result<(), DriverError> {
        self.run(true, queries, |connection, queries| connection.execute_all(queries, false)).await
    }
}

impl<P> fmt::Debug for PoolDriver<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolDriver").finish_non_exhaustive()
    }
}
