use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use lucia_core::async_trait;
use lucia_sql::driver::{Database, Driver, DriverError, Family, Pool, Query, Retrying, Row, SqlValue, Timer};

/// A statement that was run: its text, and the values in the order of the placeholders.
pub(crate) type Run = (String, Vec<SqlValue>);

/// A driver that does what it is told next, and records what it runs.
#[derive(Clone, Debug)]
pub(crate) struct Scripted {
    pub(crate) database: Database,
    pub(crate) idle: usize,
    pub(crate) outcomes: Arc<Mutex<VecDeque<DriverError>>>,
    pub(crate) rows: Vec<Row>,
    pub(crate) runs: Arc<Mutex<Vec<Run>>>,
    /// The text of each run, as it was given.
    pub(crate) texts: Arc<Mutex<Vec<Arc<str>>>>,
    pub(crate) clock: ManualTimer,
}

impl Scripted {
    pub(crate) fn new(database: Database) -> Self {
        let clock = ManualTimer::default();
        let (outcomes, runs, texts) = (Arc::default(), Arc::default(), Arc::default());
        Self { database, idle: 0, outcomes, rows: Vec::new(), runs, texts, clock }
    }

    pub(crate) fn retrying(&self) -> Retrying<Self, ManualTimer> {
        Retrying::new(self.clone(), self.clock.clone()).with_idle_connections(|driver| driver.idle)
    }

    fn run(&self, query: &Query) -> Result<(), DriverError> {
        self.texts.lock().unwrap().push(Arc::clone(query.sql()));
        self.runs.lock().unwrap().push((query.sql().to_string(), query.bound().cloned().collect()));
        self.outcomes.lock().unwrap().pop_front().map_or(Ok(()), Err)
    }
}

#[async_trait]
impl Driver for Scripted {
    fn database(&self) -> Database {
        self.database
    }

    async fn fetch_all(&self, query: &Query) -> Result<Vec<Row>, DriverError> {
        self.run(query).map(|()| self.rows.clone())
    }

    async fn execute(&self, query: &Query) -> Result<u64, DriverError> {
        self.run(query).map(|()| 1)
    }

    async fn execute_all(&self, queries: &[Query]) -> Result<(), DriverError> {
        queries.iter().try_for_each(|query| self.run(query))
    }

    async fn write_all_and_fetch(&self, queries: &[Query]) -> Result<Vec<Row>, DriverError> {
        queries.iter().try_for_each(|query| self.run(query)).map(|()| self.rows.clone())
    }
}

impl Family for Scripted {
    const NAME: &'static str = "Scripted";
    const TIMER: &'static dyn Timer = &NoTimer;
}

impl Pool<Self> for Scripted {
    fn driver(&self) -> Box<dyn Driver> {
        Box::new(self.retrying())
    }
}

/// A clock that stands still but for pauses, which take no time.
#[derive(Clone, Debug, Default)]
pub(crate) struct ManualTimer(Arc<Mutex<Vec<Duration>>>);

impl ManualTimer {
    pub(crate) fn pauses(&self) -> Vec<Duration> {
        self.0.lock().unwrap().clone()
    }
}

#[async_trait]
impl Timer for ManualTimer {
    fn now(&self) -> Duration {
        self.0.lock().unwrap().iter().sum()
    }

    async fn sleep(&self, pause: Duration) {
        self.0.lock().unwrap().push(pause);
    }
}

/// The timer of a driver on which nothing is created.
#[derive(Debug)]
struct NoTimer;

#[async_trait]
impl Timer for NoTimer {
    fn now(&self) -> Duration {
        unreachable!("only the creation of tables asks for the time")
    }

    async fn sleep(&self, _pause: Duration) {
        unreachable!("only the creation of tables pauses")
    }
}
