//! Runs calls in transactions, several in one if they wait together.

use std::iter;

use lucia_sql::driver::{DriverError, Query};
use rusqlite::Connection;

use super::{
    call::{Call, Written},
    failure::{classify, copy, is_locked},
    statement::{execute, fetch, roll_back, run},
    write_connection::WriteConnection,
};

// Takes the write lock immediately: a transaction that reads first may not get it later (`SQLITE_BUSY_SNAPSHOT`).
const BEGIN: &str = "BEGIN IMMEDIATE";
const COMMIT: &str = "COMMIT";
const SAVEPOINT: &str = "SAVEPOINT lucia_call";
const RELEASE: &str = "RELEASE lucia_call";
const ROLLBACK_TO: &str = "ROLLBACK TO lucia_call";

type Outcome = Result<Written, DriverError>;

/// Runs several calls and commits them together. A call that fails has no effect, and the others have theirs.
pub(super) fn write_group(connection: &mut WriteConnection, mut group: Vec<Call>) {
    group.retain(|call| !call.is_dropped());
    if group.len() < 2 {
        return write_each_alone(connection, group);
    }
    match connection.write(|connection| write_together(connection, &group)) {
        Ok(Ok(Some(outcomes))) => group.into_iter().zip(outcomes).for_each(|(call, outcome)| call.finish(outcome)),
        // Each call would wait for the same lock.
        Ok(Err(error)) if is_locked(&error) => group.into_iter().for_each(|call| fail(connection, call, &error)),
        // The error of each call is its own.
        _ => write_each_alone(connection, group),
    }
}

/// Runs several calls in one transaction, and leaves it open if this returns an error, or `None` because it failed as a
/// whole. None of the calls has an effect then.
fn write_together(connection: &Connection, group: &[Call]) -> rusqlite::Result<Option<Vec<Outcome>>> {
    run(connection, BEGIN)?;
    let outcomes: Option<Vec<_>> = group.iter().map(|call| write_part(connection, &call.queries).ok()).collect();
    outcomes.map(|outcomes| run(connection, COMMIT).map(|()| outcomes)).transpose()
}

/// Runs each call in a transaction of its own.
fn write_each_alone(connection: &mut WriteConnection, group: Vec<Call>) {
    let mut group = group.into_iter();
    while let Some(call) = group.next() {
        match connection.write(|connection| write(connection, &call.queries)) {
            Ok(outcome) => call.finish(outcome),
            // Each of the others would try to open a connection, and wait for the same lock.
            Err(error) => {
                return iter::once(call).chain(group).for_each(|call| call.finish(Err(error.clone().into())));
            }
        }
    }
}

/// Answers a call with the error of the group.
fn fail(connection: &mut WriteConnection, call: Call, error: &rusqlite::Error) {
    match copy(error) {
        Some(error) => call.finish(Err(classify(error))),
        None => write_each_alone(connection, vec![call]),
    }
}

/// Runs statements in one transaction.
pub(super) fn write(connection: &Connection, queries: &[Query]) -> Outcome {
    if queries.len() == 1 {
        // A single statement is a transaction of its own.
        return write_each(connection, queries);
    }
    run(connection, BEGIN).map_err(classify)?;
    let outcome =
        write_each(connection, queries).and_then(|written| run(connection, COMMIT).map(|()| written).map_err(classify));
    if outcome.is_err() {
        roll_back(connection);
    }
    outcome
}

/// Runs statements as a part of a transaction. They have no effect if one fails. If they cannot be undone alone, or
/// SQLite has undone the whole transaction, this rolls it back and returns their error as the outer one.
pub(super) fn write_part(connection: &Connection, queries: &[Query]) -> Result<Outcome, DriverError> {
    run(connection, SAVEPOINT).map_err(classify)?;
    let outcome = write_each(connection, queries)
        .and_then(|written| run(connection, RELEASE).map(|()| written).map_err(classify));
    match outcome {
        Err(error) if run(connection, ROLLBACK_TO).and_then(|()| run(connection, RELEASE)).is_err() => {
            roll_back(connection);
            Err(error)
        }
        outcome => Ok(outcome),
    }
}

fn write_each(connection: &Connection, queries: &[Query]) -> Outcome {
    let Some((last, first)) = queries.split_last() else { return Ok(Written::default()) };
    for (step, query) in first.iter().enumerate() {
        execute(connection, query).map_err(|error| classify(error).at_step(step))?;
    }
    let rows = fetch(connection, last, usize::MAX);
    let rows = rows.map_err(|error| classify(error).at_step(first.len()))?;
    Ok(Written { rows, count: connection.changes() })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

    use lucia_sql::driver::{Query, Retry};
    use rusqlite::Connection;
    use tokio::sync::oneshot;

    use super::{Call, WriteConnection, write_group};
    use crate::rusqlite_pool::settings::Settings;

    /// In this journal mode, a commit waits for readers. If each call waited, the last one would do so for minutes.
    #[test]
    fn a_group_waits_for_a_lock_once() {
        static WAITS: AtomicU32 = AtomicU32::new(0);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let open = || Connection::open(&path).unwrap();
        let (writer, reader) = (open(), open());
        writer.execute_batch("PRAGMA journal_mode = DELETE; CREATE TABLE t (id INTEGER)").unwrap();
        reader.execute_batch("BEGIN; SELECT * FROM t").unwrap();
        let give_up = |_| {
            WAITS.fetch_add(1, SeqCst);
            false
        };
        writer.busy_handler(Some(give_up)).unwrap();
        let settings = Settings::new(&format!("file:{}", path.display()), |_| Ok(())).unwrap();
        let mut writer = WriteConnection::new(settings, writer);
        let mut write = || {
            let insert = || {
                let (reply, written) = oneshot::channel();
                (Call { queries: vec![Query::new("INSERT INTO t VALUES (1)", [])], reply }, written)
            };
            let (group, replies): (Vec<_>, Vec<_>) = (0..3).map(|_| insert()).unzip();
            write_group(&mut writer, group);
            replies
                .into_iter()
                .map(|mut reply| reply.try_recv().unwrap().map(|written| written.count))
                .collect::<Vec<_>>()
        };
        assert!(write().into_iter().all(|outcome| outcome.is_err_and(|error| error.retry == Retry::AfterPause)));
        assert_eq!(WAITS.load(SeqCst), 1);

        reader.execute_batch("COMMIT").unwrap();
        assert!(write().into_iter().all(|outcome| matches!(outcome, Ok(1))));
        let count: i64 = reader.query_row("SELECT count(*) FROM t", (), |row| row.get(0)).unwrap();
        assert_eq!(count, 3);
    }
}
