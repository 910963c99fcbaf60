use std::fmt;

use async_trait::async_trait;
use sqlx::{Connection as _, MySqlConnection};
use tokio::sync::Mutex;

use super::{
    bind, cells,
    errors::{classify, is_no_savepoint},
    run_all,
};
use crate::{
    dialect::{self, Dialect},
    driver::{Connection, Driver, DriverError, Query, Row, StepError, sealed::OnConnection},
};

impl Connection for MySqlConnection {}

impl OnConnection for MySqlConnection {
    #[expect(private_interfaces, reason = "nobody outside can name it, which is what seals the trait")]
    fn driver(&mut self) -> Box<dyn Driver + '_> {
        Box::new(Single(Mutex::new(self)))
    }
}

/// A connection of the application, which may be in a transaction. Nothing is tried again on it.
struct Single<'c>(Mutex<&'c mut MySqlConnection>);

#[async_trait]
impl Driver for Single<'_> {
    fn dialect(&self) -> &'static dyn Dialect {
        &dialect::MySql
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
        let mut connection = self.0.lock().await;
        let done = if connection.is_in_transaction() || !is_in_foreign_transaction(&mut connection).await? {
            let transaction = connection.begin().await;
            match transaction {
                Ok(transaction) => run_all(transaction, queries).await,
                Err(error) => Err((None, error)),
            }
        } else {
            within(&mut connection, queries).await
        };
        done.map_err(|(step, error)| StepError { step, error: classify(error) })
    }
}

/// Whether the application began a transaction with a statement of its own, of which sqlx knows nothing: one more `BEGIN`
/// would commit it. Outside of a transaction a savepoint is gone at once, and no error. In one it stays.
async fn is_in_foreign_transaction(connection: &mut MySqlConnection) -> Result<bool, StepError> {
    let set = async {
        sqlx::raw_sql("SAVEPOINT `lucia`").execute(&mut *connection).await?;
        sqlx::raw_sql("ROLLBACK TO SAVEPOINT `lucia`").execute(connection).await
    };
    match set.await {
        Ok(_) => Ok(true),
        Err(error) if is_no_savepoint(&error) => Ok(false),
        Err(error) => Err(StepError { step: None, error: classify(error) }),
    }
}

/// Runs all statements behind the savepoint, or none of them.
async fn within(connection: &mut MySqlConnection, queries: &[Query]) -> Result<(), (Option<usize>, sqlx::Error)> {
    for (step, query) in queries.iter().enumerate() {
        if let Err(error) = bind(query).execute(&mut *connection).await {
            // After a deadlock the whole transaction is gone, and the savepoint with it.
            let _ = sqlx::raw_sql("ROLLBACK TO SAVEPOINT `lucia`").execute(connection).await;
            return Err((Some(step), error));
        }
    }
    let released = sqlx::raw_sql("RELEASE SAVEPOINT `lucia`").execute(connection).await;
    released.map(drop).map_err(|error| (None, error))
}

impl fmt::Debug for Single<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MySqlConnection").finish()
    }
}
