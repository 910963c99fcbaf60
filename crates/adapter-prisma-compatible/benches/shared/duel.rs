use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

/// The time for which each side runs in a turn.
const TURN: Duration = Duration::from_millis(250);
const TURNS: usize = 12;

/// A comparison of two implementations that run in turns, so that other load on the machine affects both.
pub(crate) struct Duel {
    tasks: usize,
}

impl Duel {
    pub(crate) fn new(tasks: usize) -> Self {
        Self { tasks }
    }

    /// Runs both in turns. The first turn of each warms up.
    pub(crate) async fn run<D, R, A>(
        &self,
        database: &Arc<D>,
        raw: fn(Arc<D>) -> R,
        adapter: fn(Arc<D>) -> A,
    ) -> Figures
    where
        D: Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
        A: Future<Output = ()> + Send + 'static,
    {
        let mut figures = Figures::default();
        for turn in 0..=TURNS {
            let times = (self.turn(database, raw).await, self.turn(database, adapter).await);
            if turn > 0 {
                figures.raw.push(times.0);
                figures.adapter.push(times.1);
            }
        }
        figures
    }

    /// Returns the seconds per call of all tasks together.
    #[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
    async fn turn<D, F>(&self, database: &Arc<D>, call: fn(Arc<D>) -> F) -> f64
    where
        D: Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for _ in 0..self.tasks {
            let database = Arc::clone(database);
            tasks.spawn(async move {
                let mut calls = 0_u32;
                while start.elapsed() < TURN {
                    call(Arc::clone(&database)).await;
                    calls += 1;
                }
                calls
            });
        }
        let calls: u32 = tasks.join_all().await.into_iter().sum();
        start.elapsed().as_secs_f64() / f64::from(calls)
    }
}

/// The seconds per call in each turn.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    raw: Vec<f64>,
    adapter: Vec<f64>,
}

impl Figures {
    pub(crate) async fn time_raw(&mut self, call: impl Future<Output = ()>) {
        self.raw.push(time(call).await);
    }

    pub(crate) async fn time_adapter(&mut self, call: impl Future<Output = ()>) {
        self.adapter.push(time(call).await);
    }

    /// Prints the medians, and the median of the ratios of neighbouring turns.
    pub(crate) fn print(&self, name: &str) {
        let ratios: Vec<_> = self.raw.iter().zip(&self.adapter).map(|(raw, adapter)| adapter / raw).collect();
        let [raw, adapter, ratio] = [&self.raw, &self.adapter, &ratios].map(|values| median(values));
        println!("  {name:<40} sqlx {:>9.1} us   adapter {:>9.1} us   {ratio:.2}", raw * 1e6, adapter * 1e6);
    }
}

#[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
async fn time(call: impl Future<Output = ()>) -> f64 {
    let start = Instant::now();
    call.await;
    start.elapsed().as_secs_f64()
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
