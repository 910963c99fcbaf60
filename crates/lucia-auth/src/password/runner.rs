use std::{
    io,
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
};

use tokio::sync::oneshot;

use super::{Origin, PasswordError, queue::Queue};

type Job = Box<dyn FnOnce() + Send>;

/// Runs hashing on a bounded number of separate threads.
///
/// A runtime starts and ends blocking threads, and an allocator such as glibc's keeps a hash's memory for each of them.
/// Here there are at most as many threads as concurrent hashes, and each reuses the memory of its previous hash.
#[derive(Debug)]
pub(super) struct Runner {
    queue: Arc<Queue>,
    idle: Arc<Idle>,
}

/// How many hashes may wait for each concurrent one. They take about a second.
const WAITING_PER_HASH: usize = 50;

/// The idle threads, by the senders of their jobs.
#[derive(Debug, Default)]
struct Idle(Mutex<Vec<mpsc::Sender<Job>>>);

impl Runner {
    pub(super) fn new(concurrency: Option<usize>, max_waiting: Option<usize>) -> Self {
        let concurrency = concurrency.unwrap_or_else(default_concurrency).max(1);
        let max_waiting = max_waiting.unwrap_or(concurrency.saturating_mul(WAITING_PER_HASH));
        Self { queue: Arc::new(Queue::new(concurrency, max_waiting)), idle: Arc::default() }
    }

    /// Returns an error if `run` would now.
    pub(super) fn check_room(&self, origin: &Origin) -> Result<(), PasswordError> {
        self.queue.check_room(origin)
    }

    /// Returns how many passwords may wait to be hashed.
    pub(super) fn max_waiting(&self) -> usize {
        self.queue.max_waiting()
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        origin: Origin,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let permit = self.queue.enter(origin).await?;
        let thread = self.idle.take().map_err(PasswordError::hasher)?;
        let (sender, outcome) = oneshot::channel();
        let (idle, again) = (Arc::clone(&self.idle), thread.clone());
        let job = Box::new(move || {
            let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(PasswordError::Interrupted));
            // Become idle before releasing the permit, or its next owner would start another thread.
            idle.lock().push(again);
            // A dropped call does not stop the work, so the work holds the permit rather than the caller.
            drop(permit);
            let _ = sender.send(result);
        });
        thread.send(job).map_err(|_| PasswordError::Interrupted)?;
        outcome.await.map_err(|_| PasswordError::Interrupted)?
    }
}

impl Idle {
    /// Returns an idle thread or starts one. A thread ends when the last sender of its jobs is dropped.
    fn take(&self) -> io::Result<mpsc::Sender<Job>> {
        if let Some(thread) = self.lock().pop() {
            return Ok(thread);
        }
        let (sender, jobs) = mpsc::channel::<Job>();
        thread::Builder::new()
            .name("lucia-password".to_owned())
            .spawn(move || jobs.into_iter().for_each(|job| job()))?;
        Ok(sender)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<mpsc::Sender<Job>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One less than the number of cores, so that other requests are served while users sign in.
fn default_concurrency() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn runner(concurrency: usize) -> Arc<Runner> {
        Arc::new(Runner::new(Some(concurrency), None))
    }

    /// Work that reports its start and ends on demand.
    struct Held {
        started: mpsc::Receiver<()>,
        release: mpsc::Sender<()>,
    }

    fn held() -> (Held, impl FnOnce() -> Result<(), PasswordError> + Send + 'static) {
        let (start, started) = mpsc::channel();
        let (release, released) = mpsc::channel();
        let work = move || {
            start.send(()).map_err(PasswordError::hasher)?;
            released.recv().map_err(PasswordError::hasher)
        };
        (Held { started, release }, work)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn c29_concurrency_is_bounded() {
        let runner = runner(2);
        let mut running = Vec::new();
        let mut waiting = Vec::new();
        for index in 0..4 {
            let (held, work) = held();
            let runner = Arc::clone(&runner);
            let task = tokio::spawn(async move { runner.run(Origin::Unknown, work).await });
            if index < 2 {
                held.started.recv().unwrap();
                running.push((held, task));
            } else {
                waiting.push((held, task));
            }
        }
        assert_eq!(runner.queue.free(), 0);
        for (held, _) in &waiting {
            assert!(held.started.try_recv().is_err());
        }
        for (held, task) in running.into_iter().chain(waiting) {
            held.release.send(()).unwrap();
            task.await.unwrap().unwrap();
        }
        assert_eq!(runner.queue.free(), 2);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn c29_a_dropped_call_keeps_its_permit_until_the_work_is_done() {
        let runner = runner(1);
        let (first, work) = held();
        let task = tokio::spawn({
            let runner = Arc::clone(&runner);
            async move { runner.run(Origin::Unknown, work).await }
        });
        first.started.recv().unwrap();
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(runner.queue.free(), 0);

        let (second, work) = held();
        second.release.send(()).unwrap();
        first.release.send(()).unwrap();
        runner.run(Origin::Unknown, work).await.unwrap();
        assert_eq!(runner.queue.free(), 1);
    }

    #[tokio::test]
    async fn a_panic_releases_the_permit() {
        let runner = runner(1);
        let panicking = runner.run(Origin::Unknown, || -> Result<(), PasswordError> { panic!("expected") }).await;
        assert!(matches!(panicking, Err(PasswordError::Interrupted)));
        runner.run(Origin::Unknown, || Ok(())).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn threads_do_not_exceed_the_concurrency() {
        let runner = runner(2);
        let mut threads = std::collections::HashSet::new();
        for _ in 0..20 {
            let tasks: Vec<_> = (0..4)
                .map(|_| {
                    let runner = Arc::clone(&runner);
                    tokio::spawn(
                        async move { runner.run(Origin::Unknown, || Ok(thread::current().id())).await.unwrap() },
                    )
                })
                .collect();
            for task in tasks {
                threads.insert(task.await.unwrap());
            }
        }
        assert!((1..=2).contains(&threads.len()), "{threads:?}");
    }

    #[tokio::test]
    async fn threads_end_with_their_runner() {
        let runner = runner(1);
        let (alive, ended) = mpsc::channel::<()>();
        thread_local!(static ALIVE: std::cell::RefCell<Option<mpsc::Sender<()>>> = const { std::cell::RefCell::new(None) });
        let outlives_the_work = move || {
            ALIVE.set(Some(alive));
            Ok(())
        };
        runner.run(Origin::Unknown, outlives_the_work).await.unwrap();
        drop(runner);
        // The thread's end drops the sender.
        assert_eq!(ended.recv(), Err(mpsc::RecvError));
    }

    #[test]
    fn concurrency_is_at_least_one() {
        assert!(Runner::new(None, None).queue.free() >= 1);
        assert_eq!(runner(0).queue.free(), 1);
        assert_eq!(runner(usize::MAX).queue.free(), usize::MAX);
    }
}
