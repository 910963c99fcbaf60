//! Runs every schedule of some flows.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::Duration,
};

use super::stepped::Stepped;

pub(super) type Flow<T> = Pin<Box<dyn Future<Output = T>>>;

/// Wakes the thread that explores: a password was hashed.
struct Unpark {
    thread: Thread,
    is_woken: AtomicBool,
}

impl Unpark {
    fn new() -> Arc<Self> {
        Arc::new(Self { thread: thread::current(), is_woken: AtomicBool::new(false) })
    }

    fn wait(&self) {
        for _ in 0..60 {
            if self.is_woken.swap(false, Ordering::SeqCst) {
                return;
            }
            thread::park_timeout(Duration::from_secs(1));
        }
        panic!("a flow waits for another one");
    }
}

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.is_woken.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

/// Polls a future, and waits for the threads that hash, until it has ended or waits for a grant.
fn advance<T>(future: &mut Flow<T>, is_waiting: impl Fn() -> bool) -> Option<T> {
    let unpark = Unpark::new();
    let waker = Waker::from(Arc::clone(&unpark));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return Some(value),
            Poll::Pending if is_waiting() => return None,
            Poll::Pending => unpark.wait(),
        }
    }
}

/// Runs a future whose operations do not wait.
pub(super) fn finish<T>(future: impl Future<Output = T>) -> T {
    let unpark = Unpark::new();
    let waker = Waker::from(Arc::clone(&unpark));
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => unpark.wait(),
        }
    }
}

/// The decisions of a schedule: each the index of what was done next, among as many possibilities.
#[derive(Debug, Default)]
struct Schedule {
    decisions: Vec<(usize, usize)>,
    next: usize,
}

impl Schedule {
    fn decide(&mut self, possibilities: usize) -> usize {
        if self.next == self.decisions.len() {
            self.decisions.push((0, possibilities));
        }
        let (decision, of) = self.decisions[self.next];
        assert_eq!(of, possibilities, "a schedule is repeatable");
        self.next += 1;
        decision
    }

    /// Changes the last decision that has an alternative. Returns `false` after the last schedule.
    fn advance(&mut self) -> bool {
        self.next = 0;
        while let Some((decision, possibilities)) = self.decisions.pop() {
            if decision + 1 < possibilities {
                self.decisions.push((decision + 1, possibilities));
                return true;
            }
        }
        false
    }
}

/// Starts the flows again for every schedule, and calls `check` at its end with their results: `None` if one was dropped,
/// which happens to at most `abandoned` of them, before any of their operations. Returns the number of schedules, or the
/// first error of a check.
pub(super) fn explore<M, T>(
    abandoned: usize,
    start: impl Fn() -> (M, Stepped, Vec<Flow<T>>),
    check: impl Fn(&M, Vec<Option<T>>) -> Result<(), String>,
) -> Result<usize, String> {
    let mut schedule = Schedule::default();
    let mut schedules = 0;
    loop {
        let (model, stepped, flows) = start();
        stepped.gate(Some(flows.len()));
        let mut flows: Vec<_> = flows.into_iter().map(Some).collect();
        let mut results: Vec<_> = flows.iter().map(|_| None).collect();
        let step = |actor: usize, flow: &mut Option<Flow<T>>, result: &mut Option<T>| {
            stepped.grant(actor);
            if let Some(running) = flow {
                *result = advance(running, || stepped.is_waiting(actor));
                if result.is_some() {
                    *flow = None;
                }
            }
        };
        // Up to its first operation, a flow changes nothing.
        for actor in 0..flows.len() {
            step(actor, &mut flows[actor], &mut results[actor]);
        }
        let mut left = abandoned;
        loop {
            let running: Vec<_> = (0..flows.len()).filter(|actor| flows[*actor].is_some()).collect();
            if running.is_empty() {
                break;
            }
            let possibilities = running.len() * if left > 0 { 2 } else { 1 };
            let decision = schedule.decide(possibilities);
            let actor = running[decision % running.len()];
            if decision < running.len() {
                step(actor, &mut flows[actor], &mut results[actor]);
            } else {
                flows[actor] = None;
                left -= 1;
            }
        }
        stepped.gate(None);
        schedules += 1;
        check(&model, results).map_err(|violation| format!("{violation}, after {:?}", schedule.decisions))?;
        if !schedule.advance() {
            return Ok(schedules);
        }
    }
}
