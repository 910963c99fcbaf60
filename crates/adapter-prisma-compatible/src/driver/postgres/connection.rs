use std::fmt;

use async_trait::async_trait;
use sqlx::{Connection as _, PgConnection};
use tokio::sync::Mutex;

use super::{bind, cells, failure::classify, run_all};
use crate::{
    dialect::{self, Dialect},
    driver::{Connection, Driver, DriverError, Query, Row, StepError, sealed::OnConnection},
};

impl Connection for PgConnection {}

impl OnConnection for PgConnection {
    #[expect(private_interfaces, reason = "nobody outside can name it, which is what seals the trait")]
    fn driver(&mut self) -> Box<dyn Driver + '_> {
        Box::new(Single(Mutex::new(self)))
    }
}

/// A connection of the application, which may be in a transaction. Nothing is tried again on it.
struct Single<'c>(Mutex<&'c mut PgConnection>);

#[async_trait]
impl Driver for Single<'_> {
    fn dialect(&self) -> &'static dyn Dialect {
        &dialect::Postgres
    }

    /// A statement that fails ends the transaction that it is in.
    fn aborts_on_error(&self) -> bool {
        true
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
        let transaction = connection.begin().await.map_err(|error| failed((None, error)))?;
        run_all(transaction, queries).await.map_err(failed)
    }
}

impl fmt::Debug for Single<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PgConnection").finish()
    }
}
