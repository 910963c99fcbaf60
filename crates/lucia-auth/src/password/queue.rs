use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::oneshot;

use super::{Origin, PasswordError};

/// A full queue of the default length takes about this long.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Permits to hash, and the calls that wait for one.
///
/// A permit goes to each origin in turn. When the queue is full, the newest call of the origin with the most waiting ones
/// makes room for an origin with fewer.
pub(super) struct Queue {
    max_waiting: usize,
    state: Mutex<State>,
}

struct State {
    /// Permits that nobody has. While there are some, nobody waits.
    free: usize,
    waiting: usize,
    last_id: u64,
    /// One for each origin that waits, in the order of their turns.
    lines: VecDeque<Line>,
}

/// The waiting calls of one origin, the oldest first. Never empty.
struct Line {
    origin: Origin,
    waiting: VecDeque<Waiter>,
}

struct Waiter {
    id: u64,
    turn: oneshot::Sender<Permit>,
}

/// The right to hash one password. Its drop passes it on.
pub(super) struct Permit(Arc<Queue>);

/// A place in the queue. Its drop leaves the queue.
struct Place {
    queue: Arc<Queue>,
    id: u64,
    turn: oneshot::Receiver<Permit>,
}

enum Joined {
    Admitted(Permit),
    Waiting(Place),
}

impl Queue {
    pub(super) fn new(permits: usize, max_waiting: usize) -> Self {
        let state = State { free: permits, waiting: 0, last_id: 0, lines: VecDeque::new() };
        Self { max_waiting, state: Mutex::new(state) }
    }

    /// Waits for a permit.
    pub(super) async fn enter(self: &Arc<Self>, origin: Origin) -> Result<Permit, PasswordError> {
        match self.join(origin)? {
            Joined::Admitted(permit) => Ok(permit),
            Joined::Waiting(mut place) => (&mut place.turn).await.map_err(|_| busy()),
        }
    }

    pub(super) const fn max_waiting(&self) -> usize {
        self.max_waiting
    }

    /// Returns an error if `enter` would now.
    pub(super) fn check_room(&self, origin: &Origin) -> Result<(), PasswordError> {
        let state = self.state();
        let has_room = state.free > 0 || state.waiting < self.max_waiting || state.line_to_shorten(origin).is_some();
        if has_room { Ok(()) } else { Err(busy()) }
    }

    fn join(self: &Arc<Self>, origin: Origin) -> Result<Joined, PasswordError> {
        // Dropped after the lock, because the drop of a waiter wakes its task.
        let _refused;
        let mut state = self.state();
        if state.free > 0 {
            state.free -= 1;
            return Ok(Joined::Admitted(Permit(Arc::clone(self))));
        }
        if state.waiting >= self.max_waiting {
            let line = state.line_to_shorten(&origin).ok_or_else(busy)?;
            _refused = state.lines[line].waiting.pop_back();
            state.waiting -= 1;
        }
        let (sender, turn) = oneshot::channel();
        let id = state.push(origin, sender);
        Ok(Joined::Waiting(Place { queue: Arc::clone(self), id, turn }))
    }

    fn pass_on(self: &Arc<Self>) {
        let next = self.state().next_or_free();
        if let Some(turn) = next {
            // If the call was dropped meanwhile, the permit comes back, and its drop passes it on again.
            let _ = turn.send(Permit(Arc::clone(self)));
        }
    }

    #[cfg(test)]
    pub(super) fn free(&self) -> usize {
        self.state().free
    }

