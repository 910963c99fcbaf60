//! What is tried again, how often, and after which pauses.

use std::time::Duration;

use lucia_sql::driver::{Database, Driver as _, DriverError, Failure, Query, Retry};

use crate::scripted::Scripted;

/// A driver that fails so often.
fn failing(times: usize, retry: Retry, idle: usize) -> Scripted {
    let driver = Scripted { idle, ..Scripted::new(Database::Sqlite) };
    let errors = (0..times).map(|_| DriverError::new(Failure::Unavailable, "busy").with_retry(retry));
    driver.outcomes.lock().unwrap().extend(errors);
    driver
}

fn attempts(driver: &Scripted) -> usize {
    driver.runs.lock().unwrap().len()
}

fn query() -> Query {
    Query::new("SELECT 1", [])
}

#[tokio::test]
async fn what_is_in_the_way_is_waited_for_ten_seconds() {
    let driver = failing(usize::from(u16::MAX), Retry::AfterPause, 0);
    let error = driver.retrying().execute(&query()).await.unwrap_err();
    assert_eq!(error.failure, Failure::Unavailable);
    let pauses = driver.clock.pauses();
    let total: Duration = pauses.iter().sum();
    assert!((Duration::from_secs(10)..Duration::from_millis(10_050)).contains(&total), "{total:?}");
    assert_eq!(pauses[..7], [1, 2, 4, 8, 16, 32, 50].map(Duration::from_millis));
    assert_eq!(attempts(&driver), pauses.len() + 1);
}

#[tokio::test]
async fn a_lost_connection_is_replaced_for_reads_alone() {
    for read in [true, false] {
        let driver = failing(1, Retry::IfRead, 0);
        let retrying = driver.retrying();
        let done = if read {
            retrying.fetch_all(&query()).await.map(drop)
        } else {
            retrying.execute(&query()).await.map(drop)
        };
        assert_eq!((done.is_ok(), attempts(&driver)), if read { (true, 2) } else { (false, 1) });
    }
    let driver = failing(1, Retry::IfRead, 0);
    let retrying = driver.retrying();
    assert!(retrying.write_and_fetch(&query()).await.is_err() && attempts(&driver) == 1);
    let driver = failing(1, Retry::IfRead, 0);
    let retrying = driver.retrying();
    assert!(retrying.execute_all(&[query()]).await.is_err() && attempts(&driver) == 1);
    let driver = failing(1, Retry::IfRead, 0);
    let retrying = driver.retrying();
    assert!(retrying.write_all_and_fetch(&[query()]).await.is_err() && attempts(&driver) == 1);
}

/// Each connection that waits in the pool may be of no use.
#[tokio::test]
async fn every_idle_connection_is_replaced_and_two_more() {
    let driver = failing(9, Retry::Elsewhere, 3);
    assert!(driver.retrying().execute(&query()).await.is_err());
    assert_eq!(attempts(&driver), 6);
    assert_eq!(driver.clock.pauses(), [1, 2].map(Duration::from_millis), "pauses before the last two");
    let driver = failing(5, Retry::Elsewhere, 3);
    assert!(driver.retrying().execute(&query()).await.is_ok());
}

#[tokio::test]
async fn nothing_else_is_tried_again() {
    for retry in [Retry::Never, Retry::Unprepared] {
        let driver = failing(1, retry, 3);
        assert!(driver.retrying().fetch_optional(&query()).await.is_err());
        assert_eq!(attempts(&driver), 1, "{retry:?}");
    }
}
