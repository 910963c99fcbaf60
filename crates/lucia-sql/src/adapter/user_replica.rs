use std::{error::Error, pin::pin, time::Duration};

use futures_util::future::{Either, select};

use crate::driver::{Driver, DriverError, Query, Row, Timer};

/// The time for which a replica is waited for.
const TIMEOUT: Duration = Duration::from_secs(1);

/// A replica of the database, from which users of sessions are read.
#[derive(Debug)]
pub(super) struct UserReplica {
    driver: Box<dyn Driver>,
    timer: &'static dyn Timer,
}

impl UserReplica {
    pub(super) fn new(driver: Box<dyn Driver>, timer: &'static dyn Timer) -> Self {
        Self { driver, timer }
    }

    /// Returns the rows that these queries find, or none if the replica fails or is late. Callers ask the primary for what
    /// is missing.
    pub(super) async fn fetch(&self, queries: &[Query]) -> Vec<Row> {
        match select(pin!(self.fetch_all(queries)), self.timer.sleep(TIMEOUT)).await {
            Either::Left((Ok(rows), _)) => rows,
            Either::Left((Err(error), _)) => {
                let error: &(dyn Error + 'static) = &error;
                tracing::warn!(error, "users read from the primary, because the replica failed");
                Vec::new()
            }
            Either::Right(_) => {
                tracing::warn!("users read from the primary, because the replica did not answer in time");
                Vec::new()
            }
        }
    }

    async fn fetch_all(&self, queries: &[Query]) -> Result<Vec<Row>, DriverError> {
        let mut rows = Vec::new();
        for query in queries {
            rows.extend(self.driver.fetch_all(query).await?);
        }
        Ok(rows)
    }
}
