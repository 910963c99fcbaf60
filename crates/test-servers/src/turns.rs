use std::{
    hash::{BuildHasher as _, RandomState},
    time::Instant,
};

/// The times of some subjects, in microseconds per call, which were measured in alternating turns, so that other load
/// affects all of them.
#[derive(Clone, Debug)]
pub struct Turns<const N: usize> {
    rounds: Vec<[f64; N]>,
}

impl<const N: usize> Turns<N> {
    /// Measures each subject once in every round. `time_of` returns the microseconds per call of the one with this index.
    /// A round before the first warms up.
    pub async fn measure(rounds: usize, mut time_of: impl AsyncFnMut(usize) -> f64) -> Self {
        let mut measured = Vec::with_capacity(rounds);
        let (mut order, random) = (std::array::from_fn::<_, N, _>(|subject| subject), RandomState::new());
        for round in 0..=rounds {
            // The order changes, because the state of threads after one subject affects the next.
            order.sort_by_cached_key(|subject| random.hash_one((round, subject)));
            let mut times = [0.0; N];
            for subject in order {
                times[subject] = time_of(subject).await;
            }
            measured.push(times);
        }
        measured.remove(0);
        Self { rounds: measured }
    }

    /// Returns the median of the times of a subject.
    #[must_use]
    pub fn median(&self, subject: usize) -> f64 {
        median(self.rounds.iter().map(|times| times[subject]))
    }

    /// Returns the median of the ratios of a subject to a control in the same round.
    #[must_use]
    pub fn ratio(&self, subject: usize, control: usize) -> f64 {
        median(self.rounds.iter().map(|times| times[subject] / times[control]))
    }
}

/// Calls a function with the numbers below `calls` from this number of concurrent tasks, and returns the microseconds per
/// call.
///
/// # Panics
/// Panics outside of a Tokio runtime, or if a call panics.
#[expect(clippy::disallowed_methods, reason = "measures time")]
pub async fn time_of_calls<T>(tasks: u64, calls: u64, call: impl Fn(u64) -> T + Clone + Send + 'static) -> f64
where
    T: Future<Output = ()> + Send,
{
    let start = Instant::now();
    let running = (0..tasks).map(|task| {
        let call = call.clone();
        tokio::spawn(async move {
            for number in (task..calls).step_by(tasks as usize) {
                call(number).await;
                // A call that never waits would keep the others from running.
                tokio::task::consume_budget().await;
            }
        })
    });
    for task in running.collect::<Vec<_>>() {
        task.await.expect("no panic");
    }
    start.elapsed().as_secs_f64() * 1e6 / calls as f64
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<_> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
