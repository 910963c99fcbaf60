use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use lucia_sql::driver::{Query, Row};
use rusqlite::{Connection, Result};

use super::{
    settings::Settings,
    statement::{fetch, settle},
};

/// The number of instructions of SQLite's virtual machine between two looks at the budget. A look-up of a session takes
/// about a hundred.
const INSTRUCTIONS: i32 = 1_000;
/// The budget of a read in the caller's thread: about a millisecond.
const STEPS: u32 = 20;
const UNLIMITED: u32 = u32::MAX;

/// A connection that only reads.
pub(super) struct Reader {
    connection: Connection,
    budget: Arc<AtomicU32>,
    busy_timeout: Duration,
    is_settled: bool,
}

impl Reader {
    pub(super) fn open(settings: &Settings) -> Result<Self> {
        let (connection, budget) = (settings.open_reader()?, Arc::new(AtomicU32::new(UNLIMITED)));
        let left = Arc::clone(&budget);
        let is_used_up = move || match left.load(Ordering::Relaxed) {
            UNLIMITED => false,
            0 => true,
            steps => {
                left.store(steps - 1, Ordering::Relaxed);
                false
            }
        };
        connection.progress_handler(INSTRUCTIONS, Some(is_used_up))?;
        connection.busy_timeout(Duration::ZERO)?;
        Ok(Self { connection, budget, busy_timeout: settings.busy_timeout(), is_settled: true })
    }

    /// Runs a query that neither waits for a lock nor takes long: it is interrupted instead.
    pub(super) fn fetch_now(&self, query: &Query, limit: usize) -> Result<Vec<Row>> {
        self.budget.store(STEPS, Ordering::Relaxed);
        fetch(&self.connection, query, limit)
    }

    /// Runs a query however long it takes.
    pub(super) fn fetch(&mut self, query: &Query, limit: usize) -> Result<Vec<Row>> {
        self.with_time(|connection| fetch(connection, query, limit))
    }

    /// Runs a function that may wait for locks.
    pub(super) fn with_time<T>(&mut self, run: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.budget.store(UNLIMITED, Ordering::Relaxed);
        self.connection.busy_timeout(self.busy_timeout)?;
        let done = run(&self.connection);
        self.is_settled = settle(&self.connection);
        self.connection.busy_timeout(Duration::ZERO)?;
        done
    }

    /// Returns `false` if a transaction or statement cannot be ended. Later reads would not see later writes.
    pub(super) const fn is_settled(&self) -> bool {
        self.is_settled
    }
}

#[cfg(test)]
mod tests {
    use lucia_sql::driver::{Query, SqlValue};
    use rusqlite::Error;

    use super::{Reader, Settings};

    /// In the caller's thread, a read must not wait.
    #[test]
    fn the_busy_timeout_applies_only_to_what_may_wait() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("file:{}?mode=rwc&socket_timeout=3", folder.path().join("test.db").display());
        let settings =
            Settings::new(&url, |connection| connection.busy_timeout(std::time::Duration::from_secs(9))).unwrap();
        drop(settings.open_writer().unwrap());
        let mut reader = Reader::open(&settings).unwrap();
        let timeout = Query::new("PRAGMA busy_timeout", []);
        for fails in [false, true] {
            assert_eq!(reader.fetch_now(&timeout, 1).unwrap(), [[SqlValue::Integer(0)]]);
            assert_eq!(reader.fetch(&timeout, 1).unwrap(), [[SqlValue::Integer(3_000)]]);
            let called = reader.with_time(|_| if fails { Err(Error::InvalidQuery) } else { Ok(()) });
            assert_eq!(called.is_err(), fails);
        }
        assert_eq!(reader.fetch_now(&timeout, 1).unwrap(), [[SqlValue::Integer(0)]]);
    }
}
