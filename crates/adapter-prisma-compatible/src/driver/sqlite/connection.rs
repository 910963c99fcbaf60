use std::fmt;

use async_trait::async_trait;
use sqlx::{Connection as _, SqliteConnection};
use tokio::sync::Mutex;

use super::{bind, cells, classify, primary_code, run_all};
use crate::{
    dialect::{self, Dialect},
    driver::{Connection, Driver, DriverError, Query, Row, StepError, sealed::OnConnection},
};

impl Connection for SqliteConnection {}

impl OnConnection for SqliteConnection {
    #[expect(private_interfaces, reason = "nobody outside can name it, which is what seals the trait")]
    fn driver(&mut self) -> Box<dyn Driver + '_> {
        Box::new(Single(Mutex::new(self)))
    }
}

/// A connection of the application, which may be in a transaction. Nothing is tried again on it.
struct Single<'c>(Mutex<&'c mut SqliteConnection>);

#[async_trait]
impl Driver for Single<'_> {
    fn dialect(&self) -> &'static dyn Dialect {
        &dialect::Sqlite
    }

    async fn fetch_optional(&self, query: &Query) -> Result<Option<Row>, DriverError> {
        let row = bind(query).fetch_optional(&mut **self.0.lock().await).await.map_err(classify)?;
        row.as_ref().map(cells).transpose().map_err(classify)
    }

    async fn fetch_all(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        let rows = bind(query).fetch_all(&mut **self.0.lock().await).await.map_err(classify)?;
        rows.iter().map(cells).collect::<Result<_, _>>().map_err(classify)
    }

    async fn execute(&self, query: &Query) -> Result<u64, DriverError> {
        let done = bind(query).execute(&mut **self.0.lock().await).await.map_err(classify)?;
        Ok(done.rows_affected())
    }

    async fn execute_all(&self, queries: &[Query]) -> Result<(), StepError> {
        let failed = |(step, error)| StepError { step, error: classify(error) };
        let mut connection = self.0.lock().await;
        let error = match connection.begin().await {
            Ok(transaction) => return run_all(transaction, queries).await.map_err(failed),
            Err(error) => error,
        };
        if !is_in_foreign_transaction(&error) {
            return Err(failed((None, error)));
        }
        within(&mut connection, queries).await.map_err(failed)
    }
}

/// Whether the application began a transaction with a statement of its own, of which sqlx knows nothing: nothing else is
/// wrong with a `BEGIN` that takes no lock.
fn is_in_foreign_transaction(error: &sqlx::Error) -> bool {
    const ERROR: i32 = 1;
    primary_code(error) == Some(ERROR)
}

/// Runs all statements behind a savepoint, or none of them.
async fn within(connection: &mut SqliteConnection, queries: &[Query]) -> Result<(), (Option<usize>, sqlx::Error)> {
    let set = sqlx::raw_sql("SAVEPOINT lucia").execute(&mut *connection).await;
    set.map_err(|error| (None, error))?;
    for (step, query) in queries.iter().enumerate() {
        if let Err(error) = bind(query).execute(&mut *connection).await {
            // After some failures the whole transaction is gone, and the savepoint with it.
            let _ = sqlx::raw_sql("ROLLBACK TO lucia; RELEASE lucia").execute(connection).await;
            return Err((Some(step), error));
        }
    }
    let released = sqlx::raw_sql("RELEASE lucia").execute(connection).await;
    released.map(drop).map_err(|error| (None, error))
}

impl fmt::Debug for Single<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SqliteConnection").finish()
    }
}
