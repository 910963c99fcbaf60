//! Runs calls in transactions, several in one if they wait together.

use lucia_sql::driver::{DriverError, Query};
use rusqlite::{Connection, Result};

use super::{
    call::{Call, Written},
    failure::{classify, copy},
    statement::{execute, fetch},
};

// Takes the write lock immediately: a transaction that reads first may not get it later (`SQLITE_BUSY_SNAPSHOT`).
const BEGIN: &str = "BEGIN IMMEDIATE";
const COMMIT: &str = "COMMIT";
const ROLLBACK: &str = "ROLLBACK";
const SAVEPOINT: &str = "SAVEPOINT lucia";
const RELEASE: &str = "RELEASE lucia";
const ROLLBACK_TO: &str = "ROLLBACK TO lucia";

/// Runs several calls and commits them together. A call that fails has no effect, and the others have theirs.
pub(super) fn write_group(connection: &Connection, mut group: Vec<Call>) {
    group.retain(|call| !call.is_dropped());
    if group.len() < 2 {
        return group.into_iter().for_each(|call| write_alone(connection, call));
    }
    if let Err(error) = run(connection, BEGIN) {
        return group.into_iter().for_each(|call| fail(connection, call, &error));
    }
    let outcomes: Vec<_> = group.iter().map(|call| write_in_group(connection, call)).collect();
    let is_committed = outcomes.iter().all(Option::is_some) && run(connection, COMMIT).is_ok();
    if !is_committed {
        // SQLite has rolled back already after some errors. Each call is made alone, so that the error is its own.
        let _ = run(connection, ROLLBACK);
        return group.into_iter().for_each(|call| write_alone(connection, call));
    }
    for (call, outcome) in group.into_iter().zip(outcomes.into_iter().flatten()) {
        call.finish(outcome);
    }
}

/// Runs one call as a part of the group's transaction. Returns `None` if the whole transaction failed.
fn write_in_group(connection: &Connection, call: &Call) -> Option<Result<Written, DriverError>> {
    if connection.is_autocommit() {
        return None;
    }
    let outcome = write_part(connection, &call.queries);
    (!connection.is_autocommit()).then_some(outcome)
}

fn write_alone(connection: &Connection, call: Call) {
    let outcome = write(connection, &call.queries);
    call.finish(outcome);
}

/// Answers a call with the error of the group.
fn fail(connection: &Connection, call: Call, error: &rusqlite::Error) {
    match copy(error) {
        Some(error) => call.finish(Err(classify(error))),
        None => write_alone(connection, call),
    }
}

/// Runs statements in one transaction.
pub(super) fn write(connection: &Connection, queries: &[Query]) -> Result<Written, DriverError> {
    if queries.len() == 1 {
        // A single statement is a transaction of its own.
        return write_each(connection, queries);
    }
    run(connection, BEGIN).map_err(classify)?;
    let outcome =
        write_each(connection, queries).and_then(|written| run(connection, COMMIT).map(|()| written).map_err(classify));
    if outcome.is_err() {
        // SQLite has rolled back already after some errors.
        let _ = run(connection, ROLLBACK);
    }
    outcome
}

/// Runs statements as a part of a transaction. They have no effect if one fails.
pub(super) fn write_part(connection: &Connection, queries: &[Query]) -> Result<Written, DriverError> {
    run(connection, SAVEPOINT).map_err(classify)?;
    let outcome = write_each(connection, queries);
    if outcome.is_err() {
        // After some errors, SQLite has rolled back the whole transaction with the savepoint.
        let _ = run(connection, ROLLBACK_TO);
        let _ = run(connection, RELEASE);
        return outcome;
    }
    run(connection, RELEASE).map_err(classify)?;
    outcome
}

fn write_each(connection: &Connection, queries: &[Query]) -> Result<Written, DriverError> {
    let Some((last, first)) = queries.split_last() else { return Ok(Written::default()) };
    for (step, query) in first.iter().enumerate() {
        execute(connection, query).map_err(|error| classify(error).at_step(step))?;
    }
    let rows = fetch(connection, last, usize::MAX);
    let rows = rows.map_err(|error| classify(error).at_step(first.len()))?;
    Ok(Written { rows, count: connection.changes() })
}

fn run(connection: &Connection, statement: &str) -> Result<()> {
    connection.prepare_cached(statement)?.execute(()).map(drop)
}