    /// Ignores poisoning: nothing panics while it holds the lock.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn push(&mut self, origin: Origin, turn: oneshot::Sender<Permit>) -> u64 {
        self.last_id += 1;
        self.waiting += 1;
        let waiter = Waiter { id: self.last_id, turn };
        match self.lines.iter_mut().find(|line| line.origin == origin) {
            Some(line) => line.waiting.push_back(waiter),
            None => self.lines.push_back(Line { origin, waiting: VecDeque::from([waiter]) }),
        }
        self.last_id
    }

    /// Returns the longest line, if it stays at least as long as that of the origin after both have changed by one.
    fn line_to_shorten(&self, origin: &Origin) -> Option<usize> {
        let own = self.lines.iter().find(|line| line.origin == *origin).map_or(0, |line| line.waiting.len());
        let (index, longest) = self.lines.iter().enumerate().max_by_key(|(_, line)| line.waiting.len())?;
        (longest.waiting.len() >= own + 2).then_some(index)
    }

    /// Removes the first call of the origin whose turn it is. Without one, the permit is free.
    fn next_or_free(&mut self) -> Option<oneshot::Sender<Permit>> {
        let Some(mut line) = self.lines.pop_front() else {
            self.free += 1;
            return None;
        };
        let next = line.waiting.pop_front();
        self.waiting -= 1;
        if !line.waiting.is_empty() {
            self.lines.push_back(line);
        }
        next.map(|waiter| waiter.turn)
    }

    /// Removes a call, unless it was admitted or refused.
    fn remove(&mut self, id: u64) -> Option<Waiter> {
        let find = |line: &Line| line.waiting.iter().position(|waiter| waiter.id == id);
        let (index, position) = self.lines.iter().enumerate().find_map(|(index, line)| Some((index, find(line)?)))?;
        let line = &mut self.lines[index];
        let removed = line.waiting.remove(position);
        self.waiting -= 1;
        if line.waiting.is_empty() {
            self.lines.remove(index);
        }
        removed
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.pass_on();
    }
}

impl Drop for Place {
    /// Runs before the drop of `turn`, in which a permit may have arrived.
    fn drop(&mut self) {
        let _removed = self.queue.state().remove(self.id);
    }
}

