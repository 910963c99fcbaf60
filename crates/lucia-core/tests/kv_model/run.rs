//! Runs operations step by step.

use std::{
    future::Future,
    hash::{DefaultHasher, Hash, Hasher},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use lucia_core::{AdapterErrorKind, AdapterResult, Clock, ManualClock, kv::KvSessionAdapter};

use crate::{
    broken::{Broken, Write},
    explorer::Limits,
    operation::{NOW, Operation, Start, USER, layout},
    store::{Fault, ModelStore},
};

/// A step of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Grants the next request of an operation.
    Grant(usize),
    /// Grants the next write of an operation, with a fault.
    Fault(usize, Fault),
    /// Carries out a write that was late.
    Arrive,
    /// Drops an operation.
    Abandon(usize),
    /// Lets time pass, until the first session expires unless it was renewed.
    Wait,
}

impl Step {
    /// Returns the operation whose request is granted once.
    pub(crate) const fn granted(self) -> Option<usize> {
        match self {
            Self::Grant(actor) => Some(actor),
            Self::Fault(..) | Self::Arrive | Self::Abandon(_) | Self::Wait => None,
        }
    }
}

/// A set of operations.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Actors(u8);

impl Actors {
    pub(crate) const fn contains(self, actor: usize) -> bool {
        self.0 & 1 << actor != 0
    }

    pub(crate) const fn insert(&mut self, actor: usize) {
        self.0 |= 1 << actor;
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) fn filter(self, keep: impl Fn(usize) -> bool) -> Self {
        let mut kept = Self::default();
        (0..8).filter(|actor| self.contains(*actor) && keep(*actor)).for_each(|actor| kept.insert(actor));
        kept
    }
}

/// The state of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Progress {
    Running,
    Ended(Result<(), AdapterErrorKind>),
    Abandoned,
}

type Running = Pin<Box<dyn Future<Output = AdapterResult<()>>>>;

pub(crate) struct Run {
    pub(crate) store: ModelStore,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) progress: Vec<Progress>,
    futures: Vec<Option<Running>>,
    pub(crate) faults: Vec<Fault>,
}

/// Polls a future that never waits.
pub(crate) fn finish<T>(future: impl Future<Output = T>) -> T {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the future is pending"),
    }
}

impl Run {
    pub(crate) fn new(start: Start, operations: &[Operation], limits: Limits, broken: Broken) -> Self {
        let clock = Arc::new(ManualClock::new(NOW));
        // The store works correctly during the set-up.
        let store = ModelStore::new(Arc::clone(&clock), operations.len(), limits.granularity, broken)
            .conditional_if(limits.conditional)
            .keeping_expired(start.keeps_expired());
        store.world().actor = usize::MAX;
        finish(start.set_up(&start.adapter(store.clone(), Arc::clone(&clock)))).unwrap();
        if start == Start::LateDeletion {
            store.delay(Write { key: layout().user_revoked_key(&USER.into()), value: None });
        }
        store.world().free = false;
        let futures = operations.iter().map(|operation| {
            let (operation, clock) = (*operation, Arc::clone(&clock));
            let adapter = start.adapter(store.clone(), Arc::clone(&clock));
            let running: Running = Box::pin(async move { operation.perform(&adapter, &clock).await });
            Some(running)
        });
        let futures = futures.collect();
        let progress = vec![Progress::Running; operations.len()];
        let mut run = Self { store, clock, progress, futures, faults: Vec::new() };
        // Polls each operation up to its first request, which changes nothing.
        (0..operations.len()).for_each(|actor| run.apply(Step::Grant(actor)));
        run
    }

    pub(crate) fn running(&self) -> impl Iterator<Item = usize> {
        (0..self.progress.len()).filter(|actor| self.progress[*actor] == Progress::Running)
    }

    /// Returns the running operations whose next request is a write.
    pub(crate) fn writing(&self) -> impl Iterator<Item = usize> {
        self.running().filter(|actor| self.store.world().writing.contains(actor))
    }

    /// Returns `true` if a step and the next request of an operation lead to the same state in either order.
    pub(crate) fn commutes(&self, step: Step, actor: usize) -> bool {
        match step {
            Step::Grant(other) => other != actor && self.store.world().are_independent(other, actor),
            Step::Abandon(other) => other != actor,
            Step::Fault(..) | Step::Arrive | Step::Wait => false,
        }
    }

    pub(crate) fn apply(&mut self, step: Step) {
        match step {
            Step::Wait => self.clock.advance(Duration::from_secs(3 * 3_600)),
            Step::Abandon(actor) => {
                self.futures[actor] = None;
                self.progress[actor] = Progress::Abandoned;
            }
            Step::Fault(actor, fault) => {
                self.faults.push(fault);
                self.store.world().fault = Some(fault);
                self.apply(Step::Grant(actor));
            }
            Step::Arrive => self.store.arrive(),
            Step::Grant(actor) => {
                self.store.world().actor = actor;
                let Some(future) = &mut self.futures[actor] else { return };
                if let Poll::Ready(outcome) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                    self.progress[actor] = Progress::Ended(outcome.map_err(|error| error.kind()));
                    self.futures[actor] = None;
                }
            }
        }
    }

    /// Returns a hash of everything that determines what can still happen.
    pub(crate) fn state(&self) -> u64 {
        let mut state = DefaultHasher::new();
        self.store.world().hash_into(&mut state);
        (&self.progress, self.clock.now().get(), &self.faults).hash(&mut state);
        state.finish()
    }

    /// Returns an adapter that does not wait, for checks after the run.
    pub(crate) fn adapter(&self, start: Start) -> KvSessionAdapter<ModelStore> {
        self.store.world().free = true;
        self.store.world().actor = usize::MAX;
        start.adapter(self.store.clone(), Arc::clone(&self.clock))
    }
}
