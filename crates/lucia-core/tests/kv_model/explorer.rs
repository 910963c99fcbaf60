//! Explores every schedule of some operations.

use std::collections::HashSet;

use crate::{
    broken::Broken,
    invariants,
    operation::{Operation, Start},
    run::{Run, Step},
    store::Granularity,
};

/// Limits of what may happen in a schedule, besides the requests of the operations.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The number of operations that are abandoned.
    pub(crate) abandoned: usize,
    /// The number of times that time passes.
    pub(crate) waits: usize,
    /// The number of writes that are repeated after others.
    pub(crate) repeats: usize,
    /// The granularity of the store's reads.
    pub(crate) granularity: Granularity,
}

impl Limits {
    pub(crate) const NONE: Self = Self { abandoned: 0, waits: 0, repeats: 0, granularity: Granularity::Keys };
    pub(crate) const ABANDON: Self = Self { abandoned: 1, ..Self::NONE };
    pub(crate) const WAIT: Self = Self { waits: 1, ..Self::NONE };
    pub(crate) const REPEAT: Self = Self { repeats: 1, ..Self::NONE };
    pub(crate) const PAGES: Self = Self { granularity: Granularity::Pages, ..Self::NONE };
    pub(crate) const KEYS_FROM_THE_LAST: Self = Self { granularity: Granularity::KeysFromTheLast, ..Self::NONE };
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

pub(crate) fn explore(start: Start, operations: &[Operation], limits: Limits, broken: Broken) -> Explored {
    let mut explored = Explored::default();
    let mut seen = HashSet::new();
    let mut schedules = vec![Vec::new()];
    while let Some(mut schedule) = schedules.pop() {
        let mut run = Run::new(start, operations, limits.granularity, broken);
        schedule.iter().for_each(|step| run.apply(*step));
        while seen.insert(run.state()) {
            explored.states += 1;
            let steps = next_steps(&run, &schedule, limits);
            let Some((first, others)) = steps.split_first() else {
                explored.ends += 1;
                if let Err(violation) = invariants::check(start, operations, &run) {
                    let steps = schedule.iter().map(|step| format!("{step:?}")).collect::<Vec<_>>().join(" ");
                    explored.violation = Some(format!("{violation}, after {steps}"));
                    return explored;
                }
                break;
            };
            schedules.extend(others.iter().map(|step| schedule.iter().copied().chain([*step]).collect()));
            schedule.push(*first);
            run.apply(*first);
        }
    }
    explored
}

fn next_steps(run: &Run, before: &[Step], limits: Limits) -> Vec<Step> {
    let mut steps: Vec<_> = run.running().map(Step::Grant).collect();
    if steps.is_empty() {
        return steps;
    }
    if before.iter().filter(|step| matches!(step, Step::Abandon(_))).count() < limits.abandoned {
        steps.extend(run.running().map(Step::Abandon));
    }
    if before.iter().filter(|step| **step == Step::Wait).count() < limits.waits {
        steps.push(Step::Wait);
    }
    if before.iter().filter(|step| matches!(step, Step::Repeat(_))).count() < limits.repeats {
        steps.extend(run.writing().map(Step::Repeat));
    }
    steps
}
