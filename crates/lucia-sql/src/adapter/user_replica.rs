use std::{
    error::Error,
    pin::pin,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};

use futures_util::future::{Either, select};

use crate::driver::{Driver, DriverError, Query, Row, Timer};

/// The time for which a replica is waited for.
const TIMEOUT: Duration = Duration::from_secs(1);

/// A replica of the database, from which users of sessions are read.
#[derive(Debug)]
pub(super) struct UserReplica {
    driver: Box<dyn Driver>,
    timer: &'static dyn Timer,
    /// `true` if the last answer was not in time, or an error.
    is_failing: AtomicBool,
}

impl UserReplica {
    pub(super) fn new(driver: Box<dyn Driver>, timer: &'static dyn Timer) -> Self {
        Self { driver, timer, is_failing: AtomicBool::new(false) }
    }

    /// Returns the rows that these queries find, or none if the replica fails or is late. Callers ask the primary for what
    /// is missing. Logs when the replica begins to fail and when it answers again, and not each call.
    pub(super) async fn fetch(&self, queries: &[Query]) -> Vec<Row> {
        match select(pin!(self.fetch_all(queries)), self.timer.sleep(TIMEOUT)).await {
            Either::Left((Ok(rows), _)) => {
                if self.is_failing.swap(false, Relaxed) {
                    tracing::info!("users read from the replica again");
                }
                rows
            }
            Either::Left((Err(error), _)) => {
                if !self.is_failing.swap(true, Relaxed) {
                    let error: &(dyn Error + 'static) = &error;
                    tracing::warn!(error, "users read from the primary, because the replica failed");
                }
                Vec::new()
            }
            Either::Right(_) => {
                if !self.is_failing.swap(true, Relaxed) {
                    tracing::warn!("users read from the primary, because the replica did not answer in time");
                }
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
