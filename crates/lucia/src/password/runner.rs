use std::{num::NonZero, sync::Arc, thread};

use tokio::{runtime::Handle, sync::Semaphore};

use super::PasswordError;

/// Runs hashing on blocking threads, so many at a time.
#[derive(Debug)]
pub(super) struct Runner {
    permits: Arc<Semaphore>,
}

impl Runner {
    pub(super) fn new(concurrency: Option<usize>) -> Self {
        let concurrency = concurrency.unwrap_or_else(default_concurrency).clamp(1, Semaphore::MAX_PERMITS);
        Self { permits: Arc::new(Semaphore::new(concurrency)) }
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let runtime = Handle::try_current().map_err(|_| PasswordError::NoRuntime)?;
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| PasswordError::Interrupted)?;
        let task = runtime.spawn_blocking(move || {
            // A caller who gives up does not stop the work, so the work holds the permit, not the caller.
            let _permit = permit;
            work()
        });
        task.await.map_err(|_| PasswordError::Interrupted)?
    }
}

/// One core less than there are, so that everybody else's requests are answered while people sign in.
fn default_concurrency() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Work that says when it starts and ends when it is told to.
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
    async fn c29_no_more_than_so_many_run_at_once() {
        let runner = Arc::new(Runner::new(Some(2)));
        let mut running = Vec::new();
        let mut waiting = Vec::new();
        for index in 0..4 {
            let (held, work) = held();
            let runner = Arc::clone(&runner);
            let task = tokio::spawn(async move { runner.run(work).await });
            if index < 2 {
                held.started.recv().unwrap();
                running.push((held, task));
            } else {
                waiting.push((held, task));
            }
        }
        assert_eq!(runner.permits.available_permits(), 0);
        for (held, _) in &waiting {
            assert!(held.started.try_recv().is_err());
        }
        for (held, task) in running.into_iter().chain(waiting) {
            held.release.send(()).unwrap();
            task.await.unwrap().unwrap();
        }
        assert_eq!(runner.permits.available_permits(), 2);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn c29_a_caller_who_gives_up_keeps_the_place_until_the_work_is_done() {
        let runner = Arc::new(Runner::new(Some(1)));
        let (first, work) = held();
        let task = tokio::spawn({
            let runner = Arc::clone(&runner);
            async move { runner.run(work).await }
        });
        first.started.recv().unwrap();
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(runner.permits.available_permits(), 0);

        let (second, work) = held();
        second.release.send(()).unwrap();
        first.release.send(()).unwrap();
        runner.run(work).await.unwrap();
        assert_eq!(runner.permits.available_permits(), 1);
    }

    #[tokio::test]
    async fn a_panic_gives_the_place_back() {
        let runner = Runner::new(Some(1));
        let panicking = runner.run(|| -> Result<(), PasswordError> { panic!("as told") }).await;
        assert!(matches!(panicking, Err(PasswordError::Interrupted)));
        runner.run(|| Ok(())).await.unwrap();
    }

    #[test]
    fn one_at_least_may_run() {
        assert!(Runner::new(None).permits.available_permits() >= 1);
        assert_eq!(Runner::new(Some(0)).permits.available_permits(), 1);
        assert!(Runner::new(Some(usize::MAX)).permits.available_permits() > 1);
    }
}
