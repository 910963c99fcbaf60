use std::{fmt, future::Future, pin::Pin, slice};

use async_trait::async_trait;
use lucia_sql::driver::{Database, Driver, DriverError, Failure, Query, Retry, Retrying, Row};

use super::{RawConnection, RawPool};
use crate::timer::TokioTimer;

/// A driver for a connection pool of the application.
pub(crate) struct PoolDriver<P>(P);

/// Runs some statements on a connection.
type Run<C, T> =
    for<'c> fn(&'c mut C, &'c [Query]) -> Pin<Box<dyn Future<Output = Result<T, DriverError>> + Send + 'c>>;

impl<P: RawPool> PoolDriver<P> {
    /// Returns a driver with retries.
    pub(crate) fn retrying(pool: P) -> Box<dyn Driver> {
        Box::new(Retrying::new(Self(pool), TokioTimer).with_idle_connections(|driver| driver.0.idle()))
    }

    async fn run<T>(
        &self,
        is_transaction: bool,
        queries: &[Query],
        run: Run<P::Connection, T>,
    ) -> Result<T, DriverError> {
        let dropped: fn(P::Object) = if self.0.must_discard_on_drop(is_transaction) { P::discard } else { drop };
        let object = self.0.checkout().await.map_err(|error| match error.retry {
            // On SQLite, the file may be locked while a new connection is set up.
            Retry::AfterPause => error,
            // The pool has already waited for as long as the application allows.
            _ => error.with_retry(Retry::Never),
        })?;
        let mut lease = scopeguard::guard(object, dropped);
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

    fn address(&self) -> Option<String> {
        self.0.address()
    }

    async fn fetch_optional(&self, query: &Query) -> Result<Option<Row>, DriverError> {
        self.run(false, slice::from_ref(query), |connection, queries| connection.fetch_optional(&queries[0])).await
    }

    async fn fetch_all(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        self.run(false, slice::from_ref(query), |connection, queries| connection.fetch_all(&queries[0])).await
    }

    async fn write_and_fetch(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        self.run(false, slice::from_ref(query), |connection, queries| connection.write_and_fetch(&queries[0])).await
    }

    async fn execute(&self, query: &Query) -> Result<u64, DriverError> {
        self.run(false, slice::from_ref(query), |connection, queries| connection.execute(&queries[0])).await
    }

    async fn execute_all(&self, queries: &[Query]) -> Result<(), DriverError> {
        self.run(true, queries, |connection, queries| connection.execute_all(queries, false)).await
    }

    async fn write_all_and_fetch(&self, queries: &[Query]) -> Result<Vec<Row>, DriverError> {
        self.run(true, queries, |connection, queries| connection.write_all_and_fetch(queries)).await
    }
}

impl<P> fmt::Debug for PoolDriver<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolDriver").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    /// A pool that has no connection to give, and counts who asks.
    struct Exhausted(Arc<AtomicUsize>, Retry);

    struct NoConnection;

    #[async_trait]
    impl RawConnection for NoConnection {
        const DATABASE: Database = Database::Sqlite;

        async fn fetch_all(&mut self, _query: &Query) -> Result<Vec<Row>, DriverError> {
            unreachable!("there is no connection")
        }

        async fn execute(&mut self, _query: &Query) -> Result<u64, DriverError> {
            unreachable!("there is no connection")
        }

        async fn execute_all(&mut self, _queries: &[Query], _is_part: bool) -> Result<(), DriverError> {
            unreachable!("there is no connection")
        }
    }

    #[async_trait]
    impl RawPool for Exhausted {
        type Connection = NoConnection;
        type Object = NoConnection;

        fn idle(&self) -> usize {
            3
        }

        fn must_discard_on_drop(&self, _is_transaction: bool) -> bool {
            false
        }

        async fn checkout(&self) -> Result<NoConnection, DriverError> {
            let asked = self.0.fetch_add(1, Ordering::Relaxed);
            let retry = if self.1 == Retry::AfterPause && asked > 0 { Retry::Never } else { self.1 };
            Err(DriverError::new(Failure::Unavailable, "no connection").with_retry(retry))
        }

        fn connection(object: &mut NoConnection) -> &mut NoConnection {
            object
        }

        fn discard(_object: NoConnection) {}

        async fn forget_statements(_object: &mut NoConnection) -> bool {
            true
        }
    }

    /// Who waits for a connection waits for as long as the pool is told to, and not several times as long.
    #[tokio::test]
    async fn a_pool_without_a_connection_is_asked_once() {
        for (retry, times) in [(Retry::IfRead, 1), (Retry::Elsewhere, 1), (Retry::AfterPause, 2)] {
            let asked = Arc::new(AtomicUsize::new(0));
            let driver = PoolDriver::retrying(Exhausted(Arc::clone(&asked), retry));
            assert!(driver.fetch_all(&Query::new("SELECT 1", [])).await.is_err());
            assert_eq!(asked.load(Ordering::Relaxed), times, "{retry:?}");
        }
    }
}