const fn busy() -> PasswordError {
    PasswordError::Busy { retry_after: RETRY_AFTER }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("max_waiting", &self.max_waiting).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::Future,
        pin::{Pin, pin},
        task::{Context, Poll, Waker},
    };

    use lucia_core::KeyId;
    use proptest::prelude::*;

    use super::*;

    type Entering = Pin<Box<dyn Future<Output = Result<Permit, PasswordError>>>>;

    fn origin(name: &str) -> Origin {
        Origin::Key(KeyId::from_stored(name))
    }

    fn poll(entering: &mut Entering) -> Poll<Result<Permit, PasswordError>> {
        entering.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    }

    /// Starts to wait, and fails if it was admitted or refused at once.
    fn wait(queue: &Arc<Queue>, name: &str) -> Entering {
        let mut entering = enter(queue, name);
        assert!(poll(&mut entering).is_pending(), "{name}");
        entering
    }

    fn enter(queue: &Arc<Queue>, name: &str) -> Entering {
        let (queue, origin) = (Arc::clone(queue), origin(name));
        Box::pin(async move { queue.enter(origin).await })
    }

    fn admitted(entering: &mut Entering) -> Option<Permit> {
        match poll(entering) {
            Poll::Ready(Ok(permit)) => Some(permit),
            _ => None,
        }
    }

    fn is_refused(entering: &mut Entering) -> bool {
        matches!(poll(entering), Poll::Ready(Err(PasswordError::Busy { .. })))
    }

    /// Returns the free permits and the waiting calls, and checks that both are counted right.
    fn counts(queue: &Queue) -> (usize, usize) {
        let state = queue.state();
        let waiting: usize = state.lines.iter().map(|line| line.waiting.len()).sum();
        assert_eq!(state.waiting, waiting);
        assert!(state.lines.iter().all(|line| !line.waiting.is_empty()));
        assert!(state.free == 0 || waiting == 0);
        (state.free, waiting)
    }

    #[test]
    fn origins_take_turns() {
        let queue = Arc::new(Queue::new(1, 10));
        let mut permit = admitted(&mut enter(&queue, "a"));
        let mut waiting: Vec<_> =
            ["a", "a", "a", "b", "b", "c"].iter().map(|name| (*name, wait(&queue, name))).collect();
        let mut order = String::new();
        while !waiting.is_empty() {
            drop(permit.take());
            let index = waiting.iter_mut().position(|(_, entering)| {
                permit = admitted(entering);
                permit.is_some()
            });
            order.push_str(waiting.remove(index.unwrap()).0);
        }
        assert_eq!(order, "abcaba");
        drop(permit);
        assert_eq!(counts(&queue), (1, 0));
    }

    #[test]
    fn a_full_queue_refuses_the_newest_call_of_the_longest_line() {
        let queue = Arc::new(Queue::new(1, 4));
        let permit = admitted(&mut enter(&queue, "attacker"));
        let mut attacker: Vec<_> = (0..4).map(|_| wait(&queue, "attacker")).collect();
        assert!(queue.check_room(&origin("attacker")).is_err());
        assert!(is_refused(&mut enter(&queue, "attacker")), "its own line is as long");

        assert!(queue.check_room(&origin("ada")).is_ok());
        let mut ada = wait(&queue, "ada");
        assert!(is_refused(&mut attacker[3]));
        assert!(attacker[..3].iter_mut().all(|entering| poll(entering).is_pending()));
        let mut eve = wait(&queue, "eve");
        assert!(is_refused(&mut attacker[2]));
        assert!(is_refused(&mut enter(&queue, "ada")), "two wait for the attacker, one for each of the others");
        assert!(is_refused(&mut enter(&queue, "attacker")));
        assert_eq!(counts(&queue), (0, 4));

        drop(permit);
        let first = admitted(&mut attacker[0]).unwrap();
        assert!(admitted(&mut ada).is_none());
        drop(first);
        drop(admitted(&mut ada).unwrap());
        drop(admitted(&mut eve).unwrap());
        drop(admitted(&mut attacker[1]).unwrap());
        assert_eq!(counts(&queue), (1, 0));
    }

    #[test]
    fn a_queue_without_places_refuses_at_once() {
        let queue = Arc::new(Queue::new(1, 0));
        let permit = admitted(&mut enter(&queue, "ada"));
        assert!(is_refused(&mut enter(&queue, "eve")));
        drop(permit);
        assert!(admitted(&mut enter(&queue, "eve")).is_some());
        assert_eq!(counts(&queue), (1, 0));
    }

    #[test]
    fn a_dropped_call_leaves_its_place() {
        let queue = Arc::new(Queue::new(1, 2));
        let permit = admitted(&mut enter(&queue, "ada"));
        let (first, mut second) = (wait(&queue, "ada"), wait(&queue, "eve"));
        assert!(is_refused(&mut enter(&queue, "bob")));
        drop(first);
        let third = wait(&queue, "bob");
        drop(permit);
        let permit = admitted(&mut second).unwrap();
        // The permit arrives, and the call is dropped before it looks.
        drop(permit);
        drop(third);
        assert_eq!(counts(&queue), (1, 0));
    }

    #[test]
    fn the_error_says_when_to_retry() {
        let queue = Arc::new(Queue::new(1, 0));
        let _permit = admitted(&mut enter(&queue, "ada"));
        let mut entering = pin!(queue.enter(origin("ada")));
        let Poll::Ready(Err(error)) = entering.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("admitted")
        };
        assert_eq!(error.to_string(), "too many passwords are waiting to be hashed");
        assert!(matches!(error, PasswordError::Busy { retry_after } if retry_after == RETRY_AFTER));
    }

    proptest! {
        /// Whatever is dropped when, no permit and no place is lost.
        #[test]
        fn nothing_leaks(permits in 1usize..4, places in 0usize..6, steps in prop::collection::vec((0u8..4, 0u8..4, 0usize..8), 0..60)) {
            let queue = Arc::new(Queue::new(permits, places));
            let (mut entering, mut held) = (Vec::new(), Vec::new());
            for (step, name, index) in steps {
                match step {
                    0 => entering.push(enter(&queue, &name.to_string())),
                    1 if !entering.is_empty() => {
                        let index = index % entering.len();
                        if let Poll::Ready(result) = poll(&mut entering[index]) {
                            drop(entering.swap_remove(index));
                            held.extend(result);
                        }
                    }
                    2 if !entering.is_empty() => drop(entering.swap_remove(index % entering.len())),
                    3 if !held.is_empty() => drop(held.swap_remove(index % held.len())),
                    _ => {}
                }
                let (free, waiting) = counts(&queue);
                prop_assert!(free + held.len() <= permits);
                prop_assert!(waiting <= places);
            }
            drop(entering);
            drop(held);
            prop_assert_eq!(counts(&queue), (permits, 0));
        }
    }
}
