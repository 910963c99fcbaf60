//! Explores every state that some operations can reach.

use std::collections::{HashMap, hash_map::Entry};

use crate::{
    broken::Broken,
    invariants,
    operation::{Operation, Start},
    run::{Actors, Run, Step},
    store::{Fault, Granularity},
};

/// Limits of what may happen in a schedule, besides the requests of the operations.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The number of operations that are abandoned.
    pub(crate) abandoned: usize,
    /// The number of times that time passes.
    pub(crate) waits: usize,
    /// The number of writes that have one of these faults.
    pub(crate) faulty: usize,
    pub(crate) faults: &'static [Fault],
    /// Whether the store has conditional writes.
    pub(crate) conditional: bool,
    /// The granularity of the store's reads.
    pub(crate) granularity: Granularity,
}

impl Limits {
    pub(crate) const NONE: Self =
        Self { abandoned: 0, waits: 0, faulty: 0, faults: &[], conditional: false, granularity: Granularity::Keys };
    pub(crate) const ABANDON: Self = Self { abandoned: 1, ..Self::NONE };
    pub(crate) const WAIT: Self = Self { waits: 1, ..Self::NONE };
    pub(crate) const REPEAT: Self = Self { faulty: 1, faults: &[Fault::Repeats], ..Self::NONE };
    pub(crate) const UNANSWERED: Self = Self { faulty: 1, faults: Fault::UNANSWERED, ..Self::NONE };
    pub(crate) const TWO_FAULTS: Self = Self { faulty: 2, faults: Fault::ALL, ..Self::NONE };
    pub(crate) const PAGES: Self = Self { granularity: Granularity::Pages, ..Self::NONE };
    pub(crate) const KEYS_FROM_THE_LAST: Self = Self { granularity: Granularity::KeysFromTheLast, ..Self::NONE };

    /// Returns the same limits for a store with conditional writes.
    pub(crate) const fn conditional(self) -> Self {
        Self { conditional: true, ..self }
    }
}

/// The result of an exploration.
#[derive(Debug, Default)]
pub(crate) struct Explored {
    /// The number of states reached.
    pub(crate) states: usize,
    /// The number of states that end a schedule.
    pub(crate) ends: usize,
    /// The first violation of an invariant, with its schedule.
    pub(crate) violation: Option<String>,
}

/// Explores every state that the operations can reach.
///
/// Of two requests that do not depend on each other, either order leads to the same state. One is explored; in the other,
/// the request that would come second sleeps (sleep sets, by Godefroid). A state that is reached again with fewer
/// operations asleep is explored for those that have woken up.
pub(crate) fn explore(start: Start, operations: &[Operation], limits: Limits, broken: Broken) -> Explored {
    let mut explored = Explored::default();
    let mut seen = HashMap::new();
    let mut schedules = vec![(Vec::new(), Actors::default())];
    while let Some((mut schedule, mut asleep)) = schedules.pop() {
        let mut run = Run::new(start, operations, limits, broken);
        schedule.iter().for_each(|step| run.apply(*step));
        loop {
            let mut steps = next_steps(&run, &schedule, limits);
            match seen.entry(run.state()) {
                Entry::Vacant(entry) => {
                    entry.insert(asleep);
                    explored.states += 1;
                    if steps.is_empty() {
                        explored.ends += 1;
                        if let Err(violation) = invariants::check(start, operations, limits, &run) {
                            let steps = schedule.iter().map(|step| format!("{step:?}")).collect::<Vec<_>>().join(" ");
                            explored.violation = Some(format!("{violation}, after {steps}"));
                            return explored;
                        }
                    }
                    steps.retain(|step| step.granted().is_none_or(|actor| !asleep.contains(actor)));
                }
                Entry::Occupied(mut entry) => {
                    let before = *entry.get();
                    let woke_up = |actor| before.contains(actor) && !asleep.contains(actor);
                    steps.retain(|step| step.granted().is_some_and(woke_up));
                    asleep = asleep.and(before);
                    entry.insert(asleep);
                }
            }
            let mut next = Vec::new();
            for step in steps {
                next.push((step, asleep.filter(|actor| run.commutes(step, actor))));
                step.granted().into_iter().for_each(|actor| asleep.insert(actor));
            }
            let Some(((first, then_asleep), others)) = next.split_first() else { break };
            // The last one is taken first.
            schedules.extend(others.iter().rev().map(|(step, asleep)| ([&schedule[..], &[*step]].concat(), *asleep)));
            schedule.push(*first);
            run.apply(*first);
            asleep = *then_asleep;
        }
    }
    explored
}

fn next_steps(run: &Run, before: &[Step], limits: Limits) -> Vec<Step> {
    let mut steps: Vec<_> = run.running().map(Step::Grant).collect();
    let late = run.store.world().has_late_writes().then_some(Step::Arrive);
    if steps.is_empty() {
        return late.into_iter().collect();
    }
    steps.extend(late);
    if before.iter().filter(|step| matches!(step, Step::Abandon(_))).count() < limits.abandoned {
        steps.extend(run.running().map(Step::Abandon));
    }
    if before.iter().filter(|step| **step == Step::Wait).count() < limits.waits {
        steps.push(Step::Wait);
    }
    if run.faults.len() < limits.faulty {
        let faults = |actor| limits.faults.iter().map(move |fault| Step::Fault(actor, *fault));
        steps.extend(run.writing().flat_map(faults));
    }
    steps
}
