use std::{
    env,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

type Run = dyn Fn(usize, Duration) -> Pin<Box<dyn Future<Output = f64>>>;

/// One way to do an operation.
pub(crate) struct Side {
    name: &'static str,
    run: Box<Run>,
}

impl Side {
    /// An operation that is done over and over. It is given a number that no other call has.
    pub(crate) fn new<F, T>(name: &'static str, operation: F) -> Self
    where
        F: Fn(usize) -> T + Clone + Send + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        Self { name, run: Box::new(move |tasks, duration| Box::pin(rate(tasks, duration, operation.clone()))) }
    }
}

/// Measures the sides in turns, so that whatever else the machine does falls on all of them, and prints each one's rate as
/// a share of the first one's in the same round.
///
/// `prepare` runs before each turn.
pub(crate) async fn compare(title: &str, tasks: &[usize], sides: &[Side], prepare: impl AsyncFn()) {
    let (rounds, duration) = (from_env("LUCIA_BENCH_ROUNDS", 9), from_env("LUCIA_BENCH_MILLISECONDS", 500));
    let duration = Duration::from_millis(duration);
    for &tasks in tasks {
        println!("\n{title}, {tasks} tasks: operations per second, and share of the first in the same round");
        let mut rates = vec![Vec::new(); sides.len()];
        for round in 0..=rounds {
            for turn in 0..sides.len() {
                // Nobody always follows the same one.
                let position = (turn + usize::try_from(round).unwrap_or(0)) % sides.len();
                prepare().await;
                let rate = (sides[position].run)(tasks, duration).await;
                // The first round warms up.
                if round > 0 {
                    rates[position].push(rate);
                }
            }
        }
        for (side, own) in sides.iter().zip(&rates) {
            let shares: Vec<_> = own.iter().zip(&rates[0]).map(|(own, first)| own / first).collect();
            let (low, middle, high) = spread(&shares);
            println!("{:<34} {:>9.0}/s  {middle:.2} ({low:.2} to {high:.2})", side.name, spread(own).1);
        }
    }
}

/// Operations per second of so many tasks.
async fn rate<F, T>(tasks: usize, duration: Duration, operation: F) -> f64
where
    F: Fn(usize) -> T + Clone + Send + 'static,
    T: Future<Output = ()> + Send + 'static,
{
    let ended = Arc::new(AtomicBool::new(false));
    let start = now();
    let running: Vec<_> = (0..tasks)
        .map(|task| {
            let (operation, ended) = (operation.clone(), Arc::clone(&ended));
            tokio::spawn(async move {
                let mut done = 0;
                while !ended.load(Ordering::Relaxed) {
                    operation(done * tasks + task).await;
                    done += 1;
                }
                done
            })
        })
        .collect();
    tokio::time::sleep(duration).await;
    ended.store(true, Ordering::Relaxed);
    let mut done = 0;
    for task in running {
        done += task.await.expect("no operation fails");
    }
    done as f64 / start.elapsed().as_secs_f64()
}

/// The lowest, the median, the highest.
fn spread(values: &[f64]) -> (f64, f64, f64) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    (sorted[0], sorted[sorted.len() / 2], sorted[sorted.len() - 1])
}

fn from_env(name: &str, default: u64) -> u64 {
    env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

#[expect(clippy::disallowed_methods, reason = "measuring")]
fn now() -> Instant {
    Instant::now()
}
