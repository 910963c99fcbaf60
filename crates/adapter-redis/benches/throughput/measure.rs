use std::{
    cell::{Cell, RefCell},
    env, fs,
    future::Future,
    hash::{BuildHasher as _, RandomState},
    pin::Pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use test_servers::NodeBench;

type Run = dyn Fn(usize, Duration) -> Pin<Box<dyn Future<Output = (usize, Duration)>>>;

/// One implementation of an operation.
pub(crate) struct Side {
    name: &'static str,
    /// The process that it runs in.
    process: u32,
    run: Box<Run>,
}

impl Side {
    /// The operation, which is called repeatedly, each time with a unique number.
    pub(crate) fn new<F, T>(name: &'static str, operation: F) -> Self
    where
        F: Fn(usize) -> T + Clone + Send + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        let run = move |tasks, duration| -> Pin<Box<dyn Future<Output = _>>> {
            Box::pin(work(tasks, duration, operation.clone()))
        };
        Self { name, process: std::process::id(), run: Box::new(run) }
    }

    /// A function of a Node.js process.
    pub(crate) fn in_node(name: &'static str, node: &Rc<RefCell<NodeBench>>, subject: &'static str) -> Self {
        let (node, process) = (Rc::clone(node), node.borrow().pid());
        // The last turn tells how many calls take as long as one.
        let last = Cell::new(1_000.0);
        let run = move |tasks: usize, duration: Duration| -> Pin<Box<dyn Future<Output = _>>> {
            let wanted = duration.as_secs_f64() * 1e6 / last.get();
            let calls = (wanted as usize / tasks).max(1) * tasks;
            last.set(node.borrow_mut().time_of(subject, tasks, calls, 0));
            let elapsed = Duration::from_secs_f64(last.get() * calls as f64 / 1e6);
            Box::pin(std::future::ready((calls, elapsed)))
        };
        Self { name, process, run: Box::new(run) }
    }
}

/// Measures the sides in many short turns, so that other load affects all of them equally, and prints each
/// one's rate and cost relative to the first.
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
            // The order changes, because the state of threads after one side affects the next.
            order.sort_by_cached_key(|side| random.hash_one((round, side)));
            for &position in &order {
                prepare().await;
                let process = sides[position].process;
                let before = (cpu(process), cpu(server));
                let (done, elapsed) = (sides[position].run)(tasks, duration).await;
                // The first round warms up.
                if round > 0 {
                    let total = &mut totals[position];
                    total.done += done as f64;
                    total.seconds += elapsed.as_secs_f64();
                    total.client += cpu(process) - before.0;
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

/// The results of one side.
#[derive(Clone, Default)]
struct Total {
    done: f64,
    seconds: f64,
    /// The processor time of the side's process, in seconds.
    client: f64,
    server: f64,
}

impl Total {
    fn rate(&self) -> f64 {
        self.done / self.seconds
    }
}

/// Returns the processor time of the threads of a process, in seconds. It is the cost of an operation even if other
/// programs slow both sides down.
fn cpu(process: u32) -> f64 {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let spent = threads.filter_map(|thread| fs::read_to_string(thread.path().join("schedstat")).ok());
    let nanoseconds = spent.filter_map(|spent| spent.split(' ').next()?.parse::<u64>().ok());
    nanoseconds.sum::<u64>() as f64 / 1e9
}

/// Pins a process to the last processor. A server that moves between processors makes rates differ by half from one run to
/// the next.
#[cfg(target_os = "linux")]
pub(crate) fn pin(process: u32) {
    use rustix::thread::{CpuSet, Pid, sched_getaffinity, sched_setaffinity};

    let allowed = sched_getaffinity(None).expect("the affinity of this process");
    let last = (0..CpuSet::MAX_CPU).rfind(|processor| allowed.is_set(*processor));
    let mut processors = CpuSet::new();
    processors.set(last.expect("at least one processor"));
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    sched_setaffinity(process, &processors).expect("permission to set the affinity of the server");
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn pin(_process: u32) {}

/// Returns the number of operations that this number of tasks did, and the time.
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
        done += task.await.expect("an operation failed");
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
