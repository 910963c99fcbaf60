use std::{
    env, fs,
    future::Future,
    hash::{BuildHasher as _, RandomState},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

type Run = dyn Fn(usize, Duration) -> Pin<Box<dyn Future<Output = (usize, Duration)>>>;

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
        Self { name, run: Box::new(move |tasks, duration| Box::pin(work(tasks, duration, operation.clone()))) }
    }
}

/// Measures the sides in many short turns, so that whatever else the machine does falls on all of them alike, and prints each
/// one's rate and what it costs, as a share of the first one's.
///
/// `prepare` runs before each turn.
pub(crate) async fn compare(title: &str, tasks: &[usize], server: u32, sides: &[Side], prepare: impl AsyncFn()) {
    let (rounds, duration) = (from_env("LUCIA_BENCH_ROUNDS", 100), from_env("LUCIA_BENCH_MILLISECONDS", 50));
    let duration = Duration::from_millis(duration);
    for &tasks in tasks {
        println!("\n{title}, {tasks} tasks");
        println!("{:<34} {:>11} {:>6}  {:>16} {:>6}", "", "per second", "share", "CPU us, server's", "share");
        let mut totals = vec![Total::default(); sides.len()];
        let (mut order, random) = ((0..sides.len()).collect::<Vec<_>>(), RandomState::new());
        for round in 0..=rounds {
            // What one side leaves behind, of threads asleep and awake, another finds, and not always the same one.
            order.sort_by_cached_key(|side| random.hash_one((round, side)));
            for &position in &order {
                prepare().await;
                let before = (cpu(std::process::id()), cpu(server));
                let (done, elapsed) = (sides[position].run)(tasks, duration).await;
                // The first round warms up.
                if round > 0 {
                    let total = &mut totals[position];
                    total.done += done as f64;
                    total.seconds += elapsed.as_secs_f64();
                    total.client += cpu(std::process::id()) - before.0;
                    total.server += cpu(server) - before.1;
                }
            }
        }
        for (side, total) in sides.iter().zip(&totals) {
            let [client, server] = [total.client, total.server].map(|seconds| seconds * 1e6 / total.done);
            let cost = (total.client + total.server) / total.done;
            let first = (totals[0].client + totals[0].server) / totals[0].done;
            println!(
                "{:<34} {:>11.0} {:>6.2}  {:>9.1} {server:>6.1} {:>6.2}",
                side.name,
                total.rate(),
                total.rate() / totals[0].rate(),
                client + server,
                cost / first
            );
        }
    }
}

/// What the turns of one side came to.
#[derive(Clone, Default)]
struct Total {
    done: f64,
    seconds: f64,
    /// Of this process's time on processors, in seconds.
    client: f64,
    server: f64,
}

impl Total {
    fn rate(&self) -> f64 {
        self.done / self.seconds
    }
}

/// The time that the threads of a process have spent on processors, in seconds. It tells what an operation costs where other
/// programs keep both sides waiting.
fn cpu(process: u32) -> f64 {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let spent = threads.filter_map(|thread| fs::read_to_string(thread.path().join("schedstat")).ok());
    let nanoseconds = spent.filter_map(|spent| spent.split(' ').next()?.parse::<u64>().ok());
    nanoseconds.sum::<u64>() as f64 / 1e9
}

/// Keeps a process on the last processor. A server that wanders between processors makes rates differ by half from one run to
/// the next.
#[cfg(target_os = "linux")]
pub(crate) fn pin(process: u32) {
    use rustix::thread::{CpuSet, Pid, sched_getaffinity, sched_setaffinity};

    let allowed = sched_getaffinity(None).expect("a process knows where it may run");
    let last = (0..CpuSet::MAX_CPU).rfind(|processor| allowed.is_set(*processor));
    let mut processors = CpuSet::new();
    processors.set(last.expect("this runs somewhere"));
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    sched_setaffinity(process, &processors).expect("the server is ours");
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn pin(_process: u32) {}

/// How many operations so many tasks have done, and in what time.
async fn work<F, T>(tasks: usize, duration: Duration, operation: F) -> (usize, Duration)
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
    (done, start.elapsed())
}

fn from_env(name: &str, default: u64) -> u64 {
    env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

#[expect(clippy::disallowed_methods, reason = "measuring")]
fn now() -> Instant {
    Instant::now()
}
