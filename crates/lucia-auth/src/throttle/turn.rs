use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Limit;

/// The sign-ins that are under way in this process, by their counters: for each at most as many as its limit.
///
/// Others wait until one has ended, because it may be given back. So correct ones do not refuse each other.
#[derive(Default)]
pub(super) struct Turns(Mutex<State>);

#[derive(Default)]
struct State {
    counters: HashMap<String, Arc<Semaphore>>,
    waiting: usize,
}

/// The turn of a sign-in. Its drop passes it on.
pub(crate) struct Turn<'a> {
    turns: &'a Turns,
    counter: String,
    semaphore: Arc<Semaphore>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// Waits for a turn. Returns `None` at once if `max_waiting` others wait.
    pub(super) async fn wait(&self, counter: String, limit: Limit, max_waiting: usize) -> Option<Turn<'_>> {
        let mut turn = self.join(counter, limit, max_waiting)?;
        if turn.permit.is_none() {
            // Nobody closes it.
            let permit = Arc::clone(&turn.semaphore).acquire_owned().await.ok();
            self.state().waiting -= 1;
            turn.permit = permit;
        }
        Some(turn)
    }

    /// Returns a turn that has a permit or waits for it.
    fn join(&self, counter: String, limit: Limit, max_waiting: usize) -> Option<Turn<'_>> {
        let permits = usize::try_from(limit.attempts).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        let mut state = self.state();
        let new = || Arc::new(Semaphore::new(permits));
        let semaphore = Arc::clone(state.counters.entry(counter.clone()).or_insert_with(new));
        let permit = Arc::clone(&semaphore).try_acquire_owned().ok();
        if permit.is_none() {
            if state.waiting >= max_waiting {
                return None;
            }
            state.waiting += 1;
        }
        Some(Turn { turns: self, counter, semaphore, permit })
    }

    /// Ignores poisoning: nothing panics while it holds the lock.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let has_waited = self.permit.take().is_some();
        let mut state = self.turns.state();
        if !has_waited {
            state.waiting -= 1;
        }
        // The map has one, and this turn the other.
        if Arc::strong_count(&self.semaphore) == 2 {
            state.counters.remove(&self.counter);
        }
    }
}

impl fmt::Debug for Turns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turns").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::Future,
        pin::pin,
        task::{Context, Poll, Waker},
        time::Duration,
    };

    use super::*;

    #[test]
    fn as_many_as_the_limit_have_a_turn_and_nobody_leaves_a_trace() {
        let (turns, limit) = (Turns::default(), Limit::new(2, Duration::from_secs(1)));
        let mut cx = Context::from_waker(Waker::noop());
        let wait = || Box::pin(turns.wait("ada".to_owned(), limit, 2));
        let (mut one, mut two, mut three, mut dropped, mut beyond) = (wait(), wait(), wait(), wait(), wait());
        let Poll::Ready(first) = one.as_mut().poll(&mut cx) else { panic!("it has a turn") };
        let Poll::Ready(second) = two.as_mut().poll(&mut cx) else { panic!("it has a turn") };
        assert!(dropped.as_mut().poll(&mut cx).is_pending());
        assert!(three.as_mut().poll(&mut cx).is_pending());
        assert!(matches!(beyond.as_mut().poll(&mut cx), Poll::Ready(None)));
        let other = pin!(turns.wait("eve".to_owned(), limit, 0));
        assert!(matches!(other.poll(&mut cx), Poll::Ready(Some(_))));
        assert_eq!(turns.state().waiting, 2);
        drop(dropped);
        drop(first);
        let Poll::Ready(third) = three.as_mut().poll(&mut cx) else { panic!("it has a turn") };
        assert_eq!(turns.state().counters.len(), 1);
        assert_eq!(turns.state().waiting, 0);
        drop((second, third));
        assert!(turns.state().counters.is_empty());
    }
}
