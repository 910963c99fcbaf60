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
    statement::{fetch, roll_back},
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
        Ok(Self { connection, budget, busy_timeout: settings.busy_timeout() })
    }

    /// Runs a query that neither waits for a lock nor takes long: it is interrupted instead.
    pub(super) fn fetch_now(&self, query: &Query, limit: usize) -> Result<Vec<Row>> {
        self.budget.store(STEPS, Ordering::Relaxed);
        fetch(&self.connection, query, limit)
    }

    /// Runs a query however long it takes.
    pub(super) fn fetch(&self, query: &Query, limit: usize) -> Result<Vec<Row>> {
        self.with_time(|connection| fetch(connection, query, limit))
    }

    /// Runs a function that may wait for locks.
    pub(super) fn with_time<T>(&self, run: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.budget.store(UNLIMITED, Ordering::Relaxed);
        self.connection.busy_timeout(self.busy_timeout)?;
        let done = run(&self.connection);
        // Later reads would not see later writes.
        roll_back(&self.connection);
        self.connection.busy_timeout(Duration::ZERO)?;
        done
    }
}
