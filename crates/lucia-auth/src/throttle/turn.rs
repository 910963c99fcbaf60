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
pub(super) struct Turns(Mutex<HashMap<String, Arc<Semaphore>>>);

/// The turn of a sign-in. Its drop passes it on.
pub(crate) struct Turn<'a> {
    turns: &'a Turns,
    counter: String,
    semaphore: Arc<Semaphore>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Turns {
    pub(super) async fn wait(&self, counter: String, limit: Limit) -> Turn<'_> {
        let permits = usize::try_from(limit.attempts).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        let new = || Arc::new(Semaphore::new(permits));
        let semaphore = Arc::clone(self.lock().entry(counter.clone()).or_insert_with(new));
        let mut turn = Turn { turns: self, counter, semaphore, permit: None };
        // Nobody closes it.
        turn.permit = Arc::clone(&turn.semaphore).acquire_owned().await.ok();
        turn
    }

    /// Ignores poisoning: nothing panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Semaphore>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        drop(self.permit.take());
        let mut turns = self.turns.lock();
        // The map has one, and this turn the other.
        if Arc::strong_count(&self.semaphore) == 2 {
            turns.remove(&self.counter);
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
        let wait = || Box::pin(turns.wait("ada".to_owned(), limit));
        let (mut one, mut two, mut three, mut dropped) = (wait(), wait(), wait(), wait());
        let Poll::Ready(first) = one.as_mut().poll(&mut cx) else { panic!("it has a turn") };
        let Poll::Ready(second) = two.as_mut().poll(&mut cx) else { panic!("it has a turn") };
        assert!(dropped.as_mut().poll(&mut cx).is_pending());
        assert!(three.as_mut().poll(&mut cx).is_pending());
        let other = pin!(turns.wait("eve".to_owned(), limit));
        assert!(other.poll(&mut cx).is_ready());
        drop(dropped);
        drop(first);
        let Poll::Ready(third) = three.as_mut().poll(&mut cx) else { panic!("it has a turn") };
        assert_eq!(turns.lock().len(), 1);
        drop((second, third));
        assert!(turns.lock().is_empty());
    }
}
